/** The public shapes of invoices. Amounts are decimal strings in the currency of the tenant. */
import { z } from '@hono/zod-openapi';
import { LANGUAGES, invoiceDocumentSchema, statementSchema } from './document.ts';
import { DUNNING_ACTIONS, dunningStepsSchema } from './dunning.ts';
import { TAX_MODES } from './tax.ts';

const coins = z.string().regex(/^\d{1,12}(\.\d{1,3})?$/);

export const invoiceSchema = z
  .object({
    id: z.string(),
    number: z.string(),
    tenantId: z.string(),
    tenantName: z.string(),
    /** The month it is for, by the tenant's clock. */
    period: z.string(),
    currency: z.string(),
    /** `open` until nothing of it is owed; `void` when it was credited whole; `uncollectible` when it was given up. */
    state: z.enum(['open', 'paid', 'uncollectible', 'void']),
    total: z.string(),
    tax: z.string(),
    credited: z.string(),
    /** What is still owed on it. */
    outstanding: z.string(),
    issuedOn: z.iso.date(),
    dueOn: z.iso.date(),
    isOverdue: z.boolean(),
    /** The last step that was taken because it is overdue. */
    dunning: z.enum(DUNNING_ACTIONS).nullable(),
    finalizedAt: z.iso.datetime(),
    paidAt: z.iso.datetime().nullable(),
  })
  .openapi('Invoice');
export type Invoice = z.infer<typeof invoiceSchema>;

export const creditNoteSchema = z
  .object({
    id: z.string(),
    number: z.string(),
    invoiceId: z.string(),
    currency: z.string(),
    total: z.string(),
    tax: z.string(),
    reason: z.string(),
    issuedOn: z.iso.date(),
  })
  .openapi('CreditNote');
export type CreditNote = z.infer<typeof creditNoteSchema>;

export const invoiceDetailSchema = invoiceSchema
  .extend({ document: invoiceDocumentSchema, creditNotes: z.array(creditNoteSchema) })
  .openapi('InvoiceDetail');
export type InvoiceDetail = z.infer<typeof invoiceDetailSchema>;

export const previewSchema = z
  .object({
    statement: statementSchema,
    /** When the period can be closed at the earliest. */
    closesAt: z.iso.datetime(),
  })
  .openapi('InvoicePreview');
export type InvoicePreview = z.infer<typeof previewSchema>;

/** One request behind a line of an invoice. */
export const invoiceRequestSchema = z
  .object({
    requestId: z.string(),
    attempt: z.number().int(),
    projectId: z.string(),
    keyId: z.string(),
    modelName: z.string(),
    serviceTier: z.string(),
    currency: z.string(),
    /** What the whole request cost. */
    amount: z.string(),
    /** What of it is on the line, or was paid by the source that was asked for. */
    part: z.string(),
    /** Counts of the line, such as tokens; null where no line was asked for. */
    units: z.number().nullable(),
    /** The entry of the ledger that it was posted in; null where it cost nothing. */
    entryId: z.number().int().nullable(),
    settledAt: z.iso.datetime(),
    /** When it counts: later than it was settled where its own month was closed already. */
    billedAt: z.iso.datetime(),
  })
  .openapi('InvoiceRequest');
export type InvoiceRequest = z.infer<typeof invoiceRequestSchema>;

export const FORMATS = ['pdf', 'csv', 'focus', 'json'] as const;
export type InvoiceFormat = (typeof FORMATS)[number];

export const creditNoteCreateSchema = z
  .strictObject({
    /** All that is left of the invoice where it is missing: that voids an invoice that was not paid. */
    amount: coins.optional(),
    reason: z.string().trim().min(1).max(500),
    /** Sending the same key again makes no second note. */
    idempotencyKey: z.string().min(1).max(200),
  })
  .openapi('CreditNoteCreate');
export type CreditNoteCreate = z.input<typeof creditNoteCreateSchema>;

export const closeSchema = z
  .strictObject({
    tenantId: z.string().min(1).max(100),
    /** The next period of the tenant where it is missing. */
    period: z
      .string()
      .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
      .optional(),
  })
  .openapi('InvoiceClose');
export type InvoiceClose = z.input<typeof closeSchema>;

export const closedSchema = z
  .object({ period: z.string(), invoice: invoiceSchema.nullable() })
  .openapi('InvoiceClosed');
export type InvoiceClosed = z.infer<typeof closedSchema>;

export const taxRateSchema = z.object({
  /** From the first moment of this day by the tenant's clock. */
  effectiveFrom: z.iso.datetime(),
  name: z.string(),
  mode: z.enum(TAX_MODES),
  ratePpm: z.number().int(),
  reason: z.string(),
});
export type TaxRateShape = z.infer<typeof taxRateSchema>;

export const billingTermsSchema = z
  .object({
    tenantId: z.string(),
    tenantName: z.string(),
    currency: z.string(),
    mode: z.enum(['prepaid', 'postpaid']),
    creditLine: z.string(),
    timeZone: z.string(),
    language: z.enum(LANGUAGES),
    dueDays: z.number().int(),
    graceHours: z.number().int(),
    dunning: dunningStepsSchema,
    legalName: z.string(),
    address: z.array(z.string()),
    taxId: z.string(),
    email: z.string(),
    /** The strictest step that holds now. */
    restriction: z.enum(DUNNING_ACTIONS).nullable(),
    closedUntil: z.iso.datetime().nullable(),
    /** Newest first. */
    taxRates: z.array(taxRateSchema),
  })
  .openapi('BillingTerms');
export type BillingTerms = z.infer<typeof billingTermsSchema>;

/** What a tenant says of itself, and stands on its invoices. */
export const billingProfileSchema = z.strictObject({
  legalName: z.string().trim().max(200).optional(),
  address: z.array(z.string().trim().min(1).max(200)).max(6).optional(),
  taxId: z.string().trim().max(50).optional(),
  email: z.union([z.email().max(254), z.literal('')]).optional(),
  language: z.enum(LANGUAGES).optional(),
});
export type BillingProfile = z.input<typeof billingProfileSchema>;

/** The operator agrees these with a tenant; what is missing stays as it is. */
export const billingTermsUpdateSchema = billingProfileSchema
  .extend({
    mode: z.enum(['prepaid', 'postpaid']).optional(),
    creditLine: coins.optional(),
    timeZone: z.string().min(1).max(100).optional(),
    dueDays: z.number().int().min(0).max(365).optional(),
    graceHours: z.number().int().min(0).max(240).optional(),
    dunning: dunningStepsSchema.optional(),
    tax: z
      .strictObject({
        name: z.string().trim().min(1).max(50),
        mode: z.enum(TAX_MODES),
        /** Millionths: 6 % is 60000. */
        ratePpm: z.number().int().min(0).max(1_000_000),
        reason: z.string().trim().max(200).default(''),
        /** Now where it is missing; never in a period that is closed. */
        effectiveFrom: z.iso.datetime().optional(),
      })
      .optional(),
  })
  .openapi('BillingTermsUpdate');
export type BillingTermsUpdate = z.input<typeof billingTermsUpdateSchema>;

export const receivablesSchema = z
  .object({
    /** What is owed, by how long it is overdue; currencies apart. */
    totals: z.array(
      z.object({
        currency: z.string(),
        buckets: z.array(
          z.object({
            bucket: z.enum(['current', 'days_1_30', 'days_31_60', 'days_61_90', 'days_over_90']),
            amount: z.string(),
            invoices: z.number().int(),
          }),
        ),
      }),
    ),
    tenants: z.array(
      z.object({
        tenantId: z.string(),
        tenantName: z.string(),
        currency: z.string(),
        mode: z.enum(['prepaid', 'postpaid']),
        creditLine: z.string(),
        restriction: z.enum(DUNNING_ACTIONS).nullable(),
        outstanding: z.string(),
        overdue: z.string(),
        oldestDueOn: z.iso.date().nullable(),
        openInvoices: z.number().int(),
      }),
    ),
    /** Periods whose close found something wrong. */
    problems: z.array(z.object({ tenantId: z.string(), period: z.string(), problem: z.string() })),
  })
  .openapi('Receivables');
export type Receivables = z.infer<typeof receivablesSchema>;
