/** A trace played against replicas, with one policy, in virtual time. */
import { Events } from './events.ts';
import type { Policy } from './policies.ts';
import { CACHE_BLOCKS, Replica } from './replica.ts';
import type { TraceRequest } from './trace.ts';

export type Played = Readonly<{
  /** Share of the prompts' blocks that were in the cache where they were sent. */
  hitShare: number;
  /** Sorted. */
  firstTokenMs: readonly number[];
}>;

export type PlayOptions = Readonly<{
  replicas: number;
  /** Blocks of KV cache of each. */
  cacheBlocks?: number;
  /** 2: everything comes in half the time. */
  speed?: number;
}>;

export function play(trace: readonly TraceRequest[], policy: Policy, options: PlayOptions): Played {
  const events = new Events();
  const { cacheBlocks = CACHE_BLOCKS, speed = 1 } = options;
  const replicas = Array.from({ length: options.replicas }, () => new Replica(events, cacheBlocks));
  const outstanding = replicas.map(() => 0);
  const firstTokenMs: number[] = [];
  let hits = 0;
  let all = 0;
  for (const request of trace) {
    const atMs = request.atMs / speed;
    events.at(atMs, () => {
      const chosen = policy(outstanding, request.blocks);
      outstanding[chosen] = (outstanding[chosen] ?? 0) + 1;
      replicas[chosen]?.ask(request, atMs, (served) => {
        outstanding[chosen] = (outstanding[chosen] ?? 1) - 1;
        firstTokenMs.push(served.firstTokenMs);
        hits += served.hitBlocks;
        all += request.blocks.length;
      });
    });
  }
  for (let event = events.next(); event !== null; event = events.next()) event.happen();
  firstTokenMs.sort((left, right) => left - right);
  return { hitShare: hits / Math.max(1, all), firstTokenMs };
}
