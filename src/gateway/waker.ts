/** Wakes sleeping deployments: one call at a time for each, however many requests ask for it. */
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';

export type Waker = Readonly<{ wake: (deploymentId: string) => void }>;

/** Control needs a moment to act and the feed to say so; asking again within it helps nobody. */
const AGAIN_AFTER_MS = 2_000;

export function createWaker(
  deps: Readonly<{ wake: (deploymentId: string) => Promise<void>; clock: Clock; log: Log }>,
): Waker {
  const askedAtMs = new Map<string, number>();
  return {
    wake: (deploymentId) => {
      const nowMs = deps.clock.monotonicMs();
      const before = askedAtMs.get(deploymentId);
      if (before !== undefined && nowMs - before < AGAIN_AFTER_MS) return;
      forgetOld(askedAtMs, nowMs);
      askedAtMs.set(deploymentId, nowMs);
      deps.wake(deploymentId).catch((error: unknown) => {
        // The next request that waits asks again.
        askedAtMs.delete(deploymentId);
        deps.log.warn('deployment.wake_failed', { deploymentId, error });
      });
    },
  };
}

function forgetOld(askedAtMs: Map<string, number>, nowMs: number): void {
  for (const [id, atMs] of askedAtMs) {
    if (nowMs - atMs >= AGAIN_AFTER_MS) askedAtMs.delete(id);
  }
}
