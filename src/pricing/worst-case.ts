/**
 * The most a request can cost, which is what admission sets aside. Pure. Every input token at the dearest way input
 * may be charged, every output token at the dearest way output may be, in the size class where that is most; what is
 * not known yet (what comes from a cache, where it will be served) is taken at its dearest. rate.ts never
 * exceeds it for a request within these bounds, wherever in the month it falls.
 */
import {
  type Choice,
  type Rate,
  type RegionTerms,
  choiceOf,
  chooseRate,
  lastCount,
  regionOf,
  tierAt,
} from './choose.ts';
import { CACHE_TTLS, type PricedModel } from './price.ts';
import { CACHE_KINDS, type PriceAttributes, type UnitCount } from './quantities.ts';
import { dearestOf, eachPico, packageSize } from './rate.ts';

export type Expected = Readonly<{
  /** At most so many of each. */
  units?: readonly UnitCount[] | undefined;
  /** What admission knows already and the settled record will repeat; what is absent is taken at its dearest. */
  attributes?: PriceAttributes | undefined;
}>;

export function worstCase(
  price: PricedModel,
  inputTokens: number,
  outputTokensMax: number,
  { units = [], attributes = {} }: Expected = {},
): bigint {
  const region = dearestRegion(price, attributes.region);
  const sizes = sizeClasses(price, BigInt(inputTokens));
  let most = 0n;
  for (const choices of choicesOf(price, attributes)) {
    const rates = ratesOf(price, choices, region);
    const ofUnits = units.reduce(
      (total, used) => total + worstOfUnit(price, used, { choices, region }),
      0n,
    );
    for (const size of sizes) {
      const input = worstOfTokens(rates.input, size, size);
      const output = worstOfTokens(rates.output, BigInt(outputTokensMax), size);
      const total = input + output + ofUnits;
      if (total > most) most = total;
    }
  }
  return most;
}

/** Choices that differ only by what may be mixed within one request: the life of a cache. */
type Mixed = readonly Choice[];

/** What a request may turn out to be, as far as the version tells such requests apart. */
function choicesOf(price: PricedModel, known: PriceAttributes): readonly Mixed[] {
  const named = price.components.flatMap(({ when }) => (when === undefined ? [] : [when]));
  const base = choiceOf(price, known);
  if (named.length === 0) return [[base]];
  const thinking =
    known.isThinking === undefined && named.some(({ isThinking }) => isThinking !== undefined)
      ? [true, false]
      : [base.isThinking];
  const kinds = known.cacheKind === undefined ? CACHE_KINDS : [known.cacheKind];
  const resolutions =
    known.resolution === undefined
      ? [null, ...new Set(named.flatMap(({ resolution }) => resolution ?? []))]
      : [known.resolution];
  return thinking.flatMap((isThinking) =>
    kinds.flatMap((cacheKind) =>
      resolutions.map((resolution) =>
        CACHE_TTLS.map((cacheTtl) => ({ ...base, isThinking, cacheKind, resolution, cacheTtl })),
      ),
    ),
  );
}

type Rates = readonly Rate[];

function ratesOf(
  price: PricedModel,
  choices: Mixed,
  region: RegionTerms,
): Readonly<{ input: Rates; output: Rates }> {
  const of = (
    directions: readonly ('input' | 'cache_read' | 'cache_write' | 'output' | 'reasoning')[],
  ) => {
    const found = new Map<string, Rate>();
    for (const direction of directions) {
      for (const choice of choices) {
        const rate = chooseRate(price, { unit: 'token', direction }, { choice, region });
        if (rate !== null) found.set(rate.key, rate);
      }
    }
    return [...found.values()];
  };
  return { input: of(['input', 'cache_read', 'cache_write']), output: of(['output', 'reasoning']) };
}

/** All at the dearest rate by count; packages of each rate come on top, because each may be begun. */
function worstOfTokens(rates: Rates, count: bigint, size: bigint): bigint {
  let dearest = 0n;
  let packages = 0n;
  for (const rate of rates) {
    if (rate.mode === 'package') {
      packages += packagesOf(rate, count);
      continue;
    }
    const tier = rate.mode === 'whole_request' ? tierAt(rate.tiers, size) : dearestOf(rate);
    const each = eachPico(rate, tier);
    if (each > dearest) dearest = each;
  }
  return dearest * count + packages;
}

function worstOfUnit(
  price: PricedModel,
  { unit, direction, count }: UnitCount,
  by: Readonly<{ choices: Mixed; region: RegionTerms }>,
): bigint {
  const [choice] = by.choices;
  if (choice === undefined) return 0n;
  const rate = chooseRate(price, { unit, direction }, { choice, region: by.region });
  if (rate === null) return 0n;
  const used = BigInt(count);
  if (rate.mode === 'package') return packagesOf(rate, used);
  if (rate.mode !== 'whole_request') return eachPico(rate, dearestOf(rate)) * used;
  let most = 0n;
  for (const size of endsWithin(rate, used)) {
    const cost = eachPico(rate, tierAt(rate.tiers, size)) * size;
    if (cost > most) most = cost;
  }
  return most;
}

function packagesOf(rate: Rate, count: bigint): bigint {
  const tier = tierAt(rate.tiers, 0n);
  const size = packageSize(tier);
  return eachPico(rate, tier) * ((count + size - 1n) / size);
}

/** The ends of the tiers below a size, and the size itself: within a tier the largest request costs most. */
function endsWithin(rate: Rate, size: bigint): readonly bigint[] {
  return [
    size,
    ...rate.tiers.flatMap((tier) => {
      const last = lastCount(tier);
      return last !== null && last < size ? [last] : [];
    }),
  ];
}

function sizeClasses(price: PricedModel, inputTokens: bigint): readonly bigint[] {
  const sizes = new Set([inputTokens]);
  for (const component of price.components) {
    if (component.unit !== 'token' || (component.mode ?? 'whole_request') !== 'whole_request') {
      continue;
    }
    const last = lastCount(component);
    if (last !== null && last < inputTokens) sizes.add(last);
  }
  return [...sizes];
}

/** Of all regions the dearest, plain ones too, unless it is known where the request will be served. */
function dearestRegion(price: PricedModel, known: string | undefined): RegionTerms {
  if (known !== undefined) return regionOf(price, known);
  return Object.keys(price.regions ?? {})
    .map((name) => regionOf(price, name))
    .reduce(
      (most, next) =>
        next.factor.times * most.factor.dividedBy > most.factor.times * next.factor.dividedBy
          ? next
          : most,
      regionOf(price, undefined),
    );
}
