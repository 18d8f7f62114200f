/**
 * The gateway with everything on beside a bare undici proxy and the gateways of others, in one run on one
 * machine: the same mock engine behind all, the same load in front, each in a process of its own. Rounds
 * alternate between them and medians are printed, so that a noisy machine moves all alike.
 *
 * `--only nginx,gateway` takes some of them, `--quick` one short round: to see that all work, not how fast.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKey } from '#tenancy/key.ts';
import type { LoadRequest, LoadResult } from './load.ts';
import { PEERS, freePort, isInstalled } from './peers.ts';
import { type Used, usedBy } from './process-cost.ts';
import {
  CHUNKS,
  CHUNK_EVERY_MS,
  PACED_PER_SECOND_MAX,
  PACED_SECONDS,
  ROUNDS,
  STREAMS,
  type Scenario,
  WARM_UP_REQUESTS,
  WARM_UP_SECONDS_MAX,
  WHOLE_SECONDS,
} from './scenario.ts';
import { type Target, startForeign, startOwn } from './target.ts';

type Sample = LoadResult & Used;
type Kind = 'whole' | 'paced' | `stream ${number}`;

/** Far above what any of them should need; a gateway that cannot carry the streams is said to. */
const LOAD_TIMEOUT_MS = 45_000;
const LOAD_BYTES_MAX = 1024 * 1024;

const { values } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
const only = values.only?.split(',') ?? null;
const rounds = values.quick ? 1 : ROUNDS;
const seconds = values.quick ? 0.5 : WHOLE_SECONDS;
const run = promisify(execFile);
const key = createKey('api').secret;

async function load(target: Target, scenario: Scenario): Promise<LoadResult> {
  const { url, path, model, headers } = target;
  const asked: LoadRequest = { url, path, model, headers, scenario };
  const script = join(import.meta.dirname, 'load.ts');
  const { stdout } = await run(process.execPath, [script, JSON.stringify(asked)], {
    timeout: LOAD_TIMEOUT_MS,
    maxBuffer: LOAD_BYTES_MAX,
  });
  return JSON.parse(stdout) as LoadResult;
}

const samples = new Map<string, Sample[]>();
const troubles: string[] = [];

/** A failure is said and the figure left out; the others go on. */
async function sample(target: Target, kind: Kind, scenario: Scenario): Promise<void> {
  const name = `${target.name} ${kind}`;
  if (troubles.some((trouble) => trouble.startsWith(`${name}:`))) return;
  const before = usedBy(target.pid);
  try {
    const result = await load(target, scenario);
    const after = usedBy(target.pid);
    if (result.failures > 0) {
      troubles.push(`${name}: ${result.failures} of ${result.requests} requests failed`);
      return;
    }
    const used = { cpuMicros: after.cpuMicros - before.cpuMicros, rssBytes: after.rssBytes };
    samples.set(name, [...(samples.get(name) ?? []), { ...result, ...used }]);
  } catch {
    troubles.push(`${name}: not done in ${LOAD_TIMEOUT_MS / 1000} s`);
  }
}

async function startPeers(engineUrl: string): Promise<Target[]> {
  const started: Target[] = [];
  for (const peer of PEERS) {
    if (only !== null && !only.some((name) => peer.name.startsWith(name))) continue;
    if (!isInstalled(peer)) {
      console.log(`${peer.name} is not installed and left out (bench/gateway/README.md).`);
      continue;
    }
    const port = await freePort();
    try {
      const prepared = peer.prepare(engineUrl, port);
      started.push(await startForeign({ name: peer.name, port, ...prepared }));
    } catch (error) {
      console.log(`${peer.name} is left out: ${error instanceof Error ? error.message : ''}`);
    }
  }
  return started;
}

function medianOf(target: Target, kind: Kind, read: (sample: Sample) => number): number | null {
  const all = samples.get(`${target.name} ${kind}`);
  if (all === undefined) return null;
  return all.map(read).toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? null;
}

function shown(value: number | null, digits = 0): string {
  return value === null ? '–' : value.toFixed(digits);
}

const engine = await startOwn('engine alone', 'mock-engine.ts');
const control = await startOwn('control', 'control-stand-in.ts');
const bare = await startOwn('bare undici proxy', 'bare-proxy.ts', { parameters: [engine.url] });
const ours = await startOwn('Flywheel', 'our-gateway.ts', {
  parameters: [engine.url, control.url],
  headers: { authorization: `Bearer ${key}` },
});
const targets = [engine, bare, ours, ...(await startPeers(engine.url))];
const largest = values.quick ? 50 : Infinity;
const streamCounts = STREAMS.map((count) => Math.min(count, largest));

for (const target of targets) {
  const requestsMax = values.quick ? 50 : WARM_UP_REQUESTS;
  await load(target, { kind: 'whole', seconds: WARM_UP_SECONDS_MAX, requestsMax });
}
for (let round = 0; round < rounds; round += 1) {
  for (const target of targets) {
    await sample(target, 'whole', { kind: 'whole', seconds, requestsMax: Infinity });
    // The longer ones once less: their samples are many, and all of this should take minutes.
    if (round > 0 && round === rounds - 1) continue;
    const best = medianOf(target, 'whole', (one) => one.requests / one.seconds) ?? 0;
    const perSecond = Math.max(1, Math.min(PACED_PER_SECOND_MAX, best / 2));
    await sample(target, 'paced', {
      kind: 'paced',
      seconds: values.quick ? 1 : PACED_SECONDS,
      perSecond,
    });
    for (const [index, count] of streamCounts.entries()) {
      if (round === 0 || index === 0)
        await sample(target, `stream ${count}`, { kind: 'stream', streams: count });
    }
  }
}

const rate = (target: Target): number | null =>
  medianOf(target, 'whole', (one) => one.requests / one.seconds);
const perCore = (target: Target): number | null => {
  const micros = medianOf(target, 'whole', (one) => one.cpuMicros / one.requests);
  return micros === null || micros === 0 ? null : 1_000_000 / micros;
};
const cpu = (target: Target): number | null =>
  medianOf(target, 'whole', (one) => one.cpuMicros / one.requests);
const chunkCpu = (target: Target): number | null =>
  medianOf(target, `stream ${streamCounts[0] ?? 0}`, (one) => one.cpuMicros / one.chunks);
const added = (target: Target, read: (sample: Sample) => number): number | null => {
  const [with_, without] = [medianOf(target, 'paced', read), medianOf(engine, 'paced', read)];
  return with_ === null || without === null ? null : with_ - without;
};

console.table(
  targets.map((target) => ({
    '': target.name,
    'requests/s': shown(rate(target)),
    'CPU µs/request': shown(cpu(target)),
    'requests/s per core': shown(perCore(target)),
    'CPU µs/chunk': shown(chunkCpu(target), 1),
    'added p50 ms': shown(
      added(target, (one) => one.p50Ms),
      2,
    ),
    'added p99 ms': shown(
      added(target, (one) => one.p99Ms),
      2,
    ),
  })),
);
for (const count of streamCounts) {
  const kind: Kind = `stream ${count}`;
  console.log(`\n${count} open streams, a chunk every ${CHUNK_EVERY_MS} ms, ${CHUNKS} chunks`);
  console.table(
    targets.map((target) => ({
      '': target.name,
      'first event p50 ms': shown(
        medianOf(target, kind, (one) => one.firstP50Ms),
        1,
      ),
      'first event p99 ms': shown(
        medianOf(target, kind, (one) => one.firstP99Ms),
        1,
      ),
      'jitter p50 ms': shown(
        medianOf(target, kind, (one) => one.jitterP50Ms),
        1,
      ),
      'jitter p99 ms': shown(
        medianOf(target, kind, (one) => one.jitterP99Ms),
        1,
      ),
      'memory MB': shown(medianOf(target, kind, (one) => one.rssBytes / 1_000_000)),
    })),
  );
}
for (const trouble of troubles) console.log(`! ${trouble}`);

const GOALS: Readonly<
  Record<string, readonly [string, (target: Target) => number | null, string]>
> = {
  Portkey: ['requests/s per core, ours to', perCore, 'at least 10'],
  LiteLLM: ['requests/s per core, ours to', perCore, 'at least 40'],
  Bifrost: ['requests/s per core, ours to', perCore, 'above 1'],
  'Caddy (Go proxy)': ['requests/s per core, ours to', perCore, 'above 1'],
  'bare undici proxy': ['requests/s per core, ours to', perCore, 'at least 0.5'],
  nginx: ['CPU per request, ours to', cpu, 'at most 3'],
};
console.log('');
for (const target of targets) {
  const goal = GOALS[target.name];
  if (goal === undefined) continue;
  const [what, read, wish] = goal;
  console.log(`${what} ${target.name}: ${ratio(read(ours), read(target))}× (goal: ${wish})`);
  if (target.name === 'nginx')
    console.log(
      `CPU per chunk, ours to nginx: ${ratio(chunkCpu(ours), chunkCpu(target))}× (goal: at most 1.3)`,
    );
}
console.log(
  'Goals of ours: added p50 at most 0.7 ms, p99 at most 4 ms; jitter p99 at most 2 ms at 2,000 streams.',
);
console.log(
  `Medians of ${rounds} rounds; CPU is that of the process and its children, by the scheduler.`,
);

for (const target of [...targets.toReversed(), control]) await target.stop();

function ratio(left: number | null, right: number | null): string {
  return left === null || right === null || right === 0 ? '–' : (left / right).toFixed(2);
}
