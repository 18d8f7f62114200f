/** The public shapes of payments. Amounts are decimal strings in the currency. */
import { z } from '@hono/zod-openapi';

const amount = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/, 'should be an amount such as 12.5');
const adapterSchema = z.enum(['manual', 'stripe']);

export const paymentStateSchema = z.enum(['open', 'succeeded', 'failed', 'expired', 'quarantined']);
export type PaymentStateName = z.infer<typeof paymentStateSchema>;

export const refundSchema = z
  .object({
    id: z.string(),
    amount: z.string(),
    state: z.enum(['pending', 'done', 'failed']),
    reason: z.string(),
    problem: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('PaymentRefund');

export const paymentSchema = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    adapter: adapterSchema,
    purpose: z.enum(['top_up', 'invoice']),
    invoiceId: z.string().nullable(),
    currency: z.string(),
    /** What was asked for. */
    amount: z.string(),
    received: z.string(),
    refunded: z.string(),
    /** What of it counts: in the balance, or towards its invoice. */
    booked: z.string(),
    /** `quarantined`: what came is not what was asked for, and somebody must look. */
    state: paymentStateSchema,
    problem: z.string().nullable(),
    dispute: z.enum(['open', 'won', 'lost']).nullable(),
    isAutomatic: z.boolean(),
    /** Of a bank transfer: what was or is to be written on it, and the day it came. */
    reference: z.string(),
    receivedOn: z.string().nullable(),
    createdAt: z.iso.datetime(),
    paidAt: z.iso.datetime().nullable(),
    expiresAt: z.iso.datetime().nullable(),
    refunds: z.array(refundSchema),
  })
  .openapi('Payment');
export type Payment = z.infer<typeof paymentSchema>;

export const checkoutSchema = paymentSchema
  .extend({
    /** Where to pay; null for a bank transfer. */
    url: z.string().nullable(),
    /** How to transfer; null for what has an address. */
    bankDetails: z.string().nullable(),
  })
  .openapi('Checkout');
export type Checkout = z.infer<typeof checkoutSchema>;

/** A top-up by `amount`, or `invoiceId` for what is still due of it. */
export const checkoutCreateSchema = z
  .strictObject({
    amount: amount.optional(),
    invoiceId: z.string().min(1).max(100).optional(),
    /** Stripe where it is set up, else a bank transfer. */
    adapter: adapterSchema.optional(),
    /** Keep the means of payment for automatic top-ups. */
    savesMethod: z.boolean().default(false),
  })
  .refine((value) => (value.amount === undefined) !== (value.invoiceId === undefined), {
    message: 'give an amount or an invoice',
    path: ['amount'],
  })
  .openapi('CheckoutCreate');
export type CheckoutCreate = z.input<typeof checkoutCreateSchema>;

/** Names the transfer that a tenant announced, or the tenant that made one unannounced. */
export const paymentRecordSchema = z
  .strictObject({
    paymentId: z.string().min(1).max(100).optional(),
    tenantId: z.string().min(1).max(100).optional(),
    amount,
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .optional(),
    invoiceId: z.string().min(1).max(100).optional(),
    /** As the bank shows it. */
    reference: z.string().trim().max(200).default(''),
    receivedOn: z.iso.date(),
    /** Sending the same key again changes nothing. */
    idempotencyKey: z.string().min(1).max(200),
  })
  .refine((value) => (value.paymentId === undefined) !== (value.tenantId === undefined), {
    message: 'give a payment or a tenant',
    path: ['tenantId'],
  })
  .openapi('PaymentRecord');
export type PaymentRecord = z.input<typeof paymentRecordSchema>;

export const refundCreateSchema = z
  .strictObject({
    /** What is left of the payment, unless it says less. */
    amount: amount.optional(),
    reason: z.string().trim().min(1).max(200),
    idempotencyKey: z.string().min(1).max(200),
    /**
     * The money is gone already (a transfer that bounced): it is taken from the balance even where that
     * goes below zero. Of bank transfers only.
     */
    isReversal: z.boolean().default(false),
  })
  .openapi('RefundCreate');
export type RefundCreate = z.input<typeof refundCreateSchema>;

export const autoTopUpSchema = z
  .object({
    isOn: z.boolean(),
    threshold: z.string(),
    amount: z.string(),
    monthlyCap: z.string(),
    /** Why it turned itself off. */
    problem: z.string().nullable(),
    /** What it paid this month (UTC). */
    spentThisMonth: z.string(),
  })
  .openapi('AutoTopUp');
export type AutoTopUp = z.infer<typeof autoTopUpSchema>;

export const autoTopUpSetSchema = z
  .strictObject({ isOn: z.boolean().default(true), threshold: amount, amount, monthlyCap: amount })
  .openapi('AutoTopUpSet');
export type AutoTopUpSet = z.input<typeof autoTopUpSetSchema>;

export const paymentOptionsSchema = z
  .object({
    currency: z.string(),
    adapters: z.array(adapterSchema),
    /** Where transfers go; null until the operator wrote it down. */
    bankDetails: z.string().nullable(),
    least: z.string(),
    most: z.string(),
    /** The saved means of payment, in words. */
    savedMethod: z.string().nullable(),
    autoTopUp: autoTopUpSchema.nullable(),
  })
  .openapi('PaymentOptions');
export type PaymentOptions = z.infer<typeof paymentOptionsSchema>;

export const paymentSettingsSchema = z
  .object({
    bankDetails: z.string(),
    /** Of the keys only a hint is ever shown. */
    stripe: z.object({ isOn: z.boolean(), keyHint: z.string().nullable(), apiBase: z.string() }),
    least: z.string(),
    most: z.string(),
    /** What to give Stripe as the address of a webhook. */
    stripeWebhookUrl: z.string(),
  })
  .openapi('PaymentSettings');
export type PaymentSettings = z.infer<typeof paymentSettingsSchema>;

/** What is left out stays; `stripe: null` turns Stripe off and forgets its keys. */
export const paymentSettingsSetSchema = z
  .strictObject({
    bankDetails: z.string().trim().max(2_000).optional(),
    least: amount.optional(),
    most: amount.optional(),
    stripe: z
      .strictObject({
        secretKey: z.string().trim().min(8).max(300),
        webhookSecret: z.string().trim().min(8).max(300),
        /** A server that speaks as Stripe does; for tests. */
        apiBase: z.url().max(300).optional(),
      })
      .nullable()
      .optional(),
  })
  .openapi('PaymentSettingsSet');
export type PaymentSettingsSet = z.input<typeof paymentSettingsSetSchema>;
