/** What follows from the answer to one line's call. Pure. */

/** How a call ended, as far as the caller can know. */
export type CallEnd =
  | Readonly<{ kind: 'answered'; status: number; body: string; retryAfterMs: number | null }>
  /** Nobody took it: the connection was refused. */
  | Readonly<{ kind: 'unsent' }>
  /** It broke while it was under way, so that it may have been answered. */
  | Readonly<{ kind: 'broke' }>;

export type Verdict =
  | Readonly<{ kind: 'done'; status: number; body: string }>
  | Readonly<{ kind: 'again'; failures: number; pauseMs: number; isBusy: boolean }>
  /** As if it had not been tried. */
  | Readonly<{ kind: 'untried'; pauseMs: number }>
  | Readonly<{ kind: 'unsure'; failures: number }>;

/** After so many failures of the far side in a row the line is given up, and says so. */
export const FAILURES_MAX = 6;

/** Waiting passes by itself: a limit, a queue, an engine that starts, a gateway that comes back. */
const BUSY_STATUSES: readonly number[] = [408, 409, 425, 429, 503, 529];
const BUSY_PAUSE_MS = 1_000;
/** A budget that opens tomorrow; asking again each hour costs nothing. */
const PAUSE_MS_MAX = 60 * 60_000;
const FAILURE_PAUSE_MS = 500;
const UNSENT_PAUSE_MS = 300;

/** `random` is at least 0 and below 1: lines that failed together come back apart. */
export function judge(end: CallEnd, failures: number, random: number): Verdict {
  if (end.kind === 'unsent') return { kind: 'untried', pauseMs: UNSENT_PAUSE_MS * (1 + random) };
  if (end.kind === 'broke') return { kind: 'unsure', failures };
  const { status, body } = end;
  if (BUSY_STATUSES.includes(status)) {
    const pauseMs = Math.min(PAUSE_MS_MAX, Math.max(end.retryAfterMs ?? 0, BUSY_PAUSE_MS));
    return { kind: 'again', failures, pauseMs: pauseMs * (1 + random / 4), isBusy: true };
  }
  if (status < 500 || status === 501 || failures + 1 >= FAILURES_MAX) {
    return { kind: 'done', status, body };
  }
  const pauseMs = FAILURE_PAUSE_MS * 2 ** failures * (1 + random);
  return { kind: 'again', failures: failures + 1, pauseMs, isBusy: false };
}

/** What the books say of a call of which nobody heard the end. */
export type BookedCall = Readonly<{ isCharged: boolean }>;

/**
 * How an unsure line goes on, or null while it is too early to say. One that is charged is called again under
 * the attempt it had: the books take each attempt once, so the second answer costs nothing. One that is on
 * the books for nothing gets a new attempt. Where nothing comes, the old attempt is the safe one again.
 */
export function resolveUnsure(
  booked: BookedCall | null,
  unsureMs: number,
): 'charged' | 'unknown' | 'new' | null {
  if (booked !== null) return booked.isCharged ? 'charged' : 'new';
  return unsureMs >= UNSURE_MS_MAX ? 'unknown' : null;
}

/** A gateway that runs has its books at control within a second, one that starts with its first breath. */
export const UNSURE_MS_MAX = 8_000;
