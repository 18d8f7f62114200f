/** What a caller hears when nothing may be leased for its request. Pure. */
import type { CoverStop } from '#ledger/covering.ts';
import type { FlywheelError } from '#platform/error.ts';
import { failRequest } from './errors.ts';

/** A clock of control may be a little ahead of ours: nobody is told to come back at once. */
const RETRY_MS_MIN = 1_000;

export function leaseRefusal(stop: CoverStop | null, nowMs: number): FlywheelError {
  if (stop === null) {
    return failRequest(
      'insufficient_quota',
      'There is not enough credit for this request. A smaller max_tokens needs less.',
    );
  }
  if (stop.code === 'free_quota_exhausted') {
    return failRequest(
      'free_quota_exhausted',
      'The free quota of this model does not cover the request, and nothing else is to pay. Turn "free quota only" off to let other sources pay.',
    );
  }
  if (stop.retryAtMs === null) {
    return failRequest('plan_exhausted', 'The allowance of your plan does not cover the request.');
  }
  const resetsAt = new Date(stop.retryAtMs).toISOString();
  return failRequest(
    'plan_exhausted',
    `The allowance of your plan does not cover the request. It begins anew at ${resetsAt}.`,
    { retryAfterMs: Math.max(RETRY_MS_MIN, stop.retryAtMs - nowMs) },
  );
}
