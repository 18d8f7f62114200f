/** Turns a report of usage or spend into what the chart and the table show. Pure. */
import type { UsageReport } from '../cloud.ts';
import { approximateMoney, sumMoney } from '../format/money.ts';
import type { UsageMeasure } from '../search.ts';

/** As many colours as can be told apart; the rest is summed into one. */
const GROUPS_MAX = 7;

/** How the ids of its keys start, and what stands for all of them. */
const PLAYGROUND = 'pgk_';

export type UnitSum = UsageReport['total']['units'][number];

type Bucket = Readonly<{
  start: string;
  group: string | null;
  calls: number;
  inputTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  units?: readonly UnitSum[];
  amount: string;
}>;

export type Report = Readonly<{ buckets: readonly Bucket[] }>;

export type GroupSum = Readonly<{
  group: string;
  calls: number;
  inputTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  /** Everything beside tokens; empty for most. */
  units: readonly UnitSum[];
  amount: string;
}>;

/** One row per group, the dearest first. */
export function sumByGroup(report: Report): readonly GroupSum[] {
  const sums = [...groupBuckets(report)].map(([group, buckets]) => sumBuckets(group, buckets));
  return sums.sort(
    (left, right) =>
      approximateMoney(right.amount) - approximateMoney(left.amount) || right.calls - left.calls,
  );
}

export type Series = Readonly<{ group: string | null; color: string; values: readonly number[] }>;

/** One series per group over the given slots; `group: null` is everything that has no colour left. */
export function seriesOf(
  report: Report,
  slots: readonly number[],
  measure: UsageMeasure,
): readonly Series[] {
  const groups = sumByGroup(report).map(({ group }) => group);
  const named = groups.slice(0, GROUPS_MAX);
  const rest = groups.slice(GROUPS_MAX);
  const buckets = groupBuckets(report);
  const valuesOf = (of: readonly string[]): readonly number[] => {
    const atSlot = new Map<number, number>();
    for (const bucket of of.flatMap((group) => buckets.get(group) ?? [])) {
      const start = Date.parse(bucket.start);
      atSlot.set(start, (atSlot.get(start) ?? 0) + valueOf(bucket, measure));
    }
    return slots.map((slot) => atSlot.get(slot) ?? 0);
  };
  const series: Series[] = named.map((group, index) => ({
    group,
    color: `var(--series-${index + 1})`,
    values: valuesOf([group]),
  }));
  if (rest.length > 0)
    series.push({ group: null, color: 'var(--series-8)', values: valuesOf(rest) });
  return series;
}

export function tokensOf(
  sum: Readonly<{
    inputTokens: number;
    cacheReadTokens: number;
    outputTokens: number;
    reasoningTokens: number;
  }>,
): number {
  return sum.inputTokens + sum.cacheReadTokens + sum.outputTokens + sum.reasoningTokens;
}

function valueOf(bucket: Bucket, measure: UsageMeasure): number {
  if (measure === 'calls') return bucket.calls;
  return measure === 'tokens' ? tokensOf(bucket) : approximateMoney(bucket.amount);
}

function groupBuckets(report: Report): Map<string, Bucket[]> {
  return Map.groupBy(report.buckets, ({ group }) =>
    isPlaygroundKey(group ?? '') ? PLAYGROUND : (group ?? ''),
  );
}

/** The console takes a key of its own for each member and hour; together they are the playground. */
export function isPlaygroundKey(id: string): boolean {
  return id.startsWith(PLAYGROUND);
}

function sumBuckets(group: string, buckets: readonly Bucket[]): GroupSum {
  const sum = (pick: (bucket: Bucket) => number): number =>
    buckets.reduce((total, bucket) => total + pick(bucket), 0);
  return {
    group,
    calls: sum(({ calls }) => calls),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    cacheReadTokens: sum(({ cacheReadTokens }) => cacheReadTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    reasoningTokens: sum(({ reasoningTokens }) => reasoningTokens),
    units: sumUnits(buckets.flatMap(({ units = [] }) => units)),
    amount: sumMoney(buckets.map(({ amount }) => amount)),
  };
}

/** What is kept in thousandths adds up without dust. */
function sumUnits(units: readonly UnitSum[]): readonly UnitSum[] {
  const sums = new Map<string, UnitSum>();
  for (const each of units) {
    const key = `${each.unit} ${each.direction}`;
    const amount = (sums.get(key)?.amount ?? 0) + each.amount;
    sums.set(key, { ...each, amount: Math.round(amount * 1_000) / 1_000 });
  }
  return [...sums.values()];
}
