/**
 * A call for one line of a batch, which control makes in the name of the key that made the batch. Control
 * names the call, so that the same call made twice is billed once; its answer waits until the books have
 * it on disk, so that what was answered is what was billed. Headers of other callers are not believed.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { PriceTier } from '#pricing/tier.ts';
import type { KeyIdentity } from './control-client.ts';
import { failRequest } from './errors.ts';
import type { TargetPlan } from './routing/targets.ts';

export type BatchLine = Readonly<{ requestId: string; attempt: number; tier: PriceTier }>;

const REQUEST_HEADER = 'x-flywheel-line-request';
const ATTEMPT_HEADER = 'x-flywheel-line-attempt';

const REQUEST_ID = /^batch_[0-9a-z]{26}-\d{1,9}$/;
const ATTEMPT_MAX = 2_000_000_000;

/** Null for every other call. Raises `invalid_value`. */
export function batchLineOf(key: KeyIdentity, headers: IncomingHttpHeaders): BatchLine | null {
  if (key.actsFor !== 'batch') return null;
  const requestId = headers[REQUEST_HEADER];
  const attempt = Number(headers[ATTEMPT_HEADER]);
  const isNamed = typeof requestId === 'string' && REQUEST_ID.test(requestId);
  if (isNamed && Number.isInteger(attempt) && attempt >= 1 && attempt <= ATTEMPT_MAX) {
    return { requestId, attempt, tier: 'batch' };
  }
  throw failRequest('invalid_value', 'A call for a batch says which line it is for.', {
    param: REQUEST_HEADER,
  });
}

/**
 * One target for each try: a line falls back by being tried again under a new attempt, because two targets
 * within one call would be two attempts of which control knows one.
 */
export function targetsFor(plan: TargetPlan, line: BatchLine | null): TargetPlan {
  return line === null ? plan : { ...plan, targets: turnOf(plan.targets, line.attempt) };
}

/** The one whose turn it is at this attempt, from 1. */
export function turnOf<Item>(items: readonly Item[], attempt: number): readonly Item[] {
  const at = (attempt - 1) % items.length;
  return items.slice(at, at + 1);
}
