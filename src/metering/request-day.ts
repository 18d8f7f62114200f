/**
 * The UTC day a request belongs to: what its usage is partitioned by, and so a part of the key that keeps
 * an event from being recorded twice. Pure. It is read from the request's id, which begins with the time
 * it was made, because a line of a batch may be called again under the same id on another day and must
 * still be the same event. Only an id without a time (none of ours) goes by the day of admission.
 */
const PREFIX_MIN = 2;
const PREFIX_MAX = 8;
const TIME_DIGITS = 10;
const CODE_OF_A = 97;
const CODE_OF_Z = 122;

/** By the code of a digit, what it is worth; Crockford's base 32 leaves out i, l, o and u. */
const DIGITS: readonly (number | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const worth = '0123456789abcdefghjkmnpqrstvwxyz'.indexOf(String.fromCharCode(code));
  return worth === -1 ? undefined : worth;
});

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

const DAY_MS = 24 * 60 * 60_000;

/** Texts of days that were asked for, which are a few: days are asked for several times for each call. */
const texts = new Map<number, string>();
/** A clock gone mad may name any day; then all is forgotten. */
const TEXTS_MAX = 1_000;

/** As `2026-01-31`. */
export function dayOf(timeMs: number): string {
  const day = Math.floor(timeMs / DAY_MS);
  let text = texts.get(day);
  if (text === undefined) {
    if (texts.size >= TEXTS_MAX) texts.clear();
    text = new Date(day * DAY_MS).toISOString().slice(0, 10);
    texts.set(day, text);
  }
  return text;
}

/** Of a text that begins as an id does, `req_` and ten digits; digit by digit, because every call asks. */
function idTimeMs(id: string): number | null {
  const mark = id.indexOf('_');
  if (mark < PREFIX_MIN || mark > PREFIX_MAX || id.length < mark + 1 + TIME_DIGITS) return null;
  for (let at = 0; at < mark; at += 1) {
    const code = id.charCodeAt(at);
    if (code < CODE_OF_A || code > CODE_OF_Z) return null;
  }
  let timeMs = 0;
  for (let at = mark + 1; at <= mark + TIME_DIGITS; at += 1) {
    const digit = DIGITS[id.charCodeAt(at)];
    if (digit === undefined) return null;
    timeMs = timeMs * 32 + digit;
  }
  return timeMs >= YEAR_MIN_MS && timeMs < YEAR_MAX_MS ? timeMs : null;
}
