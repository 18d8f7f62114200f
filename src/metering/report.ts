/** Usage as people read it: sums over time, single events, and the flywheel in numbers. */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { readCurrency } from '#tenancy/currency.ts';
import { formatAmount } from '#ledger/money.ts';
import { COUNTS_PER_UNIT } from '#pricing/quantities.ts';
import type { Overview, UnitSum, UsageEvent, UsageReport } from './api.ts';
import { fail } from './errors.ts';
import {
  type EventCursor,
  type EventFilter,
  type EventRow,
  selectEvents,
  selectEventsOfRequest,
} from './event-store.ts';
import {
  type Interval,
  type Range,
  type RollupQuery,
  type RollupRow,
  type Scope,
  type SumRow,
  type UnitRow,
  countDevelopers,
  selectRollup,
  selectTotal,
  selectUnits,
  wholeDays,
  wholeHours,
} from './rollup-store.ts';
import { type SourceQuery, type SourceRow, selectSources } from './source-store.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** A chart of more points than this is not readable, and a query for them would scan a year of hours. */
const RANGE_MAX_MS: Readonly<Record<Interval, number>> = {
  hour: 31 * DAY_MS,
  day: 366 * DAY_MS,
  month: 5 * 366 * DAY_MS,
  none: 366 * DAY_MS,
};

/** Buckets × groups in one answer. */
const BUCKETS_MAX = 10_000;

/** The overview's totals reach this far back; all of a young cloud, a year of an old one. */
const OVERVIEW_RANGE_MS = 366 * DAY_MS;
const DEVELOPERS_RANGE_MS = 30 * DAY_MS;
const OVERVIEW_HOURS = 24;

/** What metering does not know itself and the overview shows. */
export type CloudCounts = (
  tenantId: string | null,
) => Promise<Readonly<{ models: number; machines: number; replicasReady: number }>>;

export type ReportInterval = 'hour' | 'day';
export type ReportGrouping = UsageReport['groupBy'];

export type ReportRequest = Readonly<{
  scope: Scope;
  range: Range;
  interval: ReportInterval;
  groupBy: ReportGrouping;
  /** Null or absent for the tenant's own; over all tenants, the operator's. */
  currency?: string | null;
  /** Only of keys that carry it. */
  tag?: string | null;
  /** Only the operator sees what calls cost it. */
  showsCost: boolean;
}>;

/** Over whole hours or days, because sums are kept of nothing shorter. Raises `usage.range_invalid`. */
export async function readReport(database: Database, request: ReportRequest): Promise<UsageReport> {
  const { scope, interval, groupBy, showsCost } = request;
  checkRange(request.range, RANGE_MAX_MS[interval]);
  const range = interval === 'hour' ? wholeHours(request.range) : wholeDays(request.range);
  const currency = request.currency ?? (await readCurrency(database, scope.tenantId));
  const filter = request.tag == null ? {} : { tags: [request.tag] };
  const query = { scope, range, currency, filter };
  const grouped: RollupQuery = {
    ...query,
    interval,
    groupBy: groupBy === 'none' ? [] : [groupBy],
    limit: BUCKETS_MAX,
  };
  const buckets = await selectRollup(database, grouped);
  const units = unitsBy(await selectUnits(database, grouped), groupBy);
  const total = await selectTotal(database, query);
  const whole = { ...query, interval: 'none', groupBy: [], limit: BUCKETS_MAX } as const;
  const totalUnits = await selectUnits(database, whole);
  return {
    from: new Date(range.fromMs).toISOString(),
    to: new Date(range.toMs).toISOString(),
    interval,
    groupBy,
    total: { ...toSum(total, currency, showsCost), units: totalUnits.map(toUnitSum) },
    buckets: buckets.map((row) => {
      const group = groupBy === 'none' ? null : row[groupBy];
      const own = units.get(bucketKey(row.start, group)) ?? [];
      return {
        ...toSum(row, currency, showsCost),
        units: own,
        start: row.start.toISOString(),
        group,
      };
    }),
  };
}

/** Raises `usage.range_invalid`. */
export async function readRollup(
  database: Database,
  query: RollupQuery,
): Promise<readonly RollupRow[]> {
  checkRange(query.range, RANGE_MAX_MS[query.interval]);
  return selectRollup(database, query);
}

/** Raises `usage.range_invalid`. */
export async function readUnits(
  database: Database,
  query: RollupQuery,
): Promise<readonly UnitRow[]> {
  checkRange(query.range, RANGE_MAX_MS[query.interval]);
  return selectUnits(database, query);
}

/** Raises `usage.range_invalid`. */
export async function readSources(
  database: Database,
  query: SourceQuery,
): Promise<readonly SourceRow[]> {
  checkRange(query.range, RANGE_MAX_MS[query.interval]);
  return selectSources(database, query);
}

export type EventsRequest = Readonly<{
  scope: Scope;
  range: Range;
  filter: EventFilter;
  after: EventCursor | null;
  limit: number;
  showsCost: boolean;
}>;

/** Newest first. Raises `usage.range_invalid`. */
export async function readEvents(
  database: Database,
  request: EventsRequest,
): Promise<readonly UsageEvent[]> {
  checkRange(request.range, RANGE_MAX_MS.day);
  return (await selectEvents(database, request)).map((row) => toEvent(row, request.showsCost));
}

/** The last attempt of a request. Raises `usage.unknown`, also while it is still on its way. */
export async function readEvent(
  database: Database,
  request: Readonly<{ scope: Scope; requestId: string; showsCost: boolean }>,
): Promise<UsageEvent> {
  const [last] = await selectEventsOfRequest(database, request);
  if (last === undefined) {
    throw fail('usage.unknown', 'No usage of such a request has arrived.');
  }
  return toEvent(last, request.showsCost);
}

/** Calls and tokens of all that is in scope; money in one currency, the tenant's or the operator's. */
export async function readOverview(
  parts: Readonly<{ database: Database; clock: Clock; counts: CloudCounts }>,
  scope: Scope,
): Promise<Overview> {
  const { database, clock, counts } = parts;
  const nowMs = clock.nowMs();
  const until = (backMs: number): Range =>
    wholeDays({ fromMs: nowMs - backMs, toMs: nowMs + HOUR_MS });
  const currency = await readCurrency(database, scope.tenantId);
  const total = await selectTotal(database, {
    scope,
    currency: null,
    range: until(OVERVIEW_RANGE_MS),
  });
  const earned = await selectTotal(database, { scope, currency, range: until(OVERVIEW_RANGE_MS) });
  return {
    ...(await counts(scope.tenantId)),
    developers: await countDevelopers(database, { scope, range: until(DEVELOPERS_RANGE_MS) }),
    calls: total.calls,
    tokens: tokensOf(total),
    revenue: formatAmount(BigInt(earned.amountPico)),
    currency,
    hours: await lastHours(database, { scope, currency, nowMs }),
  };
}

async function lastHours(
  database: Database,
  at: Readonly<{ scope: Scope; currency: string; nowMs: number }>,
): Promise<Overview['hours']> {
  const { scope, currency, nowMs } = at;
  const firstHourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS - (OVERVIEW_HOURS - 1) * HOUR_MS;
  const byHour = async (only: string | null): Promise<ReadonlyMap<number, RollupRow>> => {
    const rows = await selectRollup(database, {
      scope,
      range: { fromMs: firstHourMs, toMs: firstHourMs + OVERVIEW_HOURS * HOUR_MS },
      currency: only,
      interval: 'hour',
      groupBy: [],
      limit: OVERVIEW_HOURS,
    });
    return new Map(rows.map((row) => [row.start.getTime(), row]));
  };
  const all = await byHour(null);
  const earned = await byHour(currency);
  return Array.from({ length: OVERVIEW_HOURS }, (_, index) => {
    const startMs = firstHourMs + index * HOUR_MS;
    const row = all.get(startMs);
    return {
      start: new Date(startMs).toISOString(),
      calls: row?.calls ?? 0,
      tokens: row === undefined ? 0 : tokensOf(row),
      amount: formatAmount(BigInt(earned.get(startMs)?.amountPico ?? 0)),
    };
  });
}

function checkRange({ fromMs, toMs }: Range, rangeMaxMs: number): void {
  if (toMs <= fromMs) {
    throw fail('usage.range_invalid', '`to` is after `from`.', { param: 'to' });
  }
  if (toMs - fromMs > rangeMaxMs) {
    throw fail(
      'usage.range_invalid',
      `At most ${rangeMaxMs / DAY_MS} days at a time; ask for a coarser interval or a shorter range.`,
      { param: 'from' },
    );
  }
}

function tokensOf(row: SumRow): number {
  return row.inputTokens + row.cacheReadTokens + row.outputTokens + row.reasoningTokens;
}

/** By `bucketKey`. */
export function unitsBy(
  rows: readonly UnitRow[],
  groupBy: Exclude<ReportGrouping, 'none'> | 'region' | 'tenant' | 'none',
): ReadonlyMap<string, UnitSum[]> {
  const units = new Map<string, UnitSum[]>();
  for (const row of rows) {
    const key = bucketKey(row.start, groupBy === 'none' ? null : row[groupBy]);
    const own = units.get(key);
    if (own === undefined) units.set(key, [toUnitSum(row)]);
    else own.push(toUnitSum(row));
  }
  return units;
}

export function bucketKey(start: Date, group: string | null): string {
  return `${start.getTime()} ${group ?? ''}`;
}

export function toUnitSum({ unit, direction, count }: UnitRow): UnitSum {
  return { unit, direction, amount: count / COUNTS_PER_UNIT[unit] };
}

function toSum(
  row: SumRow,
  currency: string,
  showsCost: boolean,
): Omit<UsageReport['total'], 'units'> {
  const { calls, inputTokens, cacheReadTokens, outputTokens, reasoningTokens } = row;
  return {
    calls,
    inputTokens,
    cacheReadTokens,
    outputTokens,
    reasoningTokens,
    amount: formatAmount(BigInt(row.amountPico)),
    currency,
    ...(showsCost ? costAndMargin(row.amountPico, row.costPico) : {}),
  };
}

/** Margin is what is left of what callers paid. */
function costAndMargin(
  amountPico: string,
  costPico: string,
): Readonly<{ cost: string; margin: string }> {
  const cost = BigInt(costPico);
  return { cost: formatAmount(cost), margin: formatAmount(BigInt(amountPico) - cost) };
}

function toEvent(row: EventRow, showsCost: boolean): UsageEvent {
  const { amountPico, costPico, admittedAt, firstByteAt, settledAt, ...others } = row;
  const { units, attributes, repeats, ...rest } = others;
  return {
    ...rest,
    ...(repeats > 0 && { repeats }),
    units: (units ?? []).map(({ unit, direction, count }) => ({
      unit,
      direction,
      amount: count / COUNTS_PER_UNIT[unit],
    })),
    ...attributes,
    amount: formatAmount(BigInt(amountPico)),
    ...(showsCost && costPico !== null ? costAndMargin(amountPico, costPico) : {}),
    admittedAt: admittedAt.toISOString(),
    firstByteMs: firstByteAt === null ? null : firstByteAt.getTime() - admittedAt.getTime(),
    durationMs: settledAt.getTime() - admittedAt.getTime(),
  };
}
