/**
 * Tokens per second of our engine, over HTTP with streaming, beside bare node-llama-cpp with the same
 * model, threads and context: `node bench/engine/engine.ts [rounds]`. The two take turns, so that
 * whatever else the machine does falls on both; the ratio is the median over the rounds.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { defaultThreads } from '#engine/llama/cpu-quota.ts';
import type { RunningEngine } from '#engine/engine.ts';

import { startTinyEngine } from '../../test/tiny-engine.ts';

const PARALLEL = 8;
const CONTEXT_LENGTH = 1_024;
const TOKENS = 160;
const ROUNDS_DEFAULT = 7;
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

type Row = { streams: number; bare: number; engine: number; ratio: number };

const rounds = Number(process.argv[2] ?? ROUNDS_DEFAULT);
const threads = await defaultThreads();
const tiny = await startTinyEngine(
  { parallel: PARALLEL, contextLength: CONTEXT_LENGTH, threads },
  MODEL,
);
const bare = await startBare(tiny.weightsPath);
console.log(`${threads} thread(s), ${TOKENS} tokens per stream, median of ${rounds} rounds\n`);
console.log('streams  bare tokens/s  engine tokens/s  ratio');
for (const streams of [1, PARALLEL]) {
  const rows: Row[] = [];
  await measure(streams);
  for (let round = 0; round < rounds; round += 1) rows.push(await measure(streams));
  const [a, b, ratio] = [median(rows, 'bare'), median(rows, 'engine'), median(rows, 'ratio')];
  console.log(
    `${String(streams).padStart(7)}  ${a.toFixed(1).padStart(13)}  ${b.toFixed(1).padStart(15)}  ${(ratio * 100).toFixed(1)} %`,
  );
}
bare.disconnect();
await tiny.close();

async function measure(streams: number): Promise<Row> {
  const bareMs = await runBare(streams);
  const engineMs = await runEngine(tiny.engine, streams);
  const perSecond = (ms: number): number => (streams * TOKENS * 1_000) / ms;
  return {
    streams,
    bare: perSecond(bareMs),
    engine: perSecond(engineMs),
    ratio: bareMs / engineMs,
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

async function runBare(streams: number): Promise<number> {
  bare.send({ streams, tokens: TOKENS });
  const [ms]: unknown[] = await once(bare, 'message');
  return Number(ms);
}

async function runEngine(engine: RunningEngine, streams: number): Promise<number> {
  const startMs = performance.now();
  await Promise.all(Array.from({ length: streams }, (_, seed) => stream(engine, seed)));
  return performance.now() - startMs;
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
