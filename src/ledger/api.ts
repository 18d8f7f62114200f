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
    /** Sending the same key again changes nothing. */
    idempotencyKey: z.string().min(1).max(200),
    note: z.string().max(500).default(''),
  })
  .openapi('CreditCreate');
export type CreditCreate = z.input<typeof creditCreateSchema>;
