/** What was spent and earned, by time and by one dimension, from roll-ups alone. */
import { formatAmount } from '#ledger/money.ts';
import type { UnitSum } from '#metering/api.ts';
import type { Metering } from '#metering/metering.ts';
import { bucketKey, unitsBy } from '#metering/report.ts';
import type { RollupQuery } from '#metering/rollup-store.ts';
import type { Spend, SpendSum } from './api.ts';
import { fail } from './errors.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** A chart of more points than this is not readable. */
const RANGE_MAX_MS: Readonly<Record<Spend['interval'], number>> = {
  hour: 31 * DAY_MS,
  day: 366 * DAY_MS,
  month: 5 * 366 * DAY_MS,
  none: 5 * 366 * DAY_MS,
};

/** Times × groups in one answer: a year of days of more than a hundred models. */
const BUCKETS_MAX = 50_000;

export type SpendReader = Pick<Metering, 'rollup' | 'units' | 'sources'>;

export type SpendRequest = Readonly<{
  scope: Readonly<{ tenantId: string | null; projectId: string | null }>;
  range: Readonly<{ fromMs: number; toMs: number }>;
  interval: Spend['interval'];
  groupBy: Spend['groupBy'];
  currency: string;
  filter: Readonly<{ model?: string; keyId?: string; projectId?: string; tag?: string }>;
  /** Only the operator sees what calls cost it and what authors get. */
  showsCost: boolean;
}>;

type Numbers = Readonly<{
  calls: number;
  inputTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  amountPico: bigint;
  costPico: bigint;
  authorPico: bigint;
  units: readonly UnitSum[];
}>;

type Bucket = Numbers & Readonly<{ start: Date; group: string | null }>;

/** Over whole hours or days. Raises `finance.range_invalid`, `finance.filter_invalid`. */
export async function readSpend(metering: SpendReader, request: SpendRequest): Promise<Spend> {
  const { interval, groupBy, currency, showsCost } = request;
  const range = wholeUnits(request);
  checkRange(range, RANGE_MAX_MS[interval]);
  const buckets = await readBuckets(metering, { ...request, range });
  // A call stands under each tag of its key, and counts once in all.
  const once =
    groupBy === 'tag'
      ? await readBuckets(metering, { ...request, range, interval: 'none', groupBy: 'none' })
      : buckets;
  const total = once.reduce<Numbers>(add, NOTHING);
  return {
    from: new Date(range.fromMs).toISOString(),
    to: new Date(range.toMs).toISOString(),
    interval,
    groupBy,
    currency,
    total: toSum(total, showsCost),
    buckets: buckets.map(({ start, group, ...numbers }) => ({
      ...toSum(numbers, showsCost),
      start: start.toISOString(),
      group,
    })),
  };
}

async function readBuckets(
  metering: SpendReader,
  request: SpendRequest,
): Promise<readonly Bucket[]> {
  const { scope, range, interval, groupBy, currency, filter } = request;
  const query = { scope, range, interval, currency, limit: BUCKETS_MAX };
  const only = {
    ...(filter.model === undefined ? {} : { modelNames: [filter.model] }),
    ...(filter.projectId === undefined ? {} : { projectIds: [filter.projectId] }),
  };
  if (groupBy === 'source') {
    if (filter.keyId !== undefined || filter.tag !== undefined) {
      throw fail('finance.filter_invalid', 'Who paid is not kept by key or tag; leave them out.', {
        param: filter.tag === undefined ? 'keyId' : 'tag',
      });
    }
    const rows = await metering.sources({ ...query, filter: only });
    return rows.map(({ source, amountPico, ...row }) => ({
      ...NOTHING,
      ...row,
      group: source,
      amountPico: BigInt(amountPico),
    }));
  }
  const ofKey = filter.keyId === undefined ? {} : { keyIds: [filter.keyId] };
  const ofTag = filter.tag === undefined ? {} : { tags: [filter.tag] };
  const grouped: RollupQuery = {
    ...query,
    groupBy: groupBy === 'none' ? [] : [groupBy],
    filter: { ...only, ...ofKey, ...ofTag },
  };
  const rows = await metering.rollup(grouped);
  const units = unitsBy(await metering.units(grouped), groupBy);
  return rows.map((row) => ({
    start: row.start,
    group: groupBy === 'none' ? null : row[groupBy],
    calls: row.calls,
    inputTokens: row.inputTokens,
    cacheReadTokens: row.cacheReadTokens,
    outputTokens: row.outputTokens,
    reasoningTokens: row.reasoningTokens,
    amountPico: BigInt(row.amountPico),
    costPico: BigInt(row.costPico),
    authorPico: BigInt(row.authorPico),
    units: units.get(bucketKey(row.start, groupBy === 'none' ? null : row[groupBy])) ?? [],
  }));
}

const NOTHING: Numbers = {
  calls: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  amountPico: 0n,
  costPico: 0n,
  authorPico: 0n,
  units: [],
};

function add(left: Numbers, right: Numbers): Numbers {
  return {
    calls: left.calls + right.calls,
    inputTokens: left.inputTokens + right.inputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    reasoningTokens: left.reasoningTokens + right.reasoningTokens,
    amountPico: left.amountPico + right.amountPico,
    costPico: left.costPico + right.costPico,
    authorPico: left.authorPico + right.authorPico,
    units: addUnits(left.units, right.units),
  };
}

function addUnits(left: readonly UnitSum[], right: readonly UnitSum[]): readonly UnitSum[] {
  const sums = new Map<string, UnitSum>();
  for (const each of [...left, ...right]) {
    const key = `${each.unit}/${each.direction}`;
    const amount = (sums.get(key)?.amount ?? 0) + each.amount;
    // Thousandths, as they are kept: adding fractions leaves dust.
    sums.set(key, { ...each, amount: Math.round(amount * 1_000) / 1_000 });
  }
  return [...sums.values()];
}

function toSum(numbers: Numbers, showsCost: boolean): SpendSum {
  const { amountPico, costPico, authorPico, units, ...counts } = numbers;
  return {
    ...counts,
    units: [...units],
    amount: formatAmount(amountPico),
    ...(showsCost
      ? {
          cost: formatAmount(costPico),
          authorShare: formatAmount(authorPico),
          margin: formatAmount(amountPico - costPico - authorPico),
        }
      : {}),
  };
}

function wholeUnits({ range, interval }: SpendRequest): SpendRequest['range'] {
  const unitMs = interval === 'hour' || interval === 'none' ? HOUR_MS : DAY_MS;
  return {
    fromMs: Math.floor(range.fromMs / unitMs) * unitMs,
    toMs: Math.ceil(range.toMs / unitMs) * unitMs,
  };
}

function checkRange({ fromMs, toMs }: SpendRequest['range'], rangeMaxMs: number): void {
  if (toMs <= fromMs) {
    throw fail('finance.range_invalid', '`to` is after `from`.', { param: 'to' });
  }
  // A day more, because bounds are widened to whole ones.
  if (toMs - fromMs > rangeMaxMs + DAY_MS) {
    throw fail(
      'finance.range_invalid',
      `At most ${rangeMaxMs / DAY_MS} days at a time; ask for a coarser interval or a shorter range.`,
      { param: 'from' },
    );
  }
}
