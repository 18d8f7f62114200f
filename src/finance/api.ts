/** The public shapes of reports on money. Amounts are decimal strings, exact; hours, days and months are of UTC. */
import { z } from '@hono/zod-openapi';
import { unitSumSchema } from '#metering/api.ts';

export const spendSumSchema = z.object({
  calls: z.number().int(),
  inputTokens: z.number().int(),
  cacheReadTokens: z.number().int(),
  outputTokens: z.number().int(),
  reasoningTokens: z.number().int(),
  /** Everything beside tokens; empty for most, and by who paid. */
  units: z.array(unitSumSchema),
  amount: z.string(),
  /** The operator's: what external providers ask, what authors earn, and what is left. */
  cost: z.string().optional(),
  authorShare: z.string().optional(),
  margin: z.string().optional(),
});
export type SpendSum = z.infer<typeof spendSumSchema>;

export const SPEND_GROUPS = [
  'model',
  'key',
  'project',
  'tag',
  'source',
  'region',
  'tenant',
  'none',
] as const;

/** `GET /cloud/v1/spend?from&to&interval&groupBy` */
export const spendSchema = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    interval: z.enum(['hour', 'day', 'month', 'none']),
    groupBy: z.enum(SPEND_GROUPS),
    currency: z.string(),
    total: spendSumSchema,
    buckets: z.array(
      spendSumSchema.extend({
        start: z.iso.datetime(),
        /** A model's name, the id of a key, project or tenant, a tag (null: none), a region, or who paid. */
        group: z.string().nullable(),
      }),
    ),
  })
  .openapi('Spend');
export type Spend = z.infer<typeof spendSchema>;

/** `GET /cloud/v1/spending-summary`: how long the money lasts, and where the month ends. */
export const spendingSummarySchema = z
  .object({
    currency: z.string(),
    /** What may still be spent in cash, and what of it gateways hold for running calls. */
    balance: z.string(),
    held: z.string(),
    available: z.string(),
    burn: z.object({
      /** Cash a day: the mean of the last `days` days, seven where there are as many. */
      perDay: z.string(),
      days: z.number().int(),
    }),
    /** Whole days at that pace; null where nothing is spent. */
    daysLeft: z.number().int().nullable(),
    month: z.string(),
    monthEnds: z.iso.datetime(),
    thisMonth: z.string(),
    lastMonth: z.string(),
    /** So far, and for the rest of the month as much a day as in the last seven days. */
    forecast: z.string(),
    /** Who paid this month, the most first. */
    sources: z.array(z.object({ source: z.string(), amount: z.string() })),
  })
  .openapi('SpendingSummary');
export type SpendingSummary = z.infer<typeof spendingSummarySchema>;

/** `GET /cloud/v1/ledger/find?q=…`: what an id, a key or a part of a name leads to. */
export const ledgerHitSchema = z
  .object({
    kind: z.enum(['entry', 'account', 'request']),
    /** Of the entry, account or request. */
    id: z.string(),
    text: z.string(),
    /** Where the request was posted; null for the others and for calls that cost nothing. */
    entryId: z.number().int().nullable(),
  })
  .openapi('LedgerHit');
export type LedgerHit = z.infer<typeof ledgerHitSchema>;
