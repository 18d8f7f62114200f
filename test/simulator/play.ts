/** Plays many seeds in some processes, for the test and for `npm run chaos -- --money`. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { WorkerOptions, WorkerSays } from './worker.ts';

export type Season = Readonly<{
  seeds: number;
  /** Over all seeds: steps, calls, deaths and so on. */
  sums: Readonly<Record<string, number>>;
  /** The first that failed, with what it says; null when all laws held. */
  failure: Readonly<{ seed: number; why: string }> | null;
}>;

/** How to play one seed again. */
export function replayOf(seed: number): string {
  return `npm run chaos -- --money --seed ${seed}`;
}

/** Seeds are dealt out in turn; when one fails, nobody begins another. */
export async function playSeeds(
  given: Readonly<{
    first: number;
    seeds: number;
    workers: number;
    /** A PostgreSQL server; else the one at TEST_DATABASE_URL, else an embedded one for each worker. */
    serverUrl?: string;
    onPlayed?: (played: number) => void;
  }>,
): Promise<Season> {
  const { first, seeds, onPlayed = () => {} } = given;
  const server = given.serverUrl === undefined ? {} : { TEST_DATABASE_URL: given.serverUrl };
  const workers = Math.min(given.workers, seeds);
  const sums: Record<string, number> = {};
  let played = 0;
  let failure: Season['failure'] = null;
  const stopAll = new AbortController();
  const hear = (said: WorkerSays): void => {
    if (said.kind === 'failed') {
      failure ??= { seed: said.seed, why: said.why };
      stopAll.abort();
      return;
    }
    played += 1;
    for (const [name, count] of Object.entries(said.told)) sums[name] = (sums[name] ?? 0) + count;
    onPlayed(played);
  };
  await Promise.all(
    Array.from({ length: workers }, (_, index) => {
      const share = Math.ceil((seeds - index) / workers);
      const options = { first: first + index, seeds: share, step: workers };
      return runWorker({ options, server, hear, stopping: stopAll.signal });
    }),
  );
  return { seeds: played, sums, failure };
}

async function runWorker({
  options,
  server,
  hear,
  stopping,
}: Readonly<{
  options: WorkerOptions;
  server: Readonly<Record<string, string>>;
  hear: (said: WorkerSays) => void;
  stopping: AbortSignal;
}>): Promise<void> {
  const worker = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(options)], {
    // A worker is no test file, even where a test starts it.
    env: { ...process.env, ...server, NODE_TEST_CONTEXT: undefined },
  });
  worker.on('message', (said) => hear(said as WorkerSays));
  stopping.addEventListener('abort', () => worker.kill('SIGTERM'), { once: true });
  const code = await new Promise<number | null>((resolve) => worker.once('exit', resolve));
  if (code === 0 || stopping.aborted) return;
  hear({ kind: 'failed', seed: options.first, why: `a worker ended with ${code}` });
}
