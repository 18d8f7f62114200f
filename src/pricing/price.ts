/**
 * Prices as values and the arithmetic on them. Pure: no clock, no store. Amounts are `bigint` pico
 * (10⁻¹² of the currency). A component's amount divides evenly by its units, so one unit costs a
 * whole number of pico and no line is ever rounded here.
 */
import { sum } from '#ledger/money.ts';
import type { Direction, Quantities } from './quantities.ts';

export type PriceComponent = Readonly<{
  unit: 'token' | 'request';
  direction: Direction;
  /** Decimal string of pico per `perUnits` units; a string because it crosses the wire as JSON. */
  amountPico: string;
  perUnits: number;
}>;

/** One effective-dated version of a model's price. */
export type PricedModel = Readonly<{
  priceId: string;
  modelId: string;
  currency: string;
  effectiveFromMs: number;
  components: readonly PriceComponent[];
}>;

/** One priced bucket of a request. */
export type RatedLine = Readonly<{
  direction: Direction;
  /** The component that priced it: a direction without one is charged as its fallback. */
  chargedAs: Direction;
  units: number;
  amountPico: bigint;
}>;

export type Rated = Readonly<{ lines: readonly RatedLine[]; amountPico: bigint }>;

/**
 * What a direction is charged as where it has no component of its own. Cached input that has no
 * discount is plain input; thinking is output. A price without even the fallback is free for it.
 */
const FALLBACK: Readonly<Record<Direction, Direction | null>> = {
  input: null,
  cache_read: 'input',
  cache_write: 'input',
  output: null,
  reasoning: 'output',
};

/** What a request costs, exactly. */
export function rate(quantities: Quantities, price: PricedModel): Rated {
  const lines: RatedLine[] = [];
  for (const [direction, units] of unitsByDirection(quantities)) {
    if (units === 0) continue;
    const component = componentFor(price, direction);
    if (component === null) continue;
    lines.push({
      direction,
      chargedAs: component.direction,
      units,
      amountPico: unitPico(component) * BigInt(units),
    });
  }
  return { lines, amountPico: sum(lines.map((line) => line.amountPico)) };
}

/**
 * The most a request can cost: every input token at the dearest way input may be charged, every
 * output token at the dearest way output may be. This is what admission sets aside.
 */
export function worstCase(
  price: PricedModel,
  inputTokens: number,
  outputTokensMax: number,
): bigint {
  return (
    dearest(price, ['input', 'cache_read', 'cache_write']) * BigInt(inputTokens) +
    dearest(price, ['output', 'reasoning']) * BigInt(outputTokensMax)
  );
}

/**
 * The version that applies at an instant: the latest that has begun. Versions of one model and
 * currency begin at different instants, so there is never a tie. Null before the first.
 */
export function priceInForce(prices: readonly PricedModel[], atMs: number): PricedModel | null {
  let found: PricedModel | null = null;
  for (const price of prices) {
    if (price.effectiveFromMs > atMs) continue;
    if (found === null || price.effectiveFromMs > found.effectiveFromMs) found = price;
  }
  return found;
}

function unitsByDirection(quantities: Quantities): readonly (readonly [Direction, number])[] {
  return [
    ['input', quantities.input],
    ['cache_read', quantities.cacheRead],
    ['cache_write', quantities.cacheWrite + (quantities.cacheWrite1h ?? 0)],
    ['output', quantities.output],
    ['reasoning', quantities.reasoning],
  ];
}

function componentFor(price: PricedModel, direction: Direction): PriceComponent | null {
  const own = price.components.find(
    (component) => component.unit === 'token' && component.direction === direction,
  );
  if (own !== undefined) return own;
  const fallback = FALLBACK[direction];
  return fallback === null ? null : componentFor(price, fallback);
}

function dearest(price: PricedModel, directions: readonly Direction[]): bigint {
  let most = 0n;
  for (const direction of directions) {
    const component = componentFor(price, direction);
    if (component === null) continue;
    const pico = unitPico(component);
    if (pico > most) most = pico;
  }
  return most;
}

/** Exact: publishing refuses a component whose amount does not divide by its units. */
function unitPico(component: PriceComponent): bigint {
  return BigInt(component.amountPico) / BigInt(component.perUnits);
}
