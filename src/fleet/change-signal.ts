/**
 * Wakes whoever waits for a change of the fleet. Only inside one process: other controls find out by
 * looking, once per second.
 */
export type ChangeSignal = Readonly<{
  notify: () => void;
  /** Returns at the next `notify`, after `timeoutMs`, or when the signal aborts; never rejects. */
  wait: (timeoutMs: number, signal?: AbortSignal) => Promise<void>;
}>;

export function createChangeSignal(): ChangeSignal {
  const waiting = new Set<() => void>();
  return {
    notify: () => {
      for (const wake of waiting) wake();
    },
    wait: (timeoutMs, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, timeoutMs);
        waiting.add(done);
        signal?.addEventListener('abort', done, { once: true });
        if (signal?.aborted === true) done();
      }),
  };
}
