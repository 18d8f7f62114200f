/**
 * What happens to a tenant that does not pay: steps, each some days after an invoice fell due, as data of
 * its terms. Pure. The strictest step that any open invoice has reached holds; when nothing is overdue, none
 * does, at once.
 */
import { z } from '@hono/zod-openapi';

/** `warn`: a notice. `restrict`: nothing that costs money. `stop`: nothing at all. */
export const DUNNING_ACTIONS = ['warn', 'restrict', 'stop'] as const;
export type DunningAction = (typeof DUNNING_ACTIONS)[number];

/** More steps than this are a mistake. */
const STEPS_MAX = 10;
const AFTER_DAYS_MAX = 365;

export const dunningStepsSchema = z
  .array(
    z.strictObject({
      /** Days after the due date. */
      afterDays: z.number().int().min(0).max(AFTER_DAYS_MAX),
      action: z.enum(DUNNING_ACTIONS),
    }),
  )
  .max(STEPS_MAX);
export type DunningSteps = z.infer<typeof dunningStepsSchema>;

export const DEFAULT_DUNNING: DunningSteps = [
  { afterDays: 1, action: 'warn' },
  { afterDays: 7, action: 'restrict' },
  { afterDays: 30, action: 'stop' },
];

const DAY_MS = 24 * 60 * 60_000;

/** Null while it is not due, or no step is reached. */
export function stepReached(
  steps: DunningSteps,
  invoice: Readonly<{ dueAtMs: number }>,
  nowMs: number,
): DunningAction | null {
  if (nowMs < invoice.dueAtMs) return null;
  const overdueMs = nowMs - invoice.dueAtMs;
  return strictest(
    steps.filter(({ afterDays }) => overdueMs >= afterDays * DAY_MS).map(({ action }) => action),
  );
}

export function strictest(actions: readonly (DunningAction | null)[]): DunningAction | null {
  return DUNNING_ACTIONS.findLast((action) => actions.includes(action)) ?? null;
}
