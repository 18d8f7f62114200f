/** The public shapes of budgets. Amounts are decimal strings. */
import { z } from '@hono/zod-openapi';

export const budgetLevelSchema = z.enum(['tenant', 'project', 'key', 'model', 'tag']);
export type BudgetLevel = z.infer<typeof budgetLevelSchema>;

const amount = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/, 'should be an amount such as 12.5');
const percents = z.array(z.int().min(1).max(1_000)).max(10);
const tag = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._:/-]{0,49}$/u, 'should be a word or a few');

const wish = {
  name: z.string().trim().min(1).max(100),
  level: budgetLevelSchema,
  /** Of the project or key; the name of the model or tag; may be left out for the tenant. */
  scopeId: z.string().trim().min(1).max(200).optional(),
  period: z.enum(['day', 'week', 'month']).default('month'),
  /** Where days begin; IANA name. */
  timeZone: z.string().min(1).max(100).default('UTC'),
  amount,
  /** Per cent of the amount, of what is spent. */
  thresholds: percents.default([50, 80, 100]),
  /** Per cent of the amount, of what the period is likely to end at. */
  forecastThresholds: percents.default([100]),
  /** Also sets the limit of the day or month that gateways keep: calls are refused at 100 %. */
  stops: z.boolean().default(false),
};

export const budgetSetSchema = z.strictObject(wish).openapi('BudgetSet');
export type BudgetSet = z.input<typeof budgetSetSchema>;

export const budgetSchema = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    name: z.string(),
    level: budgetLevelSchema,
    scopeId: z.string(),
    /** Of the project or key, as people know it. */
    scopeName: z.string(),
    period: z.enum(['day', 'week', 'month']),
    timeZone: z.string(),
    currency: z.string(),
    amount: z.string(),
    thresholds: z.array(z.int()),
    forecastThresholds: z.array(z.int()),
    stops: z.boolean(),
    periodStart: z.iso.datetime(),
    periodEnd: z.iso.datetime(),
    spent: z.string(),
    /** Whole per cent of the amount. */
    percent: z.int(),
    /** What the period is likely to end at; null where too little is known. */
    forecast: z.string().nullable(),
    forecastPercent: z.int().nullable(),
    /** What the forecast rests on. */
    basis: z.enum(['weeks', 'days', 'none']),
    createdAt: z.iso.datetime(),
  })
  .openapi('Budget');
export type Budget = z.infer<typeof budgetSchema>;

export const budgetForecastSchema = z
  .object({
    budget: budgetSchema,
    /** Sums since the start of the period at the end of each hour or day: spent, then foretold. */
    points: z.array(
      z.object({ at: z.iso.datetime(), amount: z.string(), isForecast: z.boolean() }),
    ),
  })
  .openapi('BudgetForecast');
export type BudgetForecast = z.infer<typeof budgetForecastSchema>;

export const tagSchema = z
  .object({ level: z.enum(['project', 'key']), scopeId: z.string(), tag: z.string() })
  .openapi('Tag');
export type Tag = z.infer<typeof tagSchema>;

export const tagsSetSchema = z.strictObject({ tags: z.array(tag).max(20) }).openapi('TagsSet');
export type TagsSet = z.input<typeof tagsSetSchema>;
