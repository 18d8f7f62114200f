/** Deduction orders: the versions that the operator published, and the one in force. */
import { isUniqueViolation, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { type DeductionOrder, type DeductionOrderCreate, orderCreateSchema } from './api.ts';
import { fail } from './errors.ts';
import { DEFAULT_ORDER, checkSteps, orderInForce } from './order.ts';
import { insertOrder, selectOrders } from './orders-store.ts';
import type { CreditsParts } from './ports.ts';

export type Orders = Readonly<{
  /** Newest first, the built-in one last. */
  list: () => Promise<readonly DeductionOrder[]>;
  /** Raises `order.incomplete`, `order.cash_last`, `order.cash_excepted`, `order.in_past`, `order.exists`. */
  publish: (by: string | null, input: DeductionOrderCreate) => Promise<DeductionOrder>;
}>;

/** A client that says "from now" is a moment behind by the time it is read. */
const PAST_TOLERANCE_MS = 60_000;

export function createOrders({ database, clock }: CreditsParts): Orders {
  const list = async (): Promise<readonly DeductionOrder[]> => {
    const orders = [DEFAULT_ORDER, ...(await selectOrders(database))];
    const { id } = orderInForce(orders, clock.nowMs());
    return orders.toReversed().map((order) => ({
      id: order.id,
      effectiveFrom: new Date(order.effectiveFromMs).toISOString(),
      steps: order.steps.map(({ source, exceptTiers }) => ({
        source,
        exceptTiers: [...exceptTiers],
      })),
      isInForce: order.id === id,
    }));
  };
  return {
    list,
    publish: async (by, input) => {
      const { steps, effectiveFrom } = orderCreateSchema.parse(input);
      checkSteps(steps);
      const nowMs = clock.nowMs();
      const asked = effectiveFrom === null ? nowMs : Date.parse(effectiveFrom);
      if (asked < nowMs - PAST_TOLERANCE_MS) {
        throw fail('order.in_past', 'An order begins now or later: what was paid stays paid.', {
          param: 'effectiveFrom',
        });
      }
      const order = {
        id: createId('ord', nowMs),
        effectiveFromMs: Math.max(asked, nowMs),
        steps,
        createdBy: by,
      };
      try {
        await transaction(database, (tx) => insertOrder(tx, order));
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw fail('order.exists', 'Another order begins at the very same instant.', {
          param: 'effectiveFrom',
          cause: error,
        });
      }
      const published = (await list()).find(({ id }) => id === order.id);
      if (published === undefined) throw fail('order.exists', 'The order is gone.');
      return published;
    },
  };
}
