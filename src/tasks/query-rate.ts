/**
 * How often a tenant may ask for its tasks: 20 a second over all its keys and all gateways, as Model
 * Studio allows, so that programs poll as they do there. Control is one, so its memory is the place.
 */
import type { Clock } from '#platform/clock.ts';
import { fail } from './errors.ts';

const QUERIES_PER_SECOND = 20;
const WINDOW_MS = 1_000;
/** Far above the tenants that ask in one second; made-up ones never come this far. */
const TENANTS_MAX = 10_000;

export function createQueryRate(clock: Clock) {
  const windows = new Map<string, { count: number; startedMs: number }>();
  return {
    /** Raises `task.asked_too_often`. */
    count: (tenantId: string): void => {
      const nowMs = clock.monotonicMs();
      const window = windows.get(tenantId);
      if (window === undefined || nowMs - window.startedMs >= WINDOW_MS) {
        windows.delete(tenantId);
        windows.set(tenantId, { count: 1, startedMs: nowMs });
        const [oldest] = windows.keys();
        if (windows.size > TENANTS_MAX && oldest !== undefined) windows.delete(oldest);
        return;
      }
      window.count += 1;
      if (window.count <= QUERIES_PER_SECOND) return;
      throw fail(
        'task.asked_too_often',
        `Tasks may be asked for ${QUERIES_PER_SECOND} times a second.`,
        {
          retryAfterMs: WINDOW_MS - (nowMs - window.startedMs),
        },
      );
    },
  };
}
