/**
 * When a call counts. A call that arrives after its period was closed is not lost and does not change what
 * was billed: it counts at the start of the period that is open, marked as a correction. Who closes
 * periods is not metering's business; it asks this port inside the transaction that records the call.
 */
import type { Database } from '#platform/database.ts';

export type Periods = Readonly<{
  /**
   * Until when the books of these tenants are closed; a tenant without a closed period is missing. Whoever
   * closes a period waits for the transactions that asked before it.
   */
  closedUntil: (tx: Database, tenantIds: readonly string[]) => Promise<ReadonlyMap<string, number>>;
}>;

export const NOTHING_CLOSED: Periods = { closedUntil: async () => new Map() };

/** The instant at which a call counts: when it was settled, or when the open period begins. */
export function billedAt(settledAtMs: number, closedUntilMs: number | undefined): number {
  return closedUntilMs === undefined || settledAtMs >= closedUntilMs ? settledAtMs : closedUntilMs;
}
