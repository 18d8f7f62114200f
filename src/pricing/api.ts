/** The public shapes of prices. Money on the wire is a decimal string in the currency, never a number. */
import { z } from '@hono/zod-openapi';
import { CACHE_TTLS, TIER_MODES } from './price.ts';
import { CACHE_KINDS, DIRECTIONS, UNITS } from './quantities.ts';
import { PRICE_TIERS } from './tier.ts';

export const decimalSchema = z.string().regex(/^-?\d{1,26}(\.\d{1,12})?$/);

/** Price books have a dozen rates for a model; far more is a mistake, and every gateway keeps them all. */
const RATES_MAX = 200;
const TIERS_MAX = 20;
const REGIONS_MAX = 100;
/** Counted in whole units, below what a JSON number holds exactly once it is in thousandths. */
const UP_TO_MAX = 1_000_000_000_000;
const PER_MAX = 1_000_000_000;

/** A multiple of a price, such as `0.5`. */
const multipleSchema = z.string().regex(/^\d{1,4}(\.\d{1,6})?$/);
const wordSchema = z.string().regex(/^[\w.-]{1,40}$/);

export const priceRateSchema = z
  .strictObject({
    unit: z.enum(UNITS),
    direction: z.enum(DIRECTIONS),
    /** What follows says when the rate applies; what is absent applies to every request. */
    serviceTier: z.enum(PRICE_TIERS).optional(),
    /** Of images and video. */
    resolution: wordSchema.optional(),
    isThinking: z.boolean().optional(),
    cacheKind: z.enum(CACHE_KINDS).optional(),
    cacheTtl: z.enum(CACHE_TTLS).optional(),
    /** How the tiers apply: to a request by its size, or to what a tenant uses in a month. */
    mode: z.enum(TIER_MODES).default('whole_request'),
    /** How many units an amount is for; of a package, how many are in it. */
    per: z.int().min(1).max(PER_MAX),
    tiers: z
      .array(
        z.strictObject({
          /** The largest size of the tier, inclusive, in units; null is the last. */
          upTo: z.int().min(1).max(UP_TO_MAX).nullable(),
          amount: decimalSchema,
        }),
      )
      .min(1)
      .max(TIERS_MAX),
  })
  .openapi('PriceRate');
export type PriceRate = z.infer<typeof priceRateSchema>;

const tierTermsSchema = z
  .strictObject({
    /** What its price is times the usual one. */
    times: multipleSchema,
    /** Directions that have no price of their own in this class, and are charged as what they fall back to. */
    without: z.array(z.enum(DIRECTIONS)).max(DIRECTIONS.length).default([]),
  })
  .openapi('PriceTierTerms');

export const priceTermsSchema = z
  .strictObject({
    rates: z.array(priceRateSchema).min(1).max(RATES_MAX),
    /** Classes of service that differ from half for flex, twice for priority, half without a cache for batch. */
    serviceTiers: z
      .strictObject({
        flex: tierTermsSchema.optional(),
        priority: tierTermsSchema.optional(),
        batch: tierTermsSchema.optional(),
      })
      .default({}),
    /** By region, what its price is times the usual one. */
    regions: z
      .record(wordSchema, multipleSchema)
      .default({})
      .refine((regions) => Object.keys(regions).length <= REGIONS_MAX, 'too many regions'),
  })
  .openapi('PriceTerms');
export type PriceTerms = z.infer<typeof priceTermsSchema>;

export const priceSchema = z
  .object({
    id: z.string(),
    modelId: z.string(),
    modelName: z.string(),
    currency: z.string(),
    effectiveFrom: z.iso.datetime(),
    /** Price of one million tokens in the plainest case. Cached input is charged as input where it has no price of its own. */
    inputPerMillion: decimalSchema,
    cacheReadPerMillion: decimalSchema.nullable(),
    outputPerMillion: decimalSchema,
    /** Reasoning is charged as output where it has no price of its own. */
    reasoningPerMillion: decimalSchema.nullable(),
    /** All there is to it. */
    ...priceTermsSchema.shape,
    createdAt: z.iso.datetime(),
  })
  .openapi('Price');
export type Price = z.infer<typeof priceSchema>;

export const currencySchema = z.literal('CNY').default('CNY');

export const priceCreateSchema = z
  .strictObject({
    model: z.string().min(3).max(200),
    currency: currencySchema,
    /** Defaults to now; the past is refused. */
    effectiveFrom: z.iso.datetime().optional(),
    /** Either plain prices of a million tokens, or `terms` with everything. */
    inputPerMillion: decimalSchema.optional(),
    cacheReadPerMillion: decimalSchema.nullable().default(null),
    outputPerMillion: decimalSchema.optional(),
    reasoningPerMillion: decimalSchema.nullable().default(null),
    terms: priceTermsSchema.optional(),
  })
  .openapi('PriceCreate');
export type PriceCreate = z.input<typeof priceCreateSchema>;
