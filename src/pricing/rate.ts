/**
 * What a request costs, exactly. Pure: no clock, no store. Tiers over a month need to know how much of the rate
 * the tenant used before; that is a value too (`Positions`). Because a call is charged the difference of two
 * running totals, the sum over a month depends on how much was used and never on the order of the calls.
 */
import { sum } from '#ledger/money.ts';
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
import { scale } from './fraction.ts';
import type { CacheTtl, PriceComponent, PricedModel, Rated, RatedLine } from './price.ts';
import {
  COUNTS_PER_UNIT,
  type Direction,
  type Quantities,
  type Unit,
  inputTokensOf,
} from './quantities.ts';

/** By `position` of a rate, how many counts of it the tenant used this month before this call. */
export type Positions = ReadonlyMap<string, bigint>;

/** A part of a request and the rate that prices it. */
export type Charge = Readonly<{ direction: Direction; count: number; rate: Rate }>;

/**
 * Without positions: the most it can cost wherever in the month it falls. A size is given where the quantities
 * are those of many requests of it; else it is the request's own.
 */
export function rate(
  quantities: Quantities,
  price: PricedModel,
  positions?: Positions,
  givenSize?: bigint,
): Rated {
  const inputTokens = BigInt(inputTokensOf(quantities));
  // Of rates that this request used already; few have tiers over a month.
  let used: Map<string, bigint> | null = null;
  const lines: RatedLine[] = [];
  for (const charge of chargesOf(quantities, price)) {
    const { position, mode, tiers } = charge.rate;
    const count = BigInt(charge.count);
    if (mode === 'whole_request') {
      const size = givenSize ?? (charge.rate.unit === 'token' ? inputTokens : count);
      lines.push(flatLine(charge, tierAt(tiers, size)));
      continue;
    }
    used ??= new Map(positions);
    const from = used.get(position) ?? 0n;
    if (mode === 'package') {
      lines.push(packageLine(charge, from));
      used.set(position, from + count);
    } else if (positions === undefined) {
      lines.push(flatLine(charge, dearestOf(charge.rate)));
    } else {
      lines.push(...(mode === 'graduated' ? graduated(charge, from) : [volumeLine(charge, from)]));
      used.set(position, from + count);
    }
  }
  return { lines, amountPico: sum(lines.map((line) => line.amountPico)) };
}

/** Every part of a request that has a price. */
export function chargesOf(quantities: Quantities, price: PricedModel): readonly Charge[] {
  const { attributes } = quantities;
  const charges: Charge[] = [];
  if (attributes === undefined) {
    for (const part of partsOf(quantities)) addCharge(charges, part, plainRate(price, part));
    return charges;
  }
  const choice = choiceOf(price, attributes);
  const region = regionOf(price, attributes.region);
  for (const part of partsOf(quantities)) {
    addCharge(charges, part, rateOfPart(price, part, { choice, region }));
  }
  return charges;
}

function addCharge(charges: Charge[], { direction, count }: Part, found: Rate | null): void {
  if (found !== null) charges.push({ direction, count, rate: found });
}

/**
 * Rates of requests without attributes, by version: a version never changes, thousands of calls of a shipment ask
 * for the same, and what is kept goes with the version. There are no more than there are units and directions.
 */
const plainRates = new WeakMap<PricedModel, Map<string, Rate | null>>();

function plainRate(price: PricedModel, part: Part): Rate | null {
  let known = plainRates.get(price);
  if (known === undefined) {
    known = new Map();
    plainRates.set(price, known);
  }
  let found = known.get(part.name);
  if (found === undefined) {
    found = rateOfPart(price, part, {
      choice: choiceOf(price),
      region: regionOf(price, undefined),
    });
    known.set(part.name, found);
  }
  return found;
}

function rateOfPart(
  price: PricedModel,
  { unit, direction, cacheTtl }: Part,
  by: Readonly<{ choice: Choice; region: RegionTerms }>,
): Rate | null {
  const choice = cacheTtl === undefined ? by.choice : { ...by.choice, cacheTtl };
  return chooseRate(price, { unit, direction }, { choice, region: by.region });
}

/** What one count costs; for a package, what one package does. */
export function eachPico(of: Rate, tier: PriceComponent): bigint {
  let known = eachPicos.get(of);
  if (known === undefined) {
    known = new Map();
    eachPicos.set(of, known);
  }
  let each = known.get(tier);
  if (each === undefined) {
    each = divided(of, tier);
    known.set(tier, each);
  }
  return each;
}

/** By rate and tier, for as long as the rate is kept: a division of `bigint`s costs more than all else of a line. */
const eachPicos = new WeakMap<Rate, Map<PriceComponent, bigint>>();

function divided({ mode, factor }: Rate, tier: PriceComponent): bigint {
  const amountPico = BigInt(tier.amountPico);
  if (mode === 'package') return scale(amountPico, factor);
  const counts = BigInt(tier.perUnits) * BigInt(COUNTS_PER_UNIT[tier.unit]);
  return (amountPico * factor.times) / (counts * factor.dividedBy);
}

export function packageSize(tier: PriceComponent): bigint {
  return BigInt(tier.perUnits) * BigInt(COUNTS_PER_UNIT[tier.unit]);
}

/** The tier with the highest price of one count. */
export function dearestOf(of: Rate): PriceComponent {
  return of.tiers.reduce((most, tier) => (eachPico(of, tier) > eachPico(of, most) ? tier : most));
}

/** `name` tells parts of a request apart. */
type Part = Readonly<{
  name: string;
  unit: Unit;
  direction: Direction;
  count: number;
  cacheTtl?: CacheTtl;
}>;

function partsOf(used: Quantities): readonly Part[] {
  const parts: Part[] = [];
  const add = (direction: Direction, count: number, cacheTtl?: CacheTtl): void => {
    if (count === 0) return;
    const part = { name: direction, unit: 'token', direction, count } as const;
    parts.push(
      cacheTtl === undefined ? part : { ...part, name: `${direction} ${cacheTtl}`, cacheTtl },
    );
  };
  add('input', used.input);
  add('cache_read', used.cacheRead);
  add('cache_write', used.cacheWrite, '5m');
  add('cache_write', used.cacheWrite1h ?? 0, '1h');
  add('output', used.output);
  add('reasoning', used.reasoning);
  for (const { unit, direction, count } of used.units ?? []) {
    if (count !== 0) parts.push({ name: `${unit} ${direction}`, unit, direction, count });
  }
  return parts;
}

function lineOf(
  { direction, rate: by }: Charge,
  part: Readonly<{ tier: PriceComponent; units: bigint; priced: bigint; each: bigint }>,
): RatedLine {
  return {
    unit: by.unit,
    direction,
    chargedAs: by.direction,
    rate: by.key,
    upTo: part.tier.upTo ?? null,
    units: Number(part.units),
    priced: Number(part.priced),
    eachPico: part.each,
    amountPico: part.each * part.priced,
  };
}

function flatLine(charge: Charge, tier: PriceComponent): RatedLine {
  const count = BigInt(charge.count);
  const each = eachPico(charge.rate, tier);
  return lineOf(charge, { tier, units: count, priced: count, each });
}

/** Packages begun by now, less those begun before. */
function packageLine(charge: Charge, from: bigint): RatedLine {
  const tier = tierAt(charge.rate.tiers, 0n);
  const size = packageSize(tier);
  const begun = (counts: bigint): bigint => (counts + size - 1n) / size;
  const count = BigInt(charge.count);
  const priced = begun(from + count) - begun(from);
  return lineOf(charge, { tier, units: count, priced, each: eachPico(charge.rate, tier) });
}

/** One line for each tier that the way from `from` leads through. */
function graduated(charge: Charge, from: bigint): readonly RatedLine[] {
  const lines: RatedLine[] = [];
  const end = from + BigInt(charge.count);
  let at = from;
  for (const tier of charge.rate.tiers) {
    const last = lastCount(tier);
    const to = last === null || last > end ? end : last;
    if (to <= at) continue;
    const count = to - at;
    const each = eachPico(charge.rate, tier);
    lines.push(lineOf(charge, { tier, units: count, priced: count, each }));
    at = to;
  }
  return lines;
}

/** One step of the month's total, which may be nothing where the next tier makes all of it cheaper. */
function volumeLine(charge: Charge, from: bigint): RatedLine {
  const count = BigInt(charge.count);
  const each = volumeTotal(charge.rate, from + count) - volumeTotal(charge.rate, from);
  const tier = tierAt(charge.rate.tiers, from + count);
  return lineOf(charge, { tier, units: count, priced: 1n, each });
}

/**
 * All at the price of the tier that the total reaches, and never more than the least larger total costs. So the
 * running total never falls, nothing is ever paid back, and nobody is better off for having used more.
 */
function volumeTotal(by: Rate, total: bigint): bigint {
  let least = total * eachPico(by, tierAt(by.tiers, total));
  for (const [index, tier] of by.tiers.entries()) {
    const last = lastCount(tier);
    const next = by.tiers[index + 1];
    if (last === null || next === undefined || last < total) continue;
    const larger = (last + 1n) * eachPico(by, next);
    if (larger < least) least = larger;
  }
  return least;
}
