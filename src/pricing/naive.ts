/**
 * For tests: prices as a person would work them out with a pencil, in fractions, straight from what is written.
 * It shares no code with rate.ts and keeps no running totals: a month is rated as one.
 */
import type { PriceRate, PriceTerms } from './api.ts';
import type { Quantities } from './quantities.ts';
import type { PriceTier } from './tier.ts';

type Ratio = readonly [numerator: bigint, denominator: bigint];

const FLAT: Ratio = [1n, 1n];
const PICO: Ratio = [10n ** 12n, 1n];
const THOUSANDTHS: readonly string[] = ['second', 'video_second', 'gb_day', 'gpu_hour'];

/** What these requests of one tenant in one month cost together, in pico. */
export function naiveMonth(
  terms: PriceTerms,
  requests: readonly Readonly<{ used: Quantities; tier: PriceTier }>[],
): bigint {
  let total = 0n;
  // A class and a region are counted apart, because they have prices of their own.
  const months = new Map<PriceRate, Map<string, { count: bigint; factor: Ratio }>>();
  for (const { used, tier } of requests) {
    const size = used.input + used.cacheRead + used.cacheWrite + (used.cacheWrite1h ?? 0);
    for (const part of partsOf(used)) {
      if (part.count === 0) continue;
      const chosen = choose(terms, part, { used, tier });
      if (chosen === null) continue;
      const { rate, factor } = chosen;
      if (rate.mode === 'whole_request') {
        const counts = BigInt(part.count);
        const at = rate.unit === 'token' ? BigInt(size) : counts;
        total += counts * priceOfOne(rate, at, factor);
        continue;
      }
      const byClass = months.get(rate) ?? new Map<string, { count: bigint; factor: Ratio }>();
      const region = used.attributes?.region ?? '';
      const key = `${tier} ${region in terms.regions ? region : ''}`;
      const count = (byClass.get(key)?.count ?? 0n) + BigInt(part.count);
      byClass.set(key, { count, factor });
      months.set(rate, byClass);
    }
  }
  for (const [rate, byClass] of months) {
    for (const { count, factor } of byClass.values()) total += monthOf(rate, count, factor);
  }
  return total;
}

function monthOf(rate: PriceRate, count: bigint, factor: Ratio): bigint {
  if (rate.mode === 'package') {
    const size = BigInt(rate.per * (THOUSANDTHS.includes(rate.unit) ? 1_000 : 1));
    const packages = count / size + (count % size === 0n ? 0n : 1n);
    return packages * floor(times(ratio(rate.tiers[0]?.amount ?? '0'), PICO, factor));
  }
  if (rate.mode === 'volume') {
    // The least that this or any larger month costs; a larger one is cheapest where its tier begins.
    const starts = rate.tiers.flatMap(({ upTo }) =>
      upTo === null ? [] : [endOf(rate, upTo) + 1n],
    );
    const months = [count, ...starts.filter((start) => start > count)];
    return months.map((month) => month * priceOfOne(rate, month, factor)).reduce(min);
  }
  let total = 0n;
  let from = 0n;
  for (const { upTo } of rate.tiers) {
    const to = upTo === null ? count : min(endOf(rate, upTo), count);
    if (to > from) total += (to - from) * priceOfOne(rate, to, factor);
    if (to > from) from = to;
  }
  return total;
}

type Part = Readonly<{ unit: string; direction: string; count: number; ttl: string }>;

function partsOf(used: Quantities): readonly Part[] {
  const token = { unit: 'token', ttl: '5m' };
  return [
    { ...token, direction: 'input', count: used.input },
    { ...token, direction: 'cache_read', count: used.cacheRead },
    { ...token, direction: 'cache_write', count: used.cacheWrite },
    { ...token, direction: 'cache_write', count: used.cacheWrite1h ?? 0, ttl: '1h' },
    { ...token, direction: 'output', count: used.output },
    { ...token, direction: 'reasoning', count: used.reasoning },
    ...(used.units ?? []).map((unit) => ({ ...unit, ttl: '5m' })),
  ];
}

function choose(
  terms: PriceTerms,
  part: Part,
  request: Readonly<{ used: Quantities; tier: PriceTier }>,
): Readonly<{ rate: PriceRate; factor: Ratio }> | null {
  const { attributes = {} } = request.used;
  const { tier } = request;
  const usual = { flex: '0.5', default: '1', priority: '2', batch: '0.5' };
  const own = tier === 'default' ? undefined : terms.serviceTiers[tier];
  const without: readonly string[] =
    own?.without ?? (tier === 'batch' ? ['cache_read', 'cache_write'] : []);
  const matching = terms.rates.filter(
    (rate) =>
      rate.unit === part.unit &&
      rate.direction === part.direction &&
      !(rate.serviceTier === undefined && without.includes(part.direction)) &&
      [undefined, tier].includes(rate.serviceTier) &&
      [undefined, attributes.resolution].includes(rate.resolution) &&
      [undefined, attributes.isThinking ?? false].includes(rate.isThinking) &&
      [undefined, attributes.cacheKind ?? 'implicit'].includes(rate.cacheKind) &&
      [undefined, part.ttl].includes(rate.cacheTtl),
  );
  const said = (rate: PriceRate): string =>
    [rate.serviceTier, rate.resolution, rate.isThinking, rate.cacheKind, rate.cacheTtl]
      .map((each) => (each === undefined ? 'a' : 'b'))
      .join('');
  const [rate] = matching.toSorted((left, right) => (said(left) > said(right) ? -1 : 1));
  if (rate === undefined) {
    if (part.direction === 'input' || part.direction === 'output') return null;
    const direction = part.direction === 'reasoning' ? 'output' : 'input';
    return choose(terms, { ...part, direction }, request);
  }
  const region = terms.regions[attributes.region ?? ''] ?? '1';
  const ofClass = rate.serviceTier === undefined ? (own?.times ?? usual[tier]) : '1';
  return { rate, factor: times(ratio(ofClass), ratio(region)) };
}

/** Of the tier that a size falls in; less than a pico of one count is dropped. */
function priceOfOne(rate: PriceRate, size: bigint, factor: Ratio): bigint {
  const tier = rate.tiers.find(({ upTo }) => upTo === null || size <= endOf(rate, upTo));
  const counts = BigInt(rate.per) * (THOUSANDTHS.includes(rate.unit) ? 1_000n : 1n);
  return floor(times(ratio(tier?.amount ?? '0'), PICO, [1n, counts], factor));
}

function endOf({ unit }: PriceRate, upTo: number): bigint {
  return BigInt(upTo) * (THOUSANDTHS.includes(unit) ? 1_000n : 1n);
}

function ratio(text: string): Ratio {
  const point = text.indexOf('.');
  if (point === -1) return [BigInt(text), 1n];
  return [BigInt(text.replace('.', '')), 10n ** BigInt(text.length - point - 1)];
}

const times = (...ratios: readonly Ratio[]): Ratio =>
  ratios.reduce(([a, b], [c, d]) => [a * c, b * d], FLAT);
const floor = ([numerator, denominator]: Ratio): bigint => numerator / denominator;
const min = (left: bigint, right: bigint): bigint => (left < right ? left : right);
