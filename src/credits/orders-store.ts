/** SQL of deduction orders: versions are added and never change. */
import { type Database, sql } from '#platform/database.ts';
import type { DeductionOrder, OrderStep } from './order.ts';

type OrderRow = Readonly<{ id: string; effectiveFrom: Date; steps: OrderStep[] }>;

/** All of them, oldest first. As many as anybody would publish. */
const ORDERS_MAX = 1_000;

export async function selectOrders(database: Database): Promise<readonly DeductionOrder[]> {
  const { rows } = await sql<OrderRow>`
    select id, effective_from as "effectiveFrom", steps from deduction_orders
    order by effective_from limit ${ORDERS_MAX}`.execute(database);
  return rows.map(({ id, effectiveFrom, steps }) => ({
    id,
    effectiveFromMs: effectiveFrom.getTime(),
    steps,
  }));
}

/** Raises a unique violation where another begins at the same instant. */
export async function insertOrder(
  tx: Database,
  order: DeductionOrder & Readonly<{ createdBy: string | null }>,
): Promise<void> {
  await sql`insert into deduction_orders (id, effective_from, steps, created_by)
    values (${order.id}, ${new Date(order.effectiveFromMs)}, ${JSON.stringify(order.steps)}::jsonb,
      ${order.createdBy})`.execute(tx);
}
