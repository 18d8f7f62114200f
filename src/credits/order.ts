/**
 * In which order sources pay. Pure. The order is data: the operator publishes versions with a time from
 * which they hold, and a call is paid in the order that was in force when it was let in. Cash is always
 * last, because it is the only source that cannot run out of scope or time.
 */
import { fail } from './errors.ts';

export const SOURCES = ['free_quota', 'plan', 'savings_plan', 'grant', 'cash'] as const;
export type Source = (typeof SOURCES)[number];

export type OrderStep = Readonly<{
  source: Source;
  /** Classes of service that it does not pay for. */
  exceptTiers: readonly string[];
}>;

export type DeductionOrder = Readonly<{
  id: string;
  effectiveFromMs: number;
  steps: readonly OrderStep[];
}>;

/** In force until the operator publishes another. Batch is half the price already and takes no free quota. */
export const DEFAULT_ORDER: DeductionOrder = {
  id: 'default',
  effectiveFromMs: 0,
  steps: SOURCES.map((source) => ({
    source,
    exceptTiers: source === 'free_quota' ? ['batch'] : [],
  })),
};

/** Raises `order.incomplete`, `order.cash_last` or `order.cash_excepted`. */
export function checkSteps(steps: readonly OrderStep[]): void {
  const named = new Set(steps.map(({ source }) => source));
  if (named.size !== SOURCES.length || steps.length !== SOURCES.length) {
    throw fail('order.incomplete', `An order names each of ${SOURCES.join(', ')} once.`, {
      param: 'steps',
    });
  }
  const last = steps.at(-1);
  if (last?.source !== 'cash') {
    throw fail('order.cash_last', 'Cash pays last: whatever nothing else paid for.', {
      param: 'steps',
    });
  }
  if (last.exceptTiers.length > 0) {
    throw fail('order.cash_excepted', 'Cash pays for every class of service.', { param: 'steps' });
  }
}

/** The latest that has begun; the default before the first. */
export function orderInForce(orders: readonly DeductionOrder[], atMs: number): DeductionOrder {
  let found = DEFAULT_ORDER;
  for (const order of orders) {
    if (order.effectiveFromMs > atMs || order.effectiveFromMs < found.effectiveFromMs) continue;
    found = order;
  }
  return found;
}

/** Who may pay for a call of this class, first to last. */
export function sourcesFor(order: DeductionOrder, serviceTier: string): readonly Source[] {
  return order.steps
    .filter(({ exceptTiers }) => !exceptTiers.includes(serviceTier))
    .map(({ source }) => source);
}
