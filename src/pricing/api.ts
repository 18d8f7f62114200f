/** The public shapes of prices. Money on the wire is a decimal string in the currency, never a number. */
import { z } from '@hono/zod-openapi';
import { DEFAULT_CURRENCY, currencySchema as tenantCurrencySchema } from '#tenancy/currency.ts';
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

const nameSchema = z.string().min(3).max(200);
export const currencySchema = tenantCurrencySchema.default(DEFAULT_CURRENCY);

export const priceCreateSchema = z
  .strictObject({
    model: nameSchema,
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

const titleSchema = z.string().trim().min(1).max(200);

/** One import at most; a price book of some hundred models is far below. */
export const ITEMS_MAX = 500;

export const priceDraftItemSchema = z
  .strictObject({
    model: nameSchema,
    currency: currencySchema,
    /** Null begins when the draft is published. */
    effectiveFrom: z.iso.datetime().nullable().default(null),
    terms: priceTermsSchema,
  })
  .openapi('PriceDraftItem');
export type PriceDraftItem = z.infer<typeof priceDraftItemSchema>;

export const priceDraftCreateSchema = z
  .strictObject({
    title: titleSchema,
    items: z.array(priceDraftItemSchema).max(ITEMS_MAX),
  })
  .openapi('PriceDraftCreate');
export type PriceDraftCreate = z.input<typeof priceDraftCreateSchema>;

/** What was looked at; another revision is another draft. */
const revisionSchema = z.int().min(1);
export const priceDraftUpdateSchema = priceDraftCreateSchema
  .extend({ revision: revisionSchema })
  .openapi('PriceDraftUpdate');
export type PriceDraftUpdate = z.input<typeof priceDraftUpdateSchema>;

export const priceDraftActSchema = z
  .strictObject({ revision: revisionSchema })
  .openapi('PriceDraftAct');

/** A member or a key, by what people call them. */
const actorSchema = z.object({ id: z.string(), name: z.string() });

export const priceDraftSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    state: z.enum(['open', 'published', 'discarded']),
    revision: z.int(),
    items: z.array(priceDraftItemSchema),
    /** Everybody who wrote some of it; none of them may approve it. */
    editors: z.array(actorSchema),
    /** Of this very revision; null where nobody approved it. */
    approval: z.object({ by: actorSchema, at: z.iso.datetime() }).nullable(),
    /** Whether it must be approved before it is published. */
    needsApproval: z.boolean(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('PriceDraft');
export type PriceDraft = z.infer<typeof priceDraftSchema>;

/** What one amount is: so much for so many, and how its tiers apply. */
const sideSchema = z.object({
  amount: decimalSchema,
  per: z.int(),
  mode: z.enum(TIER_MODES),
});

export const priceChangeSchema = z
  .object({
    /** `token/output/thinking`, `flex`, or a region. */
    what: z.string(),
    kind: z.enum(['rate', 'service_tier', 'region']),
    /** The tier's end; null is the last one, or there are no tiers. */
    upTo: z.int().nullable(),
    change: z.enum(['added', 'removed', 'raised', 'lowered', 'changed']),
    before: sideSchema.nullable(),
    after: sideSchema.nullable(),
    /** Of the price of one, with one digit after the point, such as `-12.5`; null where there is none. */
    percent: z.string().nullable(),
  })
  .openapi('PriceChange');
export type PriceChange = z.infer<typeof priceChangeSchema>;

export const priceDiffSchema = z
  .object({
    draftId: z.string(),
    revision: z.int(),
    items: z.array(
      z.object({
        model: z.string(),
        currency: z.string(),
        effectiveFrom: z.iso.datetime().nullable(),
        /** The version that it follows; null where the model was free until then. */
        replaces: z.object({ id: z.string(), effectiveFrom: z.iso.datetime() }).nullable(),
        /** When another version that is published already takes over; null where none does. */
        until: z.iso.datetime().nullable(),
        changes: z.array(priceChangeSchema),
      }),
    ),
  })
  .openapi('PriceDiff');
export type PriceDiff = z.infer<typeof priceDiffSchema>;

const revenueSchema = z.object({
  calls: z.int(),
  /** What these calls were charged. */
  nowAmount: decimalSchema,
  /** What they would be charged by the draft. */
  thenAmount: decimalSchema,
  difference: decimalSchema,
});

export const priceSimulationSchema = z
  .object({
    draftId: z.string(),
    revision: z.int(),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    currency: z.string(),
    /** By tenant and model, the largest difference first; only models of the draft. */
    rows: z.array(
      revenueSchema.extend({
        tenantId: z.string(),
        tenantName: z.string(),
        model: z.string(),
      }),
    ),
    tenants: z.array(revenueSchema.extend({ tenantId: z.string(), tenantName: z.string() })),
    models: z.array(revenueSchema.extend({ model: z.string() })),
    total: revenueSchema,
    /** Models whose tiers depend on how many images or seconds one call made; those are taken at their mean. */
    approximated: z.array(z.string()),
  })
  .openapi('PriceSimulation');
export type PriceSimulation = z.infer<typeof priceSimulationSchema>;

export const priceSettingsSchema = z
  .strictObject({ requiresApproval: z.boolean() })
  .openapi('PriceSettings');
export type PriceSettings = z.infer<typeof priceSettingsSchema>;

export const priceEventSchema = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    /** Null is the cloud itself. */
    actor: actorSchema.nullable(),
    action: z.enum([
      'draft.created',
      'draft.edited',
      'draft.approved',
      'draft.discarded',
      'draft.published',
      'price.published',
      'settings.changed',
    ]),
    draftId: z.string().nullable(),
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .openapi('PriceEvent');
export type PriceEvent = z.infer<typeof priceEventSchema>;

export const BOOK_FORMATS = ['json', 'csv'] as const;
export type BookFormat = (typeof BOOK_FORMATS)[number];

/** Below the limit of a body of our own API, with room for what JSON adds. */
const IMPORT_CHARACTERS_MAX = 800_000;

export const priceImportSchema = z
  .strictObject({
    title: titleSchema,
    format: z.enum(BOOK_FORMATS),
    text: z.string().max(IMPORT_CHARACTERS_MAX),
  })
  .openapi('PriceImport');
export type PriceImport = z.input<typeof priceImportSchema>;
