/**
 * The choice of a replica and the fairness of the queue, both simulated in virtual time with the gateway's
 * own code. `npm run bench -- routing`, or `node bench/routing/routing.ts TRACE` for the whole Mooncake
 * trace (`synthetic_trace.jsonl`); without it the excerpt beside this file is played.
 *
 * Hit rate is the share of the prompts' blocks that were in the KV cache of the replica they were sent
 * to; its ceiling is one cache for all, without end. Load generator and machine do not matter here.
 */
import { percentile } from './events.ts';
import { simulateFairness } from './fairness.ts';
import { POLICIES } from './policies.ts';
import { createRandom } from './random.ts';
import { CACHE_BLOCKS } from './replica.ts';
import { type PlayOptions, play } from './simulation.ts';
import { BLOCK_TOKENS, EXCERPT, type TraceRequest, ceilingOf, readTrace } from './trace.ts';

/** KV cache that also spills to the memory of the host: four million tokens. */
const HOST_CACHE_BLOCKS = 8_000;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const ms = (value: number): string => `${Math.round(value).toLocaleString('en')} ms`;

function compare(title: string, trace: readonly TraceRequest[], options: PlayOptions): void {
  const ceiling = ceilingOf(trace);
  console.log(`\n${title}: ${trace.length} requests, ceiling ${percent(ceiling)}`);
  const rows: Record<string, object> = {};
  for (const [name, create] of Object.entries(POLICIES)) {
    const { hitShare, firstTokenMs } = play(trace, create(), options);
    rows[name] = {
      'hit rate': percent(hitShare),
      'of ceiling': percent(hitShare / ceiling),
      'TTFT p50': ms(percentile(firstTokenMs, 0.5)),
      p90: ms(percentile(firstTokenMs, 0.9)),
      p99: ms(percentile(firstTokenMs, 0.99)),
    };
  }
  console.table(rows);
}

/** Everybody's prompt begins with the same 6,144 tokens, then says something of its own. */
function hotPrefix(): TraceRequest[] {
  const random = createRandom(7);
  const shared = Array.from({ length: 12 }, (_, block) => block);
  let atMs = 0;
  return Array.from({ length: 3_000 }, (_, index) => {
    atMs += random.exponential(1_000 / 40);
    const inputTokens = shared.length * BLOCK_TOKENS + Math.ceil(random.lognormal(300, 0.5));
    const blocks = [...shared, 1_000 + index];
    return { atMs, inputTokens, outputTokens: Math.ceil(random.lognormal(100, 0.5)), blocks };
  });
}

async function compareFairness(): Promise<void> {
  const scene = { seconds: 1_800, seed: 1 };
  console.log(
    '\nA quiet tenant (1 request/s) beside a flood of six times what the replicas can do',
  );
  const scenes = {
    'quiet tenant alone': { floodPerSecond: 0, isFair: true },
    'beside the flood, first come first served': { floodPerSecond: 40, isFair: false },
    'beside the flood, virtual token counters': { floodPerSecond: 40, isFair: true },
  };
  const rows: Record<string, object> = {};
  let aloneMs = Number.NaN;
  for (const [name, one] of Object.entries(scenes)) {
    const { firstTokenMs, busyShare } = await simulateFairness({ ...scene, ...one });
    const p99 = percentile(firstTokenMs, 0.99);
    if (one.floodPerSecond === 0) aloneMs = p99;
    rows[name] = {
      'TTFT p50': ms(percentile(firstTokenMs, 0.5)),
      p99: ms(p99),
      'of alone': `${(p99 / aloneMs).toFixed(2)} ×`,
      'slots in use': percent(busyShare),
    };
  }
  console.table(rows);
}

const [file = EXCERPT] = process.argv.slice(2);
const trace = readTrace(file);
const replicas = 8;
compare('KV cache of one GPU', trace, { replicas, cacheBlocks: CACHE_BLOCKS });
compare('KV cache with host memory', trace, { replicas, cacheBlocks: HOST_CACHE_BLOCKS });
compare('One prefix for all', hotPrefix(), { replicas });
await compareFairness();
