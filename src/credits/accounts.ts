/** Ledger accounts of what a tenant may spend besides cash, and the platform's side of it. Pure. */
import { type Account, platformAccount } from '#ledger/entry.ts';
import type { Origin } from './grant.ts';

/** Each grant has a balance of its own, which is what is left of it. */
export function grantAccount(
  grant: Readonly<{ tenantId: string; id: string; origin: Origin; currency: string }>,
): Account {
  const { tenantId, id, currency } = grant;
  const kind = grant.origin === 'savings_plan' ? 'savings_plan' : 'grant';
  return { id: `tenant/${tenantId}/${kind}/${id}/${currency}`, tenantId, kind, currency };
}

/** What free quotas pay is a gift; what plans' allowances pay was sold for another price. */
export function unitsAccount(source: 'free_quota' | 'plan', currency: string): Account {
  return platformAccount(source === 'plan' ? 'allowance' : 'promo', currency);
}
