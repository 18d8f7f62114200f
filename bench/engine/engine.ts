/**
 * Tokens per second of our engine, over HTTP with streaming, beside bare node-llama-cpp with the same
 * model, threads and context: `node bench/engine/engine.ts [rounds]`. The two take turns, so that
 * whatever else the machine does falls on both; the ratio is the median over the rounds.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { defaultThreads } from '#engine/llama/cpu-quota.ts';
import type { RunningEngine } from '#engine/engine.ts';

import { startTinyEngine } from '../../test/tiny-engine.ts';

const PARALLEL = 8;
const CONTEXT_LENGTH = 1_024;
const TOKENS = 96;
const ROUNDS_DEFAULT = 9;
const PROMPT =
  '<|im_start|>user\nthe model answers the question<|im_end|>\n<|im_start|>assistant\n';

/** About 30 million parameters: heavy enough that the model, not the test, is measured. */
const MODEL = {
  width: 512,
  layers: 8,
  heads: 8,
  keyValueHeads: 4,
  feedForward: 1_536,
  paddingTokens: 15_535,
};

type Run = { ms: number; cpuMs: number };
type Row = { bare: number; engine: number; ratio: number; bareCpuMs: number; engineCpuMs: number };

const rounds = Number(process.argv[2] ?? ROUNDS_DEFAULT);
const threads = await defaultThreads();
const tiny = await startTinyEngine(
  { parallel: PARALLEL, contextLength: CONTEXT_LENGTH, threads },
  MODEL,
);
const bare = await startBare(tiny.weightsPath);
console.log(`${threads} thread(s), ${TOKENS} tokens per stream, median of ${rounds} rounds\n`);
console.log(
  'streams  bare tokens/s  engine tokens/s    ratio  bare CPU ms/token  engine CPU ms/token',
);
for (const streams of [1, 2, PARALLEL]) {
  const rows: Row[] = [];
  await measure(streams, true);
  for (let round = 0; round < rounds; round += 1)
    rows.push(await measure(streams, round % 2 === 0));
  const cells = [
    String(streams).padStart(7),
    median(rows, 'bare').toFixed(1).padStart(13),
    median(rows, 'engine').toFixed(1).padStart(15),
    `${(median(rows, 'ratio') * 100).toFixed(1)} %`.padStart(7),
    median(rows, 'bareCpuMs').toFixed(2).padStart(17),
    median(rows, 'engineCpuMs').toFixed(2).padStart(19),
  ];
  console.log(cells.join('  '));
}
bare.disconnect();
await tiny.close();

async function measure(streams: number, bareFirst: boolean): Promise<Row> {
  const early = bareFirst ? await runBare(streams) : undefined;
  const ours = await runEngine(tiny.engine, streams);
  const alone = early ?? (await runBare(streams));
  const tokens = streams * TOKENS;
  return {
    bare: (tokens * 1_000) / alone.ms,
    engine: (tokens * 1_000) / ours.ms,
    ratio: alone.ms / ours.ms,
    bareCpuMs: alone.cpuMs / tokens,
    engineCpuMs: ours.cpuMs / tokens,
  };
}

async function startBare(weightsPath: string): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('./bare.ts', import.meta.url)));
  child.send({
    weightsPath,
    threads,
    parallel: PARALLEL,
    contextLength: CONTEXT_LENGTH,
    prompt: PROMPT,
  });
  await once(child, 'message');
  return child;
}

async function runBare(streams: number): Promise<Run> {
  bare.send({ streams, tokens: TOKENS });
  const [run]: unknown[] = await once(bare, 'message');
  return z.object({ ms: z.number(), cpuMs: z.number() }).parse(run);
}

async function runEngine(engine: RunningEngine, streams: number): Promise<Run> {
  const startCpuMs = await cpuMsOf(engine.pid);
  const startMs = performance.now();
  await Promise.all(Array.from({ length: streams }, (_, seed) => stream(engine, seed)));
  return { ms: performance.now() - startMs, cpuMs: (await cpuMsOf(engine.pid)) - startCpuMs };
}

/** CPU time of a process so far, where Linux tells it: fields 14 and 15 in hundredths of a second. */
async function cpuMsOf(pid: number | null): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function stream(engine: RunningEngine, seed: number): Promise<void> {
  const response = await fetch(`${engine.url}/v1/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${engine.key}` },
    body: JSON.stringify({
      prompt: PROMPT,
      max_tokens: TOKENS,
      ignore_eos: true,
      temperature: 0.7,
      top_k: 40,
      top_p: 0.95,
      seed,
      stream: true,
      stream_options: { include_usage: true },
    }),
  });
  const text = await response.text();
  if (!text.includes(`"completion_tokens":${TOKENS},`)) throw new Error(text.slice(-500));
}

function median(rows: readonly Row[], field: keyof Row): number {
  const values = rows.map((row) => row[field]).toSorted((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? NaN;
}
