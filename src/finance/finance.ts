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
  spend: (
    request: Omit<SpendRequest, 'currency'> & Readonly<{ currency: string | null }>,
  ) => Promise<Spend>;
  summary: (
    query: Readonly<{ tenantId: string; projectId: string | null }>,
  ) => Promise<SpendingSummary>;
  /** The most exact first. */
  find: (text: string) => Promise<readonly LedgerHit[]>;
}>;

export function createFinance(
  parts: Readonly<{
    metering: Pick<Metering, 'rollup' | 'units' | 'sources' | 'event'>;
    ledger: Pick<Ledger, 'balance'>;
    explorer: Explorer;
    /** Of a tenant, or with null of the operator. */
    currencyOf: (tenantId: string | null) => Promise<string>;
    clock: Clock;
  }>,
): Finance {
  return {
    spend: async ({ currency, ...request }) =>
      readSpend(parts.metering, {
        ...request,
        currency: currency ?? (await parts.currencyOf(request.scope.tenantId)),
      }),
    summary: async (query) =>
      readSummary(parts, { ...query, currency: await parts.currencyOf(query.tenantId) }),
    find: (text) => find(parts, text),
  };
}
