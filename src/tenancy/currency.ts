/**
 * In which currency a tenant has its balance, is charged and pays. Chosen when the tenant is made and never
 * changed: a balance, a bill and a price are each of one currency, and nothing here ever converts.
 */
import { z } from '@hono/zod-openapi';
import { type Database, sql } from '#platform/database.ts';

/** ISO 4217. Each more is a line here and a price book in it. */
export const CURRENCIES = ['CNY', 'USD', 'EUR', 'GBP', 'HKD', 'JPY', 'SGD'] as const;
export type Currency = (typeof CURRENCIES)[number];

/** The operator's until it chooses another, and of whoever nobody knows. */
export const DEFAULT_CURRENCY = 'CNY';

export const currencySchema = z.enum(CURRENCIES);

/** A tenant's; with null the operator's, in which the whole cloud is looked at. */
export async function readCurrency(database: Database, tenantId: string | null): Promise<string> {
  const { rows } = await sql<{ currency: string }>`
    select currency from tenants
    where case when ${tenantId}::text is null then kind = 'operator' else id = ${tenantId} end`.execute(
    database,
  );
  return rows[0]?.currency ?? DEFAULT_CURRENCY;
}

/** Every currency that some tenant has, in alphabetical order. */
export async function readCurrencies(database: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ currency: string }>`
    select distinct currency from tenants order by currency`.execute(database);
  return rows.map(({ currency }) => currency);
}
