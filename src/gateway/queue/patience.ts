/**
 * How long a caller is willing to wait in line, and what it is told when that would be too short. Pure.
 * The header bounds the time to wait for a replica, not the answer's own.
 */
import { failRequest } from '../errors.ts';

export const PATIENCE_HEADER = 'x-flywheel-queue-timeout-ms';

/** Ten minutes: beyond it connections on the way break. */
const PATIENCE_MS_MAX = 600_000;

/** Null where the caller said nothing. Raises `invalid_value`. */
export function parsePatience(value: string | string[] | undefined): number | null {
  if (value === undefined) return null;
  const patienceMs = typeof value === 'string' ? Number(value) : Number.NaN;
  if (!Number.isInteger(patienceMs) || patienceMs < 0 || patienceMs > PATIENCE_MS_MAX) {
    throw failRequest(
      'invalid_value',
      `${PATIENCE_HEADER} should be whole milliseconds up to ${PATIENCE_MS_MAX}.`,
      { param: PATIENCE_HEADER },
    );
  }
  return patienceMs;
}

/** Refusing now is kinder than after the wait, and keeps the queue for those who can be served. */
export function waitTooLong(
  facts: Readonly<{ modelName: string; expectedWaitMs: number; patienceMs: number }>,
): Error {
  const { modelName, expectedWaitMs, patienceMs } = facts;
  const seconds = Math.ceil(expectedWaitMs / 1000);
  return failRequest(
    'queue_wait_too_long',
    `${modelName} is busy: the wait would be about ${seconds} s, longer than it may be.`,
    { retryAfterMs: Math.max(1_000, Math.ceil(expectedWaitMs - patienceMs)) },
  );
}
