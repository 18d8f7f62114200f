/**
 * The gateway with everything on beside a bare undici proxy, in one run on one machine: the same mock
 * engine behind both, the same load in front of both, each in a process of its own. Rounds alternate
 * between the two, and medians are printed, so that a noisy machine moves both alike.
 *
 * CPU is what the proxy's own process used, user and system, by its own word.
 */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createKey } from '#tenancy/key.ts';
import type { LoadResult } from './load.ts';
import type { FromMeasured } from './measured.ts';
import { CHUNKS, ROUNDS, type Scenario, WARM_UP_REQUESTS, WHOLE_REQUESTS } from './scenario.ts';

type Measured = Readonly<{ child: ChildProcess; url: string }>;
type Used = Readonly<{ cpuMicros: number; rssBytes: number }>;
type Sample = LoadResult & Readonly<{ cpuMicros: number; rssBytes: number }>;

const LOAD_TIMEOUT_MS = 60_000;
const run = promisify(execFile);
const key = createKey('api').secret;

async function start(file: string, ...parameters: string[]): Promise<Measured> {
  const child = fork(join(import.meta.dirname, file), parameters, { stdio: 'inherit' });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${file} ended`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [FromMeasured];
  ended.catch(() => null);
  if (message.kind !== 'ready') throw new Error(`${file} did not start`);
  return { child, url: message.url };
}

async function used(target: Measured): Promise<Used> {
  target.child.send('used');
  const [message] = (await once(target.child, 'message')) as [FromMeasured];
  if (message.kind !== 'used') throw new Error('no answer');
  return message;
}

async function load(url: string, scenario: Scenario, requests: number): Promise<LoadResult> {
  const script = join(import.meta.dirname, 'load.ts');
  const { stdout } = await run(process.execPath, [script, url, scenario, key, String(requests)], {
    timeout: LOAD_TIMEOUT_MS,
  });
  return JSON.parse(stdout) as LoadResult;
}

async function sample(target: Measured, scenario: Scenario): Promise<Sample> {
  const before = await used(target);
  const result = await load(target.url, scenario, WHOLE_REQUESTS);
  const after = await used(target);
  if (result.failures > 0)
    throw new Error(`${result.failures} of ${result.requests} requests failed`);
  return { ...result, cpuMicros: after.cpuMicros - before.cpuMicros, rssBytes: after.rssBytes };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const engine = await start('mock-engine.ts');
const control = await start('control-stand-in.ts');
const bare = await start('bare-proxy.ts', engine.url);
const ours = await start('our-gateway.ts', engine.url, control.url);
const targets = { engine, bare, ours };
type Target = keyof typeof targets;

const samples: Record<Scenario, Record<Target, Sample[]>> = {
  whole: { engine: [], bare: [], ours: [] },
  stream: { engine: [], bare: [], ours: [] },
};
const scenarios: readonly Scenario[] = ['whole', 'stream'];
for (const name of Object.keys(targets) as Target[])
  await load(targets[name].url, 'whole', WARM_UP_REQUESTS);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const scenario of scenarios) {
    for (const name of Object.keys(targets) as Target[]) {
      samples[scenario][name].push(await sample(targets[name], scenario));
    }
  }
}

const of = (scenario: Scenario, target: Target, read: (sample: Sample) => number): number =>
  median(samples[scenario][target].map(read));
const perRequest = (sample: Sample): number => sample.cpuMicros / sample.requests;
const perChunk = (sample: Sample): number => sample.cpuMicros / sample.chunks;

const row = (name: string, target: Target) => ({
  '': name,
  'requests/s': Math.round(of('whole', target, (one) => one.requests / one.seconds)),
  'p50 ms': of('whole', target, (one) => one.p50Ms).toFixed(2),
  'p99 ms': of('whole', target, (one) => one.p99Ms).toFixed(2),
  'CPU µs/request': of('whole', target, perRequest).toFixed(0),
  'CPU µs/chunk': of('stream', target, perChunk).toFixed(1),
  'stream p50 ms': of('stream', target, (one) => one.p50Ms).toFixed(0),
  'memory MB': Math.round(of('stream', target, (one) => one.rssBytes) / 1_000_000),
});
console.table([
  row('engine alone', 'engine'),
  row('bare undici proxy', 'bare'),
  row('gateway', 'ours'),
]);
const ratio = (scenario: Scenario, read: (sample: Sample) => number): string =>
  (of(scenario, 'ours', read) / of(scenario, 'bare', read)).toFixed(2);
const added = (read: (sample: Sample) => number): string =>
  (of('whole', 'ours', read) - of('whole', 'bare', read)).toFixed(2);
console.log(`CPU per request: ${ratio('whole', perRequest)}× of the bare proxy (goal: at most 2)`);
console.log(`CPU per chunk:   ${ratio('stream', perChunk)}× of the bare proxy (goal: at most 1.3)`);
console.log(
  `Added over the bare proxy: p50 ${added((one) => one.p50Ms)} ms, p99 ${added((one) => one.p99Ms)} ms`,
);
console.log(`Medians of ${ROUNDS} rounds; streams of ${CHUNKS} chunks.`);

for (const { child } of [ours, bare, control, engine]) {
  child.send('stop');
  await once(child, 'exit');
}
