/**
 * Reports on money, for tenants and for the operator: what was spent and earned, how long a balance
 * lasts, and where an id in the ledger leads. Owns no table and changes nothing: numbers come from the
 * roll-ups of metering and from the ledger, so that a report can be checked against both.
 */
import type { Clock } from '#platform/clock.ts';
import type { Explorer } from '#ledger/explore.ts';
import type { Ledger } from '#ledger/ledger.ts';
import type { Metering } from '#metering/metering.ts';
import type { LedgerHit, Spend, SpendingSummary } from './api.ts';
import { find } from './find.ts';
import { type SpendRequest, readSpend } from './spend.ts';
import { readSummary } from './summary.ts';

export type Finance = Readonly<{
  /** Raises `finance.range_invalid`, `finance.filter_invalid`. */
  spend: (request: SpendRequest) => Promise<Spend>;
  summary: (
    query: Readonly<{ tenantId: string; projectId: string | null; currency: string }>,
  ) => Promise<SpendingSummary>;
  /** The most exact first. */
  find: (text: string) => Promise<readonly LedgerHit[]>;
}>;

export function createFinance(
  parts: Readonly<{
    metering: Pick<Metering, 'rollup' | 'sources' | 'event'>;
    ledger: Pick<Ledger, 'balance'>;
    explorer: Explorer;
    clock: Clock;
  }>,
): Finance {
  return {
    spend: (request) => readSpend(parts.metering, request),
    summary: (query) => readSummary(parts, query),
    find: (text) => find(parts, text),
  };
}
