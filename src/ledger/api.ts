/** The public shapes of the ledger. Amounts are decimal strings in the currency, exact to 12 places. */
import { z } from '@hono/zod-openapi';

export const balanceSchema = z
  .object({
    tenantId: z.string(),
    currency: z.string(),
    /** What the postings say. */
    balance: z.string(),
    /** Set aside in open leases of gateways and not settled yet. */
    held: z.string(),
    /** balance − held */
    available: z.string(),
  })
  .openapi('Balance');
export type Balance = z.infer<typeof balanceSchema>;

export const entrySchema = z
  .object({
    id: z.number().int(),
    kind: z.string(),
    key: z.string(),
    effectiveAt: z.iso.datetime(),
    recordedAt: z.iso.datetime(),
    postings: z.array(
      z.object({ accountId: z.string(), currency: z.string(), amount: z.string() }),
    ),
  })
  .openapi('Entry');
export type Entry = z.infer<typeof entrySchema>;

export const creditCreateSchema = z
  .strictObject({
    tenantId: z.string(),
    amount: z.string().regex(/^\d{1,12}(\.\d{1,12})?$/),
    /** Of the tenant; another one is refused, so that 100 USD are never given as 100 CNY. */
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .optional(),
    /** Sending the same key again changes nothing. */
    idempotencyKey: z.string().min(1).max(200),
    note: z.string().max(500).default(''),
  })
  .openapi('CreditCreate');
export type CreditCreate = z.input<typeof creditCreateSchema>;

export const leaseModeSchema = z
  .object({
    /** Null for the cloud: what holds for each tenant without a mode of its own. */
    tenantId: z.string().nullable(),
    mode: z.enum(['strict', 'relaxed']),
    isOwn: z.boolean(),
  })
  .openapi('LeaseMode');
export type LeaseModeView = z.infer<typeof leaseModeSchema>;

export const leaseModeUpdateSchema = z
  .strictObject({
    tenantId: z.string().min(1).max(100).nullable().default(null),
    /** Null takes the tenant's own mode away. */
    mode: z.enum(['strict', 'relaxed']).nullable(),
  })
  .openapi('LeaseModeUpdate');
export type LeaseModeUpdate = z.input<typeof leaseModeUpdateSchema>;

/** `GET /cloud/v1/ledger/accounts` */
export const ledgerAccountSchema = z
  .object({
    /** Such as `tenant/ten_…/credit/CNY` or `platform/revenue/CNY`. */
    id: z.string(),
    tenantId: z.string().nullable(),
    tenantName: z.string().nullable(),
    kind: z.string(),
    currency: z.string(),
    balance: z.string(),
    /** What it may not go below; null where nothing is. */
    floor: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('LedgerAccount');
export type LedgerAccount = z.infer<typeof ledgerAccountSchema>;

/** `GET /cloud/v1/ledger/account-lines?accountId=…`: newest first. */
export const accountLineSchema = z
  .object({
    entryId: z.number().int(),
    kind: z.string(),
    key: z.string(),
    effectiveAt: z.iso.datetime(),
    amount: z.string(),
    /** Of the account after this entry. */
    balance: z.string(),
  })
  .openapi('AccountLine');
export type AccountLine = z.infer<typeof accountLineSchema>;

/** `GET /cloud/v1/ledger/entries/{id}` */
export const ledgerEntrySchema = z
  .object({
    id: z.number().int(),
    kind: z.string(),
    key: z.string(),
    /** What led to it, as whoever posted it said. */
    reference: z.record(z.string(), z.union([z.string(), z.number()])),
    effectiveAt: z.iso.datetime(),
    recordedAt: z.iso.datetime(),
    postings: z.array(
      z.object({
        accountId: z.string(),
        tenantName: z.string().nullable(),
        currency: z.string(),
        amount: z.string(),
      }),
    ),
  })
  .openapi('LedgerEntry');
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;
