/**
 * The public shapes of credits and plans. Money is a decimal string in the currency; tokens and other
 * units are whole numbers.
 */
import { z } from '@hono/zod-openapi';
import { DEFAULT_CURRENCY, currencySchema } from '#tenancy/currency.ts';

const amount = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,12})?$/, 'should be an amount such as 12.5')
  .refine((text) => /[1-9]/.test(text), 'should be more than nothing');
const currency = currencySchema.default(DEFAULT_CURRENCY);
const price = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/, 'should be an amount such as 12.5');
const name = z.string().trim().min(1).max(100);
const id = z.string().min(1).max(100);
/** Names of models, `owner/name`. */
const models = z.array(z.string().trim().min(1).max(300)).min(1).max(200);
const percent = z.number().min(0.01).max(100).multipleOf(0.01);
/** A century; whoever means "for ever" says null. */
const days = z.int().min(1).max(36_500);
const UNITS_MAX = 1_000_000_000_000_000;
const idempotencyKey = z.string().min(1).max(200);

export const productSchema = z.enum(['inference', 'batch', 'tuning', 'storage', 'compute']);
export const sourceSchema = z.enum(['free_quota', 'plan', 'savings_plan', 'grant', 'cash']);
export type SourceName = z.infer<typeof sourceSchema>;

export const grantSchema = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    /** `manual`: given by the operator. */
    origin: z.enum(['manual', 'coupon', 'savings_plan']),
    name: z.string(),
    currency: z.string(),
    amount: z.string(),
    remaining: z.string(),
    /** What was paid for it: 0, but for savings plans. */
    paid: z.string(),
    /** Of every call it pays so many per cent. */
    percent: z.number(),
    /** The smaller goes first. */
    priority: z.number(),
    /** Null for any. */
    models: z.array(z.string()).nullable(),
    projectId: z.string().nullable(),
    product: productSchema.nullable(),
    startsAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    state: z.enum(['active', 'used_up', 'expired', 'revoked']),
    note: z.string(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Grant');
export type Grant = z.infer<typeof grantSchema>;

export const grantCreateSchema = z
  .strictObject({
    tenantId: id,
    name: name.default('Credit'),
    amount,
    expiresAt: z.iso.datetime().nullable().default(null),
    priority: z.int().min(0).max(1000).default(100),
    models: models.nullable().default(null),
    projectId: id.nullable().default(null),
    product: productSchema.nullable().default(null),
    note: z.string().max(500).default(''),
    /** Sending the same key again gives nothing twice. */
    idempotencyKey,
  })
  .openapi('GrantCreate');
export type GrantCreate = z.input<typeof grantCreateSchema>;

export const quotaUnitSchema = z.enum([
  'token',
  'character',
  'second',
  'image',
  'video_second',
  'page',
  'request',
]);

export const freeQuotaRuleSchema = z
  .object({
    model: z.string(),
    unit: quotaUnitSchema,
    units: z.number(),
    /** From the day it is given; null never ends. */
    validDays: z.number().nullable(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('FreeQuotaRule');
export type FreeQuotaRule = z.infer<typeof freeQuotaRuleSchema>;

export const freeQuotaRuleSetSchema = z
  .strictObject({
    model: z.string().min(1).max(300),
    unit: quotaUnitSchema.default('token'),
    /** 0 takes the rule away; what was given stays. */
    units: z.int().min(0).max(UNITS_MAX),
    validDays: days.nullable().default(null),
  })
  .openapi('FreeQuotaRuleSet');
export type FreeQuotaRuleSet = z.input<typeof freeQuotaRuleSetSchema>;

export const freeQuotaSchema = z
  .object({
    id: z.string(),
    model: z.string(),
    unit: quotaUnitSchema,
    units: z.number(),
    used: z.number(),
    startsAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
  })
  .openapi('FreeQuota');
export type FreeQuota = z.infer<typeof freeQuotaSchema>;

export const couponSchema = z
  .object({
    id: z.string(),
    code: z.string(),
    name: z.string(),
    kind: z.enum(['amount', 'top_up', 'usage']),
    currency: z.string(),
    /** What it is worth; for the per cents, what it is worth at most. */
    amount: z.string(),
    percent: z.number().nullable(),
    redemptions: z.number(),
    redemptionsMax: z.number().nullable(),
    validUntil: z.iso.datetime().nullable(),
    grantDays: z.number().nullable(),
    models: z.array(z.string()).nullable(),
    product: productSchema.nullable(),
    state: z.enum(['active', 'archived']),
    createdAt: z.iso.datetime(),
  })
  .openapi('Coupon');
export type Coupon = z.infer<typeof couponSchema>;

export const couponCreateSchema = z
  .strictObject({
    /** Letters, digits and dashes, in whatever case. */
    code: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9-]{4,40}$/, 'should be 4 to 40 letters, digits and dashes'),
    name,
    kind: z.enum(['amount', 'top_up', 'usage']),
    /** Only tenants that pay in it may redeem it. */
    currency,
    amount,
    percent: percent.nullable().default(null),
    redemptionsMax: z.int().min(1).max(100_000_000).nullable().default(null),
    validUntil: z.iso.datetime().nullable().default(null),
    /** How long what it gives lasts. */
    grantDays: days.nullable().default(null),
    priority: z.int().min(0).max(1000).default(100),
    models: models.nullable().default(null),
    product: productSchema.nullable().default(null),
  })
  .openapi('CouponCreate');
export type CouponCreate = z.input<typeof couponCreateSchema>;

export const redemptionSchema = z
  .object({
    coupon: z.string(),
    kind: couponSchema.shape.kind,
    /** `waiting`: for the next top-up. */
    state: z.enum(['waiting', 'granted']),
    percent: z.number().nullable(),
    redeemedAt: z.iso.datetime(),
    grant: grantSchema.nullable(),
  })
  .openapi('Redemption');
export type Redemption = z.infer<typeof redemptionSchema>;

export const redeemSchema = z
  .strictObject({ code: z.string().trim().min(1).max(100) })
  .openapi('Redeem');

export const orderSchema = z
  .object({
    id: z.string(),
    effectiveFrom: z.iso.datetime(),
    /** First to last. */
    steps: z.array(z.object({ source: sourceSchema, exceptTiers: z.array(z.string()) })),
    isInForce: z.boolean(),
  })
  .openapi('DeductionOrder');
export type DeductionOrder = z.infer<typeof orderSchema>;

export const orderCreateSchema = z
  .strictObject({
    steps: z
      .array(
        z.strictObject({
          source: sourceSchema,
          exceptTiers: z
            .array(z.enum(['flex', 'default', 'priority', 'batch']))
            .max(4)
            .default([]),
        }),
      )
      .min(1)
      .max(10),
    /** Null begins now. */
    effectiveFrom: z.iso.datetime().nullable().default(null),
  })
  .openapi('DeductionOrderCreate');
export type DeductionOrderCreate = z.input<typeof orderCreateSchema>;

export const savingsPlanSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    currency: z.string(),
    /** What may be spent. */
    amount: z.string(),
    /** What it costs up front. */
    price: z.string(),
    discountPercent: z.number(),
    months: z.number(),
    models: z.array(z.string()).nullable(),
    product: productSchema.nullable(),
    state: z.enum(['active', 'archived']),
    createdAt: z.iso.datetime(),
  })
  .openapi('SavingsPlan');
export type SavingsPlan = z.infer<typeof savingsPlanSchema>;

export const savingsPlanCreateSchema = z
  .strictObject({
    name,
    currency,
    amount,
    discountPercent: z.number().min(0).max(99.99).multipleOf(0.01),
    months: z.int().min(1).max(60),
    models: models.nullable().default(null),
    product: productSchema.nullable().default(null),
  })
  .openapi('SavingsPlanCreate');
export type SavingsPlanCreate = z.input<typeof savingsPlanCreateSchema>;

export const savingsPurchaseSchema = z
  .strictObject({ idempotencyKey })
  .openapi('SavingsPlanPurchase');

/** What a tenant has, source by source. */
export const creditSummarySchema = z
  .object({
    tenantId: z.string(),
    currency: z.string(),
    /** Nothing but free quota pays. */
    freeQuotaOnly: z.boolean(),
    /** In the order in which they pay for an ordinary call. */
    sources: z.array(
      z.object({
        source: sourceSchema,
        /** In money; null for what is counted otherwise. */
        remaining: z.string().nullable(),
        /** The next end of any of it. */
        expiresAt: z.iso.datetime().nullable(),
        count: z.number(),
      }),
    ),
    freeQuotas: z.array(freeQuotaSchema),
    grants: z.array(grantSchema),
    /** Coupons that wait for a top-up. */
    waiting: z.array(redemptionSchema),
  })
  .openapi('CreditSummary');
export type CreditSummary = z.infer<typeof creditSummarySchema>;

export const creditSettingsSchema = z
  .strictObject({ freeQuotaOnly: z.boolean() })
  .openapi('CreditSettings');
export type CreditSettings = z.infer<typeof creditSettingsSchema>;

const windowPeriod = z.enum(['5_hours', 'week', 'month']);
export type WindowPeriodName = z.infer<typeof windowPeriod>;

export const planSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    currency: z.string(),
    /** Of a month. */
    price: z.string(),
    /** What allowances count: tokens, or money at the list price. */
    unit: z.enum(['token', 'amount']),
    /** `overage`: other sources pay on. `block`: calls are refused until a window begins anew. */
    atEnd: z.enum(['overage', 'block']),
    models: z.array(z.string()).nullable(),
    /** Tokens as whole numbers, money as decimals. */
    windows: z.array(z.object({ period: windowPeriod, allowance: z.string() })),
    state: z.enum(['active', 'archived']),
    createdAt: z.iso.datetime(),
  })
  .openapi('Plan');
export type Plan = z.infer<typeof planSchema>;

export const planCreateSchema = z
  .strictObject({
    name,
    description: z.string().trim().max(500).default(''),
    currency,
    price,
    unit: z.enum(['token', 'amount']),
    atEnd: z.enum(['overage', 'block']),
    models: models.nullable().default(null),
    windows: z
      .array(z.strictObject({ period: windowPeriod, allowance: amount }))
      .min(1)
      .max(3),
  })
  .openapi('PlanCreate');
export type PlanCreate = z.input<typeof planCreateSchema>;

export const subscriptionSchema = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    plan: planSchema,
    /** `past_due`: the period was not paid and gives nothing until it is. */
    state: z.enum(['active', 'past_due', 'ended']),
    startedAt: z.iso.datetime(),
    periodStart: z.iso.datetime(),
    periodEnd: z.iso.datetime(),
    /** What follows when the period ends, where that was chosen. */
    nextPlan: planSchema.nullable(),
    endsAtPeriodEnd: z.boolean(),
    /** The windows of now. */
    meters: z.array(
      z.object({
        period: windowPeriod,
        used: z.string(),
        allowance: z.string(),
        resetsAt: z.iso.datetime(),
      }),
    ),
  })
  .openapi('Subscription');
export type Subscription = z.infer<typeof subscriptionSchema>;

export const planChoiceSchema = z.strictObject({ planId: id }).openapi('PlanChoice');

export const planChangeSchema = z
  .strictObject({
    planId: id,
    /** Refused where it would cost more than this. */
    dueMax: price.optional(),
  })
  .openapi('PlanChange');
export type PlanChange = z.infer<typeof planChangeSchema>;

/** What choosing a plan costs, line by line. */
export const planPreviewSchema = z
  .object({
    kind: z.enum(['subscribe', 'upgrade', 'downgrade']),
    currency: z.string(),
    lines: z.array(
      z.object({
        kind: z.enum(['subscription', 'unused', 'remaining']),
        plan: z.string(),
        amount: z.string(),
        from: z.iso.datetime(),
        to: z.iso.datetime(),
      }),
    ),
    /** Taken from the balance now. */
    due: z.string(),
    effectiveAt: z.iso.datetime(),
    /** What each month costs from then on. */
    nextPrice: z.string(),
  })
  .openapi('PlanPreview');
export type PlanPreview = z.infer<typeof planPreviewSchema>;

export const purchaseSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['subscription', 'unused', 'remaining', 'savings_plan']),
    subjectId: z.string(),
    name: z.string(),
    currency: z.string(),
    amount: z.string(),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    purchasedAt: z.iso.datetime(),
  })
  .openapi('Purchase');
export type Purchase = z.infer<typeof purchaseSchema>;
