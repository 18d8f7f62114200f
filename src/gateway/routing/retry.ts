/** Whether a failed attempt may be made again. Pure. */
import type { AttemptResult } from '../attempt.ts';
import type { ServedReplica } from '../feed-view.ts';

/** One try and two more: a third failure in a row is not bad luck. */
const ATTEMPTS_MAX = 3;

type Failed = Extract<AttemptResult, { kind: 'failed' }>;

/** Only before the first byte, and only for what another try may mend: never for a caller's own mistake. */
export function mayRetry(
  result: Failed,
  facts: Readonly<{
    hasContent: boolean;
    /** Replicas that this request has failed on. */
    tried: readonly string[];
    replicas: readonly ServedReplica[];
  }>,
): boolean {
  const { hasContent, tried, replicas } = facts;
  if (!result.isRetryable || hasContent || tried.length >= ATTEMPTS_MAX) return false;
  if (result.needsAnother !== true) return true;
  return replicas.some(({ id, state }) => state === 'ready' && !tried.includes(id));
}
