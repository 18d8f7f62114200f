/** For tests: credits on a real ledger, with models and prices that are made up. */
import { createManualClock } from '#platform/clock.ts';
import { type Database, sql, transaction } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { platformAccount, tenantCredit } from '#ledger/entry.ts';
import { type Ledger, createLedger } from '#ledger/ledger.ts';
import { parseAmount } from '#ledger/money.ts';
import { type Credits, createCredits } from './credits.ts';
import type { FundedEvent, FundingPart } from './funding.ts';
import type { Viewer } from './ports.ts';

export const OPERATOR: Viewer = { tenantId: 'ten_operator', isOperator: true };

/** Every token of every model costs at least so much. */
export const LEAST_PICO = 2n;

export type Notice = Readonly<{ tenantId: string; kind: string; key: string }>;

export type Bench = Readonly<{
  database: Database;
  clock: ReturnType<typeof createManualClock>;
  ledger: Ledger;
  credits: Credits;
  /** What tenants were told, one of a kind and key. */
  told: readonly Notice[];
  /** Cash without a payment. */
  topUp: (tenantId: string, amount: string) => Promise<void>;
  /** Funds and posts as metering does, in one transaction. */
  charge: (events: readonly FundedEvent[]) => Promise<readonly (readonly FundingPart[])[]>;
  balanceOf: (accountId: string) => Promise<bigint>;
}>;

export function createBench(database: Database): Bench {
  const clock = createManualClock(Date.parse('2026-03-01T00:00:00Z'));
  const told: Notice[] = [];
  const ledger: Ledger = createLedger({
    database,
    covering: {
      coverOf: (tx, request) => credits.covering.coverOf(tx, request),
      stopOf: async (tx, request) => (await credits.covering.stopOf?.(tx, request)) ?? null,
    },
    clock,
    log: silentLog,
  });
  const credits = createCredits({
    database,
    ledger,
    models: { find: async (name) => (name.includes('none') ? null : { id: `mdl_${name}`, name }) },
    heldParts: ledger.leases.heldParts,
    leastPrice: async () => ({ unit: 'token', unitPico: LEAST_PICO }),
    outbox: {
      send: async (_tx, { tenantId, kind, key }) => {
        if (told.some((each) => each.kind === kind && each.key === key)) return;
        told.push({ tenantId, kind, key });
      },
    },
    clock,
    log: silentLog,
  });
  let topUps = 0;
  return {
    database,
    clock,
    ledger,
    credits,
    told,
    topUp: async (tenantId, amount) => {
      topUps += 1;
      const idempotencyKey = `top-up-${topUps}`;
      const amountPico = parseAmount(amount);
      const credit = { tenantId, currency: 'CNY', amountPico, idempotencyKey, note: '' };
      await ledger.credit(credit);
    },
    charge: (events) => transaction(database, (tx) => charge(tx, ledger, credits, events)),
    balanceOf: async (accountId) => {
      const { rows } = await sql<{ balance: string }>`
        select coalesce(sum(balance_pico), 0) as balance from ledger_balances
        where account_id = ${accountId}`.execute(database);
      return BigInt(rows[0]?.balance ?? 0);
    },
  };
}

async function charge(
  tx: Database,
  ledger: Ledger,
  credits: Credits,
  events: readonly FundedEvent[],
): Promise<readonly (readonly FundingPart[])[]> {
  const paid = await credits.fund(tx, events);
  await ledger.postAll(
    tx,
    events.map(({ eventKey, tenantId, currency, amountPico, admittedAtMs }, index) => ({
      key: `usage/${eventKey}`,
      kind: 'usage',
      reference: {},
      effectiveAtMs: admittedAtMs,
      postings: [
        ...(paid[index] ?? []).map((part) => ({
          account: part.account ?? tenantCredit(tenantId, currency),
          amountPico: -part.amountPico,
        })),
        { account: platformAccount('revenue', currency), amountPico },
      ],
    })),
  );
  await ledger.leases.settle(
    tx,
    events.flatMap(({ leaseId, tenantId, amountPico }, index) =>
      leaseId === null
        ? []
        : [
            {
              id: leaseId,
              tenantId,
              amountPico,
              parts: (paid[index] ?? []).map((part) => ({
                sourceId: part.sourceId ?? 'cash',
                amountPico: part.amountPico,
              })),
            },
          ],
    ),
  );
  return paid;
}

let events = 0;

/** A call of so many tokens at so much each. */
export function eventOf(
  change: Partial<FundedEvent> & Readonly<{ tenantId: string; tokens: number; unitPico?: bigint }>,
): FundedEvent {
  const { tokens, unitPico = LEAST_PICO, ...rest } = change;
  events += 1;
  const amountPico = unitPico * BigInt(tokens);
  return {
    eventKey: `event-${events}`,
    projectId: 'prj',
    modelId: 'mdl_a/one',
    serviceTier: 'default',
    currency: 'CNY',
    amountPico,
    lines: [{ unit: 'token', units: tokens, amountPico }],
    admittedAtMs: 0,
    leaseId: null,
    ...rest,
  };
}
