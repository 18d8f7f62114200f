/**
 * What a price asks about a request that its answer does not show: that it was a request, and where it was
 * served. Only prices that ask are told, so that the record of a plain call stays as short as it is. Pure.
 */
import type { Outcome } from '#metering/usage-event.ts';
import type { PricedModel } from '#pricing/price.ts';
import { type UnitCount, inputTokensOf, outputTokensOf } from '#pricing/quantities.ts';
import type { Expected } from '#pricing/worst-case.ts';
import type { Settlement } from '../settlement.ts';
import type { ParsedRequest } from '../wire/openai/request.ts';

const ONE_REQUEST: UnitCount = { unit: 'request', direction: 'input', count: 1 };

/** What admission holds for beside tokens. */
export function expectedBeside(
  price: PricedModel,
  { expected }: Pick<ParsedRequest, 'expected'>,
): Expected {
  const isPerRequest = asksPerRequest(price);
  if (expected === undefined && !isPerRequest) return {};
  const units = [...(expected?.units ?? []), ...(isPerRequest ? [ONE_REQUEST] : [])];
  return { units, attributes: expected?.attributes };
}

type Asking = Readonly<{ price: PricedModel | null; isPerRequest: boolean }>;
export type Served = Settlement & Readonly<{ outcome: Outcome; region: string | null }>;

/** The same settlement with what the price asks for. A call that gave nothing was no request to pay for. */
export function toldTo({ price, isPerRequest }: Asking, facts: Served): Settlement {
  const { outcome, region, units = [], attributes } = facts;
  const isPaid = outcome === 'finished' || (outcome === 'cancelled' && hasOutput(facts));
  const isRegional = region !== null && price?.regions?.[region] !== undefined;
  if (!isPerRequest && !isRegional) return facts;
  return {
    ...facts,
    ...(isPerRequest && isPaid && { units: [...units, ONE_REQUEST] }),
    ...(isRegional && { attributes: { ...attributes, region } }),
  };
}

function asksPerRequest({ components }: PricedModel): boolean {
  return components.some(({ unit }) => unit === 'request');
}

function hasOutput({ usage, units = [] }: Settlement): boolean {
  return inputTokensOf(usage) + outputTokensOf(usage) > 0 || units.length > 0;
}
