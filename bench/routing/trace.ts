/**
 * A trace of prompts as Mooncake publishes them: when, how long, and the hashes of their 512-token blocks,
 * where equal hashes are equal beginnings. The excerpt beside this file is 400 requests (from the 3,151st on) of
 * `synthetic_trace.jsonl` from kvcache-ai/Mooncake (Apache-2.0).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const BLOCK_TOKENS = 512;
export const EXCERPT = join(import.meta.dirname, 'mooncake-excerpt.jsonl');

export type TraceRequest = Readonly<{
  atMs: number;
  inputTokens: number;
  outputTokens: number;
  blocks: readonly number[];
}>;

type Line = { timestamp: number; input_length: number; output_length: number; hash_ids: number[] };

export function readTrace(file: string): TraceRequest[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((text) => {
    const line: Line = JSON.parse(text);
    return {
      atMs: line.timestamp,
      inputTokens: line.input_length,
      outputTokens: line.output_length,
      blocks: line.hash_ids,
    };
  });
}

/** Share of blocks that came before: what one cache without end would find. */
export function ceilingOf(trace: readonly TraceRequest[]): number {
  const seen = new Set<number>();
  let hits = 0;
  let all = 0;
  for (const { blocks } of trace) {
    let isPrefix = true;
    for (const block of blocks) {
      isPrefix &&= seen.has(block);
      if (isPrefix) hits += 1;
      all += 1;
      seen.add(block);
    }
  }
  return hits / Math.max(1, all);
}
