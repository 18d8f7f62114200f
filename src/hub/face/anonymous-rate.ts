/**
 * How much who shows no token may ask for: so many requests in five minutes by address. A fixed window in
 * the memory of control, which is one; public models stay public, and nobody drains them unseen.
 */
import { isIPv6 } from 'node:net';
import type { Clock } from '#platform/clock.ts';
import { failHub } from '../errors.ts';

/** A model of a hundred files is listed and fetched within it; Hugging Face allows strangers 500. */
export const ANONYMOUS_REQUESTS = 600;
const WINDOW_MS = 5 * 60_000;
/** Beyond it the oldest are forgotten: memory is bounded, whoever calls. */
const ADDRESSES_MAX = 100_000;

export function createAnonymousRate(clock: Clock) {
  const windows = new Map<string, { count: number; startedMs: number }>();
  return {
    /** Raises `hub.asked_too_often`. */
    count: (address: string): void => {
      const who = networkOf(address);
      const nowMs = clock.monotonicMs();
      const window = windows.get(who);
      if (window === undefined || nowMs - window.startedMs >= WINDOW_MS) {
        windows.delete(who);
        windows.set(who, { count: 1, startedMs: nowMs });
        const [oldest] = windows.keys();
        if (windows.size > ADDRESSES_MAX && oldest !== undefined) windows.delete(oldest);
        return;
      }
      window.count += 1;
      if (window.count <= ANONYMOUS_REQUESTS) return;
      throw failHub(
        'hub.asked_too_often',
        `Without a token ${ANONYMOUS_REQUESTS} requests in five minutes are allowed. Send one: flywheel hub token create.`,
        { retryAfterMs: WINDOW_MS - (nowMs - window.startedMs) },
      );
    },
  };
}

/** Who holds one address of IPv6 holds the 64 bits behind it. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const missing = 8 - groups.length - tail.split(':').filter(Boolean).length;
  return [...groups, ...Array.from({ length: missing }, () => '0')].slice(0, 4).join(':');
}
