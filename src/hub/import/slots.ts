/** A few places to work in; whoever comes later waits in order. */
export type Slots = Readonly<{
  /** Runs `work` when there is a place. Raises the signal's reason if that comes first. */
  run: <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;
}>;

export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];

  async function acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(enter), 1);
        reject(new DOMException('No longer wanted.', 'AbortError'));
      };
      signal.addEventListener('abort', leave, { once: true });
      waiting.push(enter);
    });
  }

  /** Hands the place on without a moment in which somebody else could take it. */
  function release(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }

  return {
    run: async (signal, work) => {
      await acquire(signal);
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}
