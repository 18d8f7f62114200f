/** The public shapes of prices. Money on the wire is a decimal string in the currency, never a number. */
import { z } from '@hono/zod-openapi';

export const decimalSchema = z.string().regex(/^-?\d{1,26}(\.\d{1,12})?$/);

export const priceSchema = z
  .object({
    id: z.string(),
    modelId: z.string(),
    modelName: z.string(),
    currency: z.string(),
    effectiveFrom: z.iso.datetime(),
    /** Price of one million tokens. Cached input is charged as input where it has no price of its own. */
    inputPerMillion: decimalSchema,
    cacheReadPerMillion: decimalSchema.nullable(),
    outputPerMillion: decimalSchema,
    /** Reasoning is charged as output where it has no price of its own. */
    reasoningPerMillion: decimalSchema.nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Price');
export type Price = z.infer<typeof priceSchema>;

export const priceCreateSchema = z
  .strictObject({
    model: z.string().min(3).max(200),
    currency: z.literal('CNY').default('CNY'),
    /** Defaults to now; the past is refused. */
    effectiveFrom: z.iso.datetime().optional(),
    inputPerMillion: decimalSchema,
    cacheReadPerMillion: decimalSchema.nullable().default(null),
    outputPerMillion: decimalSchema,
    reasoningPerMillion: decimalSchema.nullable().default(null),
  })
  .openapi('PriceCreate');
export type PriceCreate = z.input<typeof priceCreateSchema>;
