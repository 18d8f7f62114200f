/** The public shapes of usage: one event, sums over time, and the numbers of the overview. */
import { z } from '@hono/zod-openapi';
import { CACHE_KINDS, UNITS } from '#pricing/quantities.ts';

export const usageEventSchema = z
  .object({
    requestId: z.string(),
    /** From 1; 0 where it was refused. */
    attempt: z.number().int(),
    /** Empty where a refused call named none that could be read. */
    modelName: z.string(),
    projectId: z.string(),
    keyId: z.string(),
    /** `refused`: no model was called. */
    outcome: z.enum(['finished', 'cancelled', 'failed', 'abandoned', 'refused']),
    status: z.number().int(),
    inputTokens: z.number().int(),
    cacheReadTokens: z.number().int(),
    cacheWriteTokens: z.number().int(),
    outputTokens: z.number().int(),
    reasoningTokens: z.number().int(),
    /** What was used beside tokens: 2 images, 12.5 seconds. */
    units: z.array(
      z.object({
        unit: z.enum(UNITS),
        direction: z.enum(['input', 'output']),
        amount: z.number(),
      }),
    ),
    /** What chose the price; absent where it is the plain case. */
    isThinking: z.boolean().optional(),
    cacheKind: z.enum(CACHE_KINDS).optional(),
    resolution: z.string().optional(),
    region: z.string().optional(),
    /** What the call cost, exact. */
    amount: z.string(),
    currency: z.string(),
    /** The operator's: what an external provider asks for it, and what is left of the amount. */
    cost: z.string().optional(),
    margin: z.string().optional(),
    deploymentId: z.string().nullable(),
    /** Whether the answer came from the project's cache; null where the cache had no say. */
    cache: z.enum(['hit', 'miss']).nullable(),
    /** Milliseconds it waited for a replica; null where it did not. */
    queueMs: z.number().int().nullable(),
    /** Why it failed; null where it did not. */
    errorCode: z.string().nullable(),
    entryId: z.number().int().nullable(),
    /** Refused calls of the same key and reason in the same minute that are not listed one by one. */
    repeats: z.number().int().optional(),
    admittedAt: z.iso.datetime(),
    /** Milliseconds from admission to the first byte; null when there was none. */
    firstByteMs: z.number().nullable(),
    durationMs: z.number(),
  })
  .openapi('UsageEvent');
export type UsageEvent = z.infer<typeof usageEventSchema>;

/** Of images, seconds, characters and the rest: 2 images made, 12.5 seconds heard. */
export const unitSumSchema = z.object({
  unit: z.enum(UNITS),
  direction: z.enum(['input', 'output']),
  amount: z.number(),
});
export type UnitSum = z.infer<typeof unitSumSchema>;

export const usageSumSchema = z.object({
  calls: z.number().int(),
  inputTokens: z.number().int(),
  cacheReadTokens: z.number().int(),
  outputTokens: z.number().int(),
  reasoningTokens: z.number().int(),
  /** Everything beside tokens; empty for most. */
  units: z.array(unitSumSchema),
  amount: z.string(),
  currency: z.string(),
  /** The operator's: what external providers ask, and what is left of the amount. */
  cost: z.string().optional(),
  margin: z.string().optional(),
});

/**
 * A group is a model's name, or the id of a key or project; ids of keys that the console made for its
 * playground start with `pgk_`. `GET /cloud/v1/usage?from&to&interval=hour|day&groupBy=model|key|project|tag|none`. By tag a call
 * counts for each that its key carries, and `null` are those of keys without; the total counts each once.
 */
export const usageReportSchema = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    interval: z.enum(['hour', 'day']),
    groupBy: z.enum(['model', 'key', 'project', 'tag', 'none']),
    total: usageSumSchema,
    buckets: z.array(
      usageSumSchema.extend({ start: z.iso.datetime(), group: z.string().nullable() }),
    ),
  })
  .openapi('UsageReport');
export type UsageReport = z.infer<typeof usageReportSchema>;

/** The flywheel in numbers: `GET /cloud/v1/overview`. */
export const overviewSchema = z
  .object({
    models: z.number().int(),
    /** Members and keys that called in the last 30 days, one per person or service. */
    developers: z.number().int(),
    calls: z.number().int(),
    tokens: z.number().int(),
    revenue: z.string(),
    currency: z.string(),
    machines: z.number().int(),
    replicasReady: z.number().int(),
    /** Calls and tokens in each of the last 24 hours, oldest first. */
    hours: z.array(
      z.object({
        start: z.iso.datetime(),
        calls: z.number().int(),
        tokens: z.number().int(),
        amount: z.string(),
      }),
    ),
  })
  .openapi('Overview');
export type Overview = z.infer<typeof overviewSchema>;

/** `GET /cloud/v1/status` */
export const statusSchema = z
  .object({
    version: z.string(),
    startedAt: z.iso.datetime(),
    database: z.object({ kind: z.enum(['embedded', 'postgresql']), version: z.string() }),
    gateways: z.array(
      z.object({
        id: z.string(),
        region: z.string(),
        isOnline: z.boolean(),
        feedVersion: z.number().int(),
        unshippedBytes: z.number().int(),
        lastSeenAt: z.iso.datetime(),
      }),
    ),
  })
  .openapi('Status');
export type Status = z.infer<typeof statusSchema>;
