/** What credits need of others; main joins them. Each is the part of a module's front door that is used here. */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { Ledger } from '#ledger/ledger.ts';
import type { HeldParts, LeastPrices } from './funding.ts';

export type Viewer = Readonly<{ tenantId: string; isOperator: boolean }>;

/** Answers only with models that the viewer may see. */
export type ModelDirectory = Readonly<{
  find: (name: string, viewer: Viewer) => Promise<Readonly<{ id: string; name: string }> | null>;
}>;

/** Tells a tenant what happened, in the transaction in which it does. */
export type Outbox = Readonly<{
  send: (
    tx: Database,
    notice: Readonly<{
      tenantId: string;
      kind: 'grant.expiring' | 'quota.used_up' | 'plan.changed' | 'plan.unpaid' | 'plan.ended';
      data: Readonly<Record<string, string>>;
      key: string;
    }>,
  ) => Promise<unknown>;
}>;

export type CreditsParts = Readonly<{
  database: Database;
  ledger: Pick<Ledger, 'postAll' | 'requireFloor'>;
  models: ModelDirectory;
  heldParts: HeldParts;
  leastPrice: LeastPrices;
  /** Without it nobody is told. */
  outbox?: Outbox;
  clock: Clock;
  log: Log;
}>;
