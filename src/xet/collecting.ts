/** The collection that goes on beside everything else: often for what can go, daily for what a crash left. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '#platform/log.ts';
import type { Xet } from './xet.ts';

const PASS_EVERY_MS = 60 * 60_000;
const PASSES_A_DAY = 24;

/** `stop` returns when no pass runs any more. */
export function startCollecting(
  xet: Pick<Xet, 'collect' | 'sweep' | 'measure'>,
  log: Log,
): Readonly<{ stop: () => Promise<void> }> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const pass = async (isDaily: boolean): Promise<void> => {
    const collected = await xet.collect(signal);
    if (collected.files + collected.xorbs > 0) log.info('xet.collected', collected);
    if (!isDaily) return;
    const removed = await xet.sweep(signal);
    if (removed > 0) log.info('xet.swept', { removed });
    log.info('xet.measured', await xet.measure(signal));
  };
  const loop = async (): Promise<void> => {
    for (let passes = 1; ; passes += 1) {
      // Not at the start, when everything else begins.
      await delay(PASS_EVERY_MS, undefined, { signal, ref: false });
      await pass(passes % PASSES_A_DAY === 1).catch((error: unknown) => {
        if (!signal.aborted) log.warn('xet.collection_failed', { error });
      });
    }
  };
  const running = loop().catch(() => {
    // The wait ends so when it is stopped.
  });
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
