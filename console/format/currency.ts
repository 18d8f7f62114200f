/** The currencies in which tenants pay and models are priced. */
import type { TenantCreate } from '../cloud.ts';

export type Currency = NonNullable<TenantCreate['currency']>;

export const CURRENCIES: readonly Currency[] = ['CNY', 'USD', 'EUR', 'GBP', 'HKD', 'JPY', 'SGD'];
