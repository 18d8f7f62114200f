/**
 * Which components of a version price a part of a request. Pure. Where several match, the one that names the
 * weightiest condition wins: service tier before resolution, thinking, kind of cache and its life. Two that name
 * the same conditions are tiers of one rate, so there is never a tie.
 */
import { type Fraction, ONE, multiply, parseMultiple } from './fraction.ts';
import type { CacheTtl, PriceComponent, PriceConditions, PricedModel, TierMode } from './price.ts';
import { COUNTS_PER_UNIT, type Direction, type PriceAttributes, type Unit } from './quantities.ts';
import { type PriceTier, termsOf } from './tier.ts';

/** The attributes of a part of a request, none missing: what is not said is the plain case. */
export type Choice = Readonly<{
  serviceTier: PriceTier;
  resolution: string | null;
  isThinking: boolean;
  cacheKind: NonNullable<PriceAttributes['cacheKind']>;
  cacheTtl: CacheTtl;
}>;

/** A rate as it applies to a request: the tiers in order, and what their prices are multiplied by. */
export type Rate = Readonly<{
  key: string;
  /** What a month's use is counted under. Classes and regions with prices of their own are counted apart. */
  position: string;
  unit: Unit;
  direction: Direction;
  mode: TierMode;
  tiers: readonly PriceComponent[];
  factor: Fraction;
}>;

/**
 * What a direction is charged as where it has no component of its own. Cached input that has no
 * discount is plain input; thinking is output. A price without even the fallback is free for it.
 */
export const FALLBACK: Readonly<Record<Direction, Direction | null>> = {
  input: null,
  cache_read: 'input',
  cache_write: 'input',
  output: null,
  reasoning: 'output',
};

export function choiceOf(price: PricedModel, attributes: PriceAttributes = {}): Choice {
  return {
    serviceTier: price.serviceTier ?? 'default',
    resolution: attributes.resolution ?? null,
    isThinking: attributes.isThinking ?? false,
    // An explicit cache is one that the caller marked; all else the provider did by itself.
    cacheKind: attributes.cacheKind ?? 'implicit',
    cacheTtl: '5m',
  };
}

/** A region as a version names it; the empty name is every other. */
export type RegionTerms = Readonly<{ name: string; factor: Fraction }>;

export function regionOf(price: PricedModel, name: string | undefined): RegionTerms {
  const multiple = name === undefined ? undefined : price.regions?.[name];
  if (name === undefined || multiple === undefined) return { name: '', factor: ONE };
  return { name, factor: parseMultiple(multiple) };
}

/** Null where the version prices neither the direction nor what it falls back to. */
export function chooseRate(
  price: PricedModel,
  part: Readonly<{ unit: Unit; direction: Direction }>,
  by: Readonly<{ choice: Choice; region: RegionTerms }>,
): Rate | null {
  const terms = termsOf(price);
  let tiers: PriceComponent[] = [];
  let best = -1;
  for (const component of price.components) {
    if (component.unit !== part.unit || component.direction !== part.direction) continue;
    const { when } = component;
    if (when?.serviceTier === undefined && terms.without.includes(part.direction)) continue;
    const weight = when === undefined ? 0 : weigh(when, by.choice);
    if (weight < best || weight === -1) continue;
    if (weight > best) {
      best = weight;
      tiers = [];
    }
    tiers.push(component);
  }
  const [first] = tiers;
  if (first === undefined) {
    const fallback = FALLBACK[part.direction];
    return fallback === null ? null : chooseRate(price, { ...part, direction: fallback }, by);
  }
  // A rate that names its class says what it costs there.
  const isOfClass = first.when?.serviceTier !== undefined;
  const key = rateKey(first);
  return {
    key,
    position: [key, by.choice.serviceTier, by.region.name].join('@'),
    unit: part.unit,
    direction: part.direction,
    mode: first.mode ?? 'whole_request',
    tiers: tiers.length === 1 ? tiers : tiers.toSorted(bySize),
    factor: isOfClass ? by.region.factor : multiply(parseMultiple(terms.times), by.region.factor),
  };
}

/** `token/output/thinking`; what says the same of two components makes them tiers of one rate. */
export function rateKey({ unit, direction, when = {} }: PriceComponent): string {
  const { serviceTier, resolution, isThinking, cacheKind, cacheTtl } = when;
  const thinking = isThinking === undefined ? undefined : isThinking ? 'thinking' : 'plain';
  const named = [serviceTier, resolution, thinking, cacheKind, cacheTtl];
  return [unit, direction, ...named.filter((name) => name !== undefined)].join('/');
}

/** The last count of a tier; null where it has no end. */
export function lastCount({ unit, upTo }: PriceComponent): bigint | null {
  return upTo === null || upTo === undefined ? null : BigInt(upTo) * BigInt(COUNTS_PER_UNIT[unit]);
}

/** The tier that a size falls in. */
export function tierAt(tiers: readonly PriceComponent[], size: bigint): PriceComponent {
  for (const tier of tiers) {
    const last = lastCount(tier);
    if (last === null || size <= last) return tier;
  }
  const last = tiers.at(-1);
  if (last === undefined) throw new Error('a rate has a tier');
  return last;
}

const WEIGHTS = {
  serviceTier: 16,
  resolution: 8,
  isThinking: 4,
  cacheKind: 2,
  cacheTtl: 1,
} as const satisfies Record<keyof PriceConditions, number>;
const CONDITIONS = ['serviceTier', 'resolution', 'isThinking', 'cacheKind', 'cacheTtl'] as const;

/** -1 where it does not apply. */
function weigh(when: PriceConditions, choice: Choice): number {
  let weight = 0;
  for (const name of CONDITIONS) {
    if (when[name] === undefined) continue;
    if (when[name] !== choice[name]) return -1;
    weight += WEIGHTS[name];
  }
  return weight;
}

function bySize(left: PriceComponent, right: PriceComponent): number {
  return (left.upTo ?? Infinity) - (right.upTo ?? Infinity);
}
