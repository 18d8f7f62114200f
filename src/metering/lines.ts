/**
 * What bills are made of. Sums come from the rows that are kept beside the calls, so that a month of a
 * million calls is read in a moment; the calls themselves come page by page for whoever exports or checks.
 */
import type { Database } from '#platform/database.ts';
import { fail } from './errors.ts';
import { QUARTER_MS } from './fold.ts';
import {
  type BilledCall,
  type LineTotal,
  type Period,
  type ShareTotal,
  type SourceTotal,
  type WrongEntry,
  selectBilledCalls,
  selectDrawn,
  selectLineTotals,
  selectOtherCurrencies,
  selectShareTotals,
  selectSourceTotals,
  selectWrongEntries,
  sumCalls,
} from './line-store.ts';

export type { BilledCall, LineTotal, Period, ShareTotal, SourceTotal };

export type Lines = Readonly<{
  /**
   * Two sums of the same calls with the same total: what was used, and who paid for it. In the caller's
   * transaction or outside. Raises `usage.range_invalid` where a bound is not a quarter of an hour.
   */
  sum: (
    database: Database,
    period: Period,
  ) => Promise<Readonly<{ lines: readonly LineTotal[]; sources: readonly SourceTotal[] }>>;
  /** Who paid, alone. Raises as `sum` does. */
  sources: (database: Database, period: Period) => Promise<readonly SourceTotal[]>;
  /** What these sources had paid before the period, and until its end; those that paid nothing are left out. */
  drawn: (
    database: Database,
    query: Period & Readonly<{ sourceIds: readonly string[] }>,
  ) => Promise<ReadonlyMap<string, Readonly<{ beforePico: bigint; untilPico: bigint }>>>;
  /** What authors earned, by model and by which of the instants came before. From the calls themselves. */
  shares: (
    database: Database,
    query: Period & Readonly<{ instantsMs: readonly number[] }>,
  ) => Promise<readonly ShareTotal[]>;
  /** Every call that counts in the period, once, in the order of their ids. */
  each: (database: Database, period: Period) => AsyncGenerator<BilledCall, void>;
  /** The same total from the calls themselves, and entries that posted something else than their calls cost. */
  posted: (
    database: Database,
    period: Period,
  ) => Promise<
    Readonly<{ calls: number; eventsPico: bigint; entriesWrong: readonly WrongEntry[] }>
  >;
  /** In which something of the tenant costs too in these hours, beside the period's own. */
  otherCurrencies: (database: Database, period: Period) => Promise<readonly string[]>;
}>;

/** A page is a few hundred kilobytes. */
const PAGE_CALLS = 2_000;

const ENTRIES_WRONG_MAX = 100;

export function createLines(): Lines {
  return {
    sum: async (database, period) => {
      requireQuarters(period);
      const lines = await selectLineTotals(database, period);
      const sources = await selectSourceTotals(database, period);
      return { lines, sources };
    },
    sources: async (database, period) => {
      requireQuarters(period);
      return selectSourceTotals(database, period);
    },
    drawn: async (database, query) => {
      requireQuarters(query);
      const rows = await selectDrawn(database, query);
      return new Map(rows.map(({ sourceId, ...drawn }) => [sourceId, drawn]));
    },
    shares: selectShareTotals,
    otherCurrencies: selectOtherCurrencies,
    each: eachCall,
    posted: async (database, period) => {
      const { calls, amountPico } = await sumCalls(database, period);
      const entriesWrong = await selectWrongEntries(database, period, ENTRIES_WRONG_MAX);
      return { calls, eventsPico: amountPico, entriesWrong };
    },
  };
}

function requireQuarters({ fromMs, toMs }: Period): void {
  if (fromMs % QUARTER_MS === 0 && toMs % QUARTER_MS === 0) return;
  throw fail('usage.range_invalid', 'A bill begins and ends on a quarter of an hour.');
}

async function* eachCall(database: Database, period: Period): AsyncGenerator<BilledCall, void> {
  let after: BilledCall | null = null;
  for (;;) {
    const page: readonly BilledCall[] = await selectBilledCalls(database, {
      period,
      after,
      limit: PAGE_CALLS,
    });
    yield* page;
    after = page.at(-1) ?? null;
    if (page.length < PAGE_CALLS) return;
  }
}
