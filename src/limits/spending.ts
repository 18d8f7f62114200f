/**
 * What was spent, folded from usage events by scope and quarter hour in the transaction that records
 * them. A budget set today therefore knows what was spent yesterday, and replays change nothing.
 */
import type { Database } from '#platform/database.ts';
import { type Spent, addToSpending, settleShares } from './spending-store.ts';

export type SpentEvent = Readonly<{
  tenantId: string;
  projectId: string;
  keyId: string;
  amountPico: bigint;
  settledAtMs: number;
}>;

export type Spending = Readonly<{
  /** Of events that are new, in the transaction that records them. */
  record: (
    tx: Database,
    request: Readonly<{ gatewayId: string; events: readonly SpentEvent[] }>,
  ) => Promise<void>;
}>;

const QUARTER_MS = 15 * 60_000;

export function createSpending(): Spending {
  return {
    record: async (tx, { gatewayId, events }) => {
      const spent = fold(events);
      if (spent.length === 0) return;
      await addToSpending(tx, spent);
      await settleShares(tx, { gatewayId, spent });
    },
  };
}

/** One sum for each scope and quarter, in the order in which their rows are locked. */
export function fold(events: readonly SpentEvent[]): readonly Spent[] {
  const sums = new Map<string, Spent>();
  for (const { tenantId, projectId, keyId, amountPico, settledAtMs } of events) {
    if (amountPico === 0n) continue;
    const quarterMs = Math.floor(settledAtMs / QUARTER_MS) * QUARTER_MS;
    for (const [level, scopeId] of [
      ['tenant', tenantId],
      ['project', projectId],
      ['key', keyId],
    ] as const) {
      const name = `${tenantId} ${level} ${scopeId} ${quarterMs}`;
      const before = sums.get(name)?.amountPico ?? 0n;
      sums.set(name, { tenantId, level, scopeId, quarterMs, amountPico: before + amountPico });
    }
  }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}
