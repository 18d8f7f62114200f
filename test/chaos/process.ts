/** A child that a schedule starts, kills and starts again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export type Child = Readonly<{
  /** Resolves with the exit code, or null when a signal ended it. */
  exited: Promise<number | null>;
  isAlive: () => boolean;
  kill: (signal: 'SIGKILL' | 'SIGTERM') => void;
}>;

const READY_TIMEOUT_MS = 60_000;

/** Starts a file of this folder and waits until it says `ready`, or has ended. */
export async function startChild(file: string, options: unknown): Promise<Child> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, file), JSON.stringify(options)],
    {
      // The pipe to its standard input ends with us, and the child with it: see `endWithParent`.
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
  await untilReady(child, exited, file);
  return {
    exited,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    kill: (signal) => void child.kill(signal),
  };
}

async function untilReady(
  child: ChildProcess,
  exited: Promise<number | null>,
  file: string,
): Promise<void> {
  const ready = new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${file} did not start`)), READY_TIMEOUT_MS);
  await Promise.race([ready, exited, late]);
  clearTimeout(timer);
}

export type KeptAlive = Readonly<{
  /** Kills the child; a new one takes its place. */
  kill: () => void;
  /** Kills the child for good. */
  stop: () => Promise<void>;
}>;

/** Starts a child again whenever it ends, by a kill or by itself, until it is stopped. */
export async function keepAlive(
  start: () => Promise<Child>,
  pauseMs: () => number,
): Promise<KeptAlive> {
  let child = await start();
  let isStopped = false;
  const ended = (async (): Promise<void> => {
    for (;;) {
      await child.exited;
      await wait(pauseMs());
      if (isStopped) return;
      child = await start();
      if (isStopped) child.kill('SIGKILL');
    }
  })();
  return {
    kill: () => child.kill('SIGKILL'),
    stop: async () => {
      isStopped = true;
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Called by a child: no test leaves processes behind, however it ends itself. */
export function endWithParent(): void {
  process.stdin.on('end', () => process.exit(1)).resume();
}
