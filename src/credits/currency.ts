/** What is offered in one currency is not for tenants that pay in another: nothing here converts. */
import type { Database } from '#platform/database.ts';
import { readCurrency } from '#tenancy/currency.ts';
import { fail } from './errors.ts';

/** Raises the code it is given. */
export async function requireCurrency(
  database: Database,
  code: 'coupon.currency_differs' | 'plan.currency_differs' | 'savings_plan.currency_differs',
  offer: Readonly<{ tenantId: string; currency: string }>,
): Promise<void> {
  const { tenantId, currency } = offer;
  const own = await readCurrency(database, tenantId);
  if (own === currency) return;
  throw fail(code, `This is offered in ${currency}, and you pay in ${own}.`);
}
