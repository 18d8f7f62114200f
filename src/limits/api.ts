/** The public shapes of limits. Budgets are decimal strings; null means that there is no such limit. */
import { z } from '@hono/zod-openapi';

/** `platform` is the operator's ceiling for a tenant; the other three a tenant sets for itself. */
export const levelSchema = z.enum(['platform', 'tenant', 'project', 'key']);
export type Level = z.infer<typeof levelSchema>;

/** More than any machine serves; a larger number is a typing mistake. */
const COUNT_MAX = 1_000_000_000_000;
const NAMES_MAX = 200;

const count = z.int().min(1).max(COUNT_MAX).nullable();
const budget = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,12})?$/, 'should be an amount such as 12.5')
  .nullable();
const names = z.array(z.string().trim().min(1).max(200)).min(1).max(NAMES_MAX).nullable();

const definition = {
  /** Growth: how many may begin within a second. */
  requestsPerSecond: count,
  requestsPerMinute: count,
  /** Of prompts and answers together, cached ones too. */
  tokensPerMinute: count,
  /** Requests at the same time. */
  concurrency: count,
  dailyBudget: budget,
  monthlyBudget: budget,
  /** Names of models that may be called. */
  models: names,
  /** Regions that may serve. */
  regions: names,
  /** Addresses callers may come from: IPv4 or IPv6, alone or as a network such as 10.0.0.0/8. */
  networks: names,
  /** IANA name; where the days and months of budgets begin. At the level `tenant` only. */
  timeZone: z.string().max(100).nullable(),
};

/** What is left out stands for "no such limit": the whole definition is replaced. */
export const limitSetSchema = z.strictObject(definition).partial().openapi('LimitSet');
export type LimitSet = z.input<typeof limitSetSchema>;

const use = z.object({
  /** In the current minute, second, day or month; now, for `concurrency`. */
  requestsPerSecond: z.number(),
  requestsPerMinute: z.number(),
  tokensPerMinute: z.number(),
  concurrency: z.number(),
  dailyBudget: z.string(),
  monthlyBudget: z.string(),
});

export const limitSchema = z
  .object({
    level: levelSchema,
    /** Of the tenant, for `platform` and `tenant`; else of the project or the key. */
    scopeId: z.string(),
    name: z.string(),
    tenantId: z.string(),
    ...definition,
    /** As gateways said last, a few seconds old; budgets as the books say. Of limits that are set. */
    use,
    updatedAt: z.iso.datetime(),
  })
  .openapi('Limit');
export type Limit = z.infer<typeof limitSchema>;
