/** The public shapes of external providers. A provider's key goes in and never comes out again. */
import { z } from '@hono/zod-openapi';
import { currencySchema, priceRateSchema } from '#pricing/api.ts';

/** As prices write amounts; `pricing/api.ts` refuses the same. */
const decimalSchema = z.string().regex(/^\d{1,26}(\.\d{1,12})?$/);

export const dialectSchema = z.enum(['openai', 'anthropic', 'dashscope']);
export type ProviderDialect = z.infer<typeof dialectSchema>;

export const providerCostSchema = z
  .object({
    id: z.string(),
    currency: z.string(),
    effectiveFrom: z.iso.datetime(),
    /** Of a million tokens in the plainest case. */
    inputPerMillion: z.string(),
    cacheReadPerMillion: z.string().nullable(),
    outputPerMillion: z.string(),
    reasoningPerMillion: z.string().nullable(),
    /** All there is to it. */
    rates: z.array(priceRateSchema),
  })
  .openapi('ProviderCost');
export type ProviderCost = z.infer<typeof providerCostSchema>;

export const providerModelSchema = z
  .object({
    /** The deployment that usage events name. */
    id: z.string(),
    providerId: z.string(),
    /** What callers ask for. */
    modelName: z.string(),
    upstreamModel: z.string(),
    contextLength: z.number().int().nullable(),
    capabilities: z.array(z.string()),
    /** `public`: every tenant may call it. */
    visibility: z.enum(['private', 'public']),
    /** What it costs us now; null where nobody said. */
    cost: providerCostSchema.nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('ProviderModel');
export type ProviderModel = z.infer<typeof providerModelSchema>;

export const providerSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    dialect: dialectSchema,
    baseUrl: z.string(),
    allowsPrivate: z.boolean(),
    parallel: z.number().int(),
    timeoutMs: z.number().int(),
    isEnabled: z.boolean(),
    /** The end of its key, to tell two apart. */
    keyHint: z.string(),
    testedAt: z.iso.datetime().nullable(),
    /** `ok` or the code of an error; null before the first test. */
    testResult: z.string().nullable(),
    models: z.array(providerModelSchema),
    createdAt: z.iso.datetime(),
  })
  .openapi('Provider');
export type Provider = z.infer<typeof providerSchema>;

const name = z.string().trim().min(1).max(100);
const baseUrl = z.string().trim().min(1).max(500);
/** Printable ASCII, as an HTTP header carries it. */
const apiKey = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]{1,500}$/, 'is no API key');
const parallel = z.number().int().min(1).max(4096);
const timeoutMs = z.number().int().min(1000).max(600_000);

export const providerCreateSchema = z
  .strictObject({
    name,
    dialect: dialectSchema,
    /** As its own SDK takes it: `https://api.openai.com/v1`, `https://api.anthropic.com`. */
    baseUrl,
    apiKey,
    /** The operator's own servers: plain http and addresses that are not public. */
    allowsPrivate: z.boolean().default(false),
    /** Requests at a time, of all its models together, per gateway. */
    parallel: parallel.default(64),
    /** Until the first byte of an answer, and until the whole of one that is not streamed. */
    timeoutMs: timeoutMs.default(120_000),
  })
  .openapi('ProviderCreate');
export type ProviderCreate = z.input<typeof providerCreateSchema>;

export const providerUpdateSchema = z
  .strictObject({
    name: name.optional(),
    baseUrl: baseUrl.optional(),
    /** Replaces the key; a new address wants it too, or the old key would go to a new host. */
    apiKey: apiKey.optional(),
    allowsPrivate: z.boolean().optional(),
    parallel: parallel.optional(),
    timeoutMs: timeoutMs.optional(),
    isEnabled: z.boolean().optional(),
  })
  .openapi('ProviderUpdate');
export type ProviderUpdate = z.input<typeof providerUpdateSchema>;

const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,199}$/;

/** Providers have a dozen rates for a model. */
const RATES_MAX = 100;

export const costAmountsSchema = z.strictObject({
  /** In which the provider asks it; calls that are paid in another have no cost here. */
  currency: currencySchema,
  /** Either plain amounts of a million tokens, or `rates` with everything it asks for. */
  inputPerMillion: decimalSchema.optional(),
  cacheReadPerMillion: decimalSchema.nullable().default(null),
  outputPerMillion: decimalSchema.optional(),
  reasoningPerMillion: decimalSchema.nullable().default(null),
  /** As prices have them: writing a cache for five minutes or an hour, images, seconds, characters, pages, requests. */
  rates: z.array(priceRateSchema).min(1).max(RATES_MAX).optional(),
});
export type CostAmounts = z.input<typeof costAmountsSchema>;

export const providerModelCreateSchema = z
  .strictObject({
    /** What the provider calls it. */
    upstreamModel: z.string().trim().min(1).max(200),
    /** What callers ask for; the same where it is not said. The name of a model of the hub adds to its replicas. */
    modelName: z.string().trim().regex(MODEL_NAME, 'is no name of a model').optional(),
    contextLength: z.number().int().min(1).max(100_000_000).nullable().default(null),
    capabilities: z
      .array(z.enum(['chat', 'completions', 'embeddings']))
      .max(3)
      .default(['chat']),
    /** `public` is the operator's to give. */
    visibility: z.enum(['private', 'public']).default('private'),
    /** What it costs the operator. */
    cost: costAmountsSchema.nullable().default(null),
  })
  .openapi('ProviderModelCreate');
export type ProviderModelCreate = z.input<typeof providerModelCreateSchema>;

export const providerCostCreateSchema = costAmountsSchema
  .extend({
    /** Defaults to now; the past is refused. */
    effectiveFrom: z.iso.datetime().optional(),
  })
  .openapi('ProviderCostCreate');
export type ProviderCostCreate = z.input<typeof providerCostCreateSchema>;

/** What the provider itself lists. */
export const upstreamModelSchema = z
  .object({
    id: z.string(),
    contextLength: z.number().int().nullable(),
    /** The name it is served by here, where it is. */
    servedAs: z.string().nullable(),
  })
  .openapi('UpstreamModel');
export type UpstreamModel = z.infer<typeof upstreamModelSchema>;

export const providerTestSchema = z
  .object({
    isOk: z.boolean(),
    /** `ok` or the code of an error. */
    result: z.string(),
    message: z.string(),
    /** How many models it lists; null where it lists none, and then the key is not proved. */
    models: z.number().int().nullable(),
    latencyMs: z.number(),
  })
  .openapi('ProviderTest');
export type ProviderTest = z.infer<typeof providerTestSchema>;

export const providerTemplateSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    dialect: dialectSchema,
    baseUrl: z.string(),
    /** Where a person gets a key. */
    keysUrl: z.string(),
  })
  .openapi('ProviderTemplate');
export type ProviderTemplate = z.infer<typeof providerTemplateSchema>;

export const keyRotationSchema = z
  .object({ masterKeyId: z.string(), rewrapped: z.number().int() })
  .openapi('KeyRotation');
export type KeyRotation = z.infer<typeof keyRotationSchema>;
