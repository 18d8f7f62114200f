/**
 * How many wrong passwords a person may try. Only failures count, so that people who know their
 * password are never slowed down, and they count per e-mail and address, so that nobody can lock
 * another person out from elsewhere; a second, wider count per e-mail stops guessing from many
 * addresses. Kept in memory, bounded: the oldest are forgotten first.
 */
import type { Clock } from '#platform/clock.ts';

export type SignInAttempts = Readonly<{
  /** Milliseconds to wait before the next try, or null. */
  blockedForMs: (who: Attempt) => number | null;
  failed: (who: Attempt) => void;
  succeeded: (who: Attempt) => void;
}>;

export type Attempt = Readonly<{ email: string; address: string }>;

/** Ten typos are plenty; ten guesses a quarter hour need an age for a password of ten characters. */
const FAILURES_MAX = 10;
const FAILURES_EVERYWHERE_MAX = 200;
const WINDOW_MS = 15 * 60_000;
const ENTRIES_MAX = 20_000;

type Count = Readonly<{ failures: number; resetAtMs: number }>;

export function createSignInAttempts(clock: Clock): SignInAttempts {
  const counts = new Map<string, Count>();

  const blockedUntilMs = (key: string, failuresMax: number): number => {
    const count = counts.get(key);
    return count === undefined || count.failures < failuresMax ? 0 : count.resetAtMs;
  };

  const add = (key: string): void => {
    const nowMs = clock.nowMs();
    const old = counts.get(key);
    const isOpen = old !== undefined && old.resetAtMs > nowMs;
    counts.delete(key);
    counts.set(key, {
      failures: isOpen ? old.failures + 1 : 1,
      resetAtMs: isOpen ? old.resetAtMs : nowMs + WINDOW_MS,
    });
    const oldest = counts.keys().next().value;
    if (counts.size > ENTRIES_MAX && oldest !== undefined) counts.delete(oldest);
  };

  return {
    blockedForMs: (who) => {
      const untilMs = Math.max(
        blockedUntilMs(keyOf(who), FAILURES_MAX),
        blockedUntilMs(who.email, FAILURES_EVERYWHERE_MAX),
      );
      const waitMs = untilMs - clock.nowMs();
      return waitMs > 0 ? waitMs : null;
    },
    failed: (who) => {
      add(keyOf(who));
      add(who.email);
    },
    succeeded: (who) => {
      counts.delete(keyOf(who));
    },
  };
}

function keyOf({ email, address }: Attempt): string {
  return `${address}|${email}`;
}
