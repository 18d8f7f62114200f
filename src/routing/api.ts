/** The public shapes of routes: names that stand for models, and what stands behind them. */
import { z } from '@hono/zod-openapi';

/** More alternatives than this is a table nobody can read. */
export const TARGETS_MAX = 16;
export const FALLBACKS_MAX = 8;

const modelNameSchema = z.string().min(1).max(200);

/** A model by its name, or another route by its own; with a deployment only that one. */
const targetSchema = z.strictObject({
  model: modelNameSchema,
  deploymentId: z.string().max(100).nullable(),
});

const weightSchema = z.number().int().min(0).max(1000);
const percentSchema = z.number().min(0).max(100).multipleOf(0.1);

export const fallbackConditionSchema = z.enum(['unavailable', 'overloaded', 'error', 'timeout']);
export type FallbackCondition = z.infer<typeof fallbackConditionSchema>;
export const FALLBACK_CONDITIONS = fallbackConditionSchema.options;

/** By what a caller is kept on the same target: nothing, its key, or the session it names. */
export const stickySchema = z.enum(['none', 'key', 'session']);
export type Sticky = z.infer<typeof stickySchema>;

export const routeSchema = z
  .object({
    id: z.string(),
    /** What callers put in `model`. */
    name: z.string(),
    /** `platform` routes are the operator's and hold for every tenant that has no own name like it. */
    scope: z.enum(['tenant', 'platform']),
    targets: z.array(targetSchema.extend({ weight: weightSchema })),
    canary: targetSchema.extend({ percent: percentSchema }).nullable(),
    /** Tried in this order when the one that was chosen cannot answer. */
    fallbacks: z.array(targetSchema),
    fallbackOn: z.array(fallbackConditionSchema),
    sticky: stickySchema,
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Route');
export type Route = z.infer<typeof routeSchema>;

const targetWishSchema = targetSchema.extend({
  deploymentId: z.string().max(100).nullable().default(null),
});

/** Creates the route of this name, or replaces it. */
export const routeSetSchema = z
  .strictObject({
    name: modelNameSchema.regex(
      /^[A-Za-z0-9][\w.:/@+-]*$/,
      'should be letters, digits and any of . _ - : / @ +',
    ),
    scope: z.enum(['tenant', 'platform']).default('tenant'),
    /** Shares of the requests are by weight. */
    targets: z
      .array(targetWishSchema.extend({ weight: weightSchema.default(1) }))
      .min(1)
      .max(TARGETS_MAX),
    /** A share of all requests, taken before the weights. */
    canary: targetWishSchema.extend({ percent: percentSchema }).nullable().default(null),
    fallbacks: z.array(targetWishSchema).max(FALLBACKS_MAX).default([]),
    fallbackOn: z
      .array(fallbackConditionSchema)
      .max(FALLBACK_CONDITIONS.length)
      .default([...FALLBACK_CONDITIONS]),
    sticky: stickySchema.default('key'),
  })
  .openapi('RouteSet');
export type RouteSet = z.input<typeof routeSetSchema>;
