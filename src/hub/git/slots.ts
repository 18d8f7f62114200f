/** So many may run at once, and so many wait; whoever comes then is told to come again. */
import { failGit } from './errors.ts';

const RUNNING_MAX = 8;
const WAITING_MAX = 64;
const RETRY_AFTER_MS = 5_000;

export type Slots = Readonly<{
  /** Waits for one; what it gives back frees it, once. Raises `git.busy`. */
  take: () => Promise<() => void>;
}>;

export function createSlots(runningMax = RUNNING_MAX, waitingMax = WAITING_MAX): Slots {
  const waiting: (() => void)[] = [];
  let running = 0;
  const free = (): void => {
    running -= 1;
    waiting.shift()?.();
  };
  return {
    take: async () => {
      if (running >= runningMax) {
        if (waiting.length >= waitingMax) {
          throw failGit('git.busy', 'Many clone and push at this moment; try again shortly.', {
            retryAfterMs: RETRY_AFTER_MS,
          });
        }
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      running += 1;
      let isFree = false;
      return () => {
        if (!isFree) free();
        isFree = true;
      };
    },
  };
}
