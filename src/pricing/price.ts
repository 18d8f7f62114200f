/**
 * Prices as values and the arithmetic on them. Pure: no clock, no store. Amounts are `bigint` pico
 * (10⁻¹² of the currency). A component's amount divides evenly by its units, so one unit costs a
 * whole number of pico and no line is ever rounded here.
 */
export type Direction = 'input' | 'cache_read' | 'cache_write' | 'output' | 'reasoning';

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
