/**
 * The UTC day a request belongs to: what its usage is partitioned by, and so a part of the key that keeps
 * an event from being recorded twice. Pure. It is read from the request's id, which begins with the time
 * it was made, because a line of a batch may be called again under the same id on another day and must
 * still be the same event. Only an id without a time (none of ours) goes by the day of admission.
 */
const TIMED_ID = /^[a-z]{2,8}_([0-9a-hjkmnp-tv-z]{10})/;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A time outside these years is none: an id that only looks like one of ours. */
const YEAR_MIN_MS = Date.UTC(2020, 0);
const YEAR_MAX_MS = Date.UTC(2100, 0);

/** As `2026-01-31`. */
export function requestDay(request: Readonly<{ requestId: string; admittedAtMs: number }>): string {
  return dayOf(idTimeMs(request.requestId) ?? request.admittedAtMs);
}

/** Null where the id does not tell: a reader then has to look at all days. */
export function dayOfId(requestId: string): string | null {
  const timeMs = idTimeMs(requestId);
  return timeMs === null ? null : dayOf(timeMs);
}

export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

function idTimeMs(id: string): number | null {
  const digits = TIMED_ID.exec(id)?.[1];
  if (digits === undefined) return null;
  let timeMs = 0;
  for (const digit of digits) timeMs = timeMs * 32 + ALPHABET.indexOf(digit);
  return timeMs >= YEAR_MIN_MS && timeMs < YEAR_MAX_MS ? timeMs : null;
}
