/** The public shapes of authors' shares. Amounts are decimal strings, exact to 12 places; shares are in basis points. */
import { z } from '@hono/zod-openapi';

const amount = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/);
const currency = z.string().regex(/^[A-Z]{3}$/);

/** `GET /cloud/v1/author-shares`: versions, the one that begins last first. */
export const shareRuleSchema = z
  .object({
    id: z.string(),
    /** Null is the default for every model without a rule of its own. */
    modelId: z.string().nullable(),
    modelName: z.string().nullable(),
    /** 3000 is 30 %. Null: the model goes back to the default. */
    basisPoints: z.number().int().nullable(),
    /** Who earns it; null is the tenant that published the model. */
    authorTenantId: z.string().nullable(),
    countsOwnUsage: z.boolean(),
    countsFreeUsage: z.boolean(),
    effectiveFrom: z.iso.datetime(),
    /** `current` until another version of its model begins. */
    state: z.enum(['scheduled', 'current', 'past']),
  })
  .openapi('ShareRule');
export type ShareRule = z.infer<typeof shareRuleSchema>;

export const shareRuleCreateSchema = z
  .strictObject({
    /** `owner/name`; without it the default of the cloud. */
    model: z.string().min(3).max(200).optional(),
    basisPoints: z.number().int().min(0).max(10_000).nullable(),
    authorTenantId: z.string().min(1).max(100).optional(),
    countsOwnUsage: z.boolean().default(false),
    countsFreeUsage: z.boolean().default(false),
    /** Now or later. */
    effectiveFrom: z.iso.datetime().optional(),
  })
  .openapi('ShareRuleCreate');
export type ShareRuleCreate = z.input<typeof shareRuleCreateSchema>;

/** `GET /cloud/v1/authors`: everybody who has earned something. */
export const authorSchema = z
  .object({
    tenantId: z.string(),
    tenantName: z.string(),
    currency: z.string(),
    /** What is owed now. */
    payable: z.string(),
    /** Since they first earned something; what was taken back is taken off. */
    earned: z.string(),
    paid: z.string(),
    models: z.number().int(),
    lastEarnedOn: z.iso.date().nullable(),
  })
  .openapi('Author');
export type Author = z.infer<typeof authorSchema>;

export const payoutSchema = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    currency: z.string(),
    amount: z.string(),
    reference: z.string(),
    note: z.string(),
    entryId: z.number().int(),
    createdAt: z.iso.datetime(),
    reversedAt: z.iso.datetime().nullable(),
    reversalNote: z.string().nullable(),
    reversalEntryId: z.number().int().nullable(),
  })
  .openapi('Payout');
export type Payout = z.infer<typeof payoutSchema>;

export const payoutCreateSchema = z
  .strictObject({
    tenantId: z.string().min(1).max(100),
    amount,
    currency: currency.default('CNY'),
    /** Of the transfer, as the bank names it. */
    reference: z.string().trim().min(1).max(200),
    note: z.string().max(500).default(''),
    /** Sending the same key again changes nothing. */
    idempotencyKey: z.string().min(1).max(200),
  })
  .openapi('PayoutCreate');
export type PayoutCreate = z.input<typeof payoutCreateSchema>;

/** `GET /cloud/v1/author-statement?month=2027-01`: opening + share − reversed − paid = closing. */
export const authorStatementSchema = z
  .object({
    tenantId: z.string(),
    tenantName: z.string(),
    currency: z.string(),
    /** A calendar month in UTC, of booking: a month that is over never changes. */
    month: z.string(),
    isOver: z.boolean(),
    opening: z.string(),
    share: z.string(),
    reversed: z.string(),
    paid: z.string(),
    closing: z.string(),
    lines: z.array(
      z.object({
        modelId: z.string(),
        modelName: z.string(),
        calls: z.number().int(),
        /** What was paid for them and counted. */
        revenue: z.string(),
        share: z.string(),
        reversed: z.string(),
      }),
    ),
    days: z.array(z.object({ day: z.iso.date(), share: z.string() })),
    payouts: z.array(payoutSchema),
  })
  .openapi('AuthorStatement');
export type AuthorStatement = z.infer<typeof authorStatementSchema>;

/** `GET /cloud/v1/author-earnings`: whether a tenant is an author, and what it has coming. */
export const authorEarningsSchema = z
  .object({
    tenantId: z.string(),
    isAuthor: z.boolean(),
    currency: z.string(),
    /** Of all that it earned in, its own first: payers pay in theirs. */
    currencies: z.array(z.string()),
    payable: z.string(),
    earned: z.string(),
    paid: z.string(),
    /** Booked this month (UTC) so far. */
    thisMonth: z.string(),
  })
  .openapi('AuthorEarnings');
export type AuthorEarnings = z.infer<typeof authorEarningsSchema>;
