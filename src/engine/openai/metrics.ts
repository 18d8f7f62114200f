/**
 * Reads the six numbers out of Prometheus text, whoever wrote it: vLLM, SGLang, llama-server or our
 * own engine. Pure; what a server does not offer is null.
 */
import type { EngineStats } from '../engine.ts';

/** Cumulative sums of a histogram, to tell the recent mean from the mean since the start. */
export type Timing = Readonly<{ sumMs: number; count: number }>;

export type Metrics = Readonly<{
  stats: EngineStats;
  firstToken: Timing | null;
  perToken: Timing | null;
}>;

type Names = Readonly<{
  prefix: string;
  running: string;
  waiting: string;
  kvUse: readonly string[];
  cachedTokens: string | null;
  /** Histograms in seconds, without `_sum` and `_count`. */
  firstToken: string | null;
  perToken: readonly string[];
}>;

const DIALECTS: readonly Names[] = [
  {
    prefix: 'vllm:',
    running: 'num_requests_running',
    waiting: 'num_requests_waiting',
    // The second name is that of older versions.
    kvUse: ['kv_cache_usage_perc', 'gpu_cache_usage_perc'],
    cachedTokens: 'prefix_cache_hits_total',
    firstToken: 'time_to_first_token_seconds',
    perToken: ['inter_token_latency_seconds', 'time_per_output_token_seconds'],
  },
  {
    prefix: 'sglang:',
    running: 'num_running_reqs',
    waiting: 'num_queue_reqs',
    kvUse: ['token_usage'],
    cachedTokens: 'cached_tokens_total',
    firstToken: 'time_to_first_token_seconds',
    perToken: ['inter_token_latency_seconds', 'time_per_output_token_seconds'],
  },
  {
    prefix: 'llamacpp:',
    running: 'requests_processing',
    waiting: 'requests_deferred',
    kvUse: ['kv_cache_usage_ratio'],
    cachedTokens: null,
    firstToken: null,
    perToken: [],
  },
];

export const NO_STATS: EngineStats = {
  running: null,
  waiting: null,
  kvUse: null,
  cachedTokens: null,
  timeToFirstTokenMs: null,
  timePerTokenMs: null,
};

export function parseMetrics(text: string): Metrics {
  const values = sumByName(text);
  if ([...values.keys()].some((name) => name.startsWith('flywheel:'))) return ownMetrics(values);
  const names = DIALECTS.find(({ prefix }) => hasPrefix(values, prefix));
  if (names === undefined) return { stats: NO_STATS, firstToken: null, perToken: null };
  const read = (name: string): number | null => values.get(names.prefix + name) ?? null;
  const first = (candidates: readonly string[]): number | null =>
    candidates.map(read).find((value) => value !== null) ?? null;
  const timing = (name: string): Timing | null => {
    const [sum, count] = [read(`${name}_sum`), read(`${name}_count`)];
    return sum === null || count === null ? null : { sumMs: sum * 1_000, count };
  };
  return {
    stats: {
      ...NO_STATS,
      running: read(names.running),
      waiting: read(names.waiting),
      kvUse: first(names.kvUse),
      cachedTokens: names.cachedTokens === null ? null : read(names.cachedTokens),
    },
    firstToken: names.firstToken === null ? null : timing(names.firstToken),
    perToken: names.perToken.map(timing).find((value) => value !== null) ?? null,
  };
}

/** The mean between two readings; null when nothing happened in between. */
export function meanBetween(before: Timing | null, now: Timing | null): number | null {
  if (now === null) return null;
  // A smaller count means that the server began anew.
  const from = before === null || before.count > now.count ? { sumMs: 0, count: 0 } : before;
  const count = now.count - from.count;
  return count === 0 ? null : (now.sumMs - from.sumMs) / count;
}

function ownMetrics(values: ReadonlyMap<string, number>): Metrics {
  const read = (name: string): number | null => values.get(`flywheel:${name}`) ?? null;
  return {
    stats: {
      running: read('requests_running'),
      waiting: read('requests_waiting'),
      kvUse: read('kv_use_ratio'),
      cachedTokens: read('cached_tokens_total'),
      timeToFirstTokenMs: read('time_to_first_token_ms'),
      timePerTokenMs: read('time_per_token_ms'),
    },
    firstToken: null,
    perToken: null,
  };
}

function hasPrefix(values: ReadonlyMap<string, number>, prefix: string): boolean {
  return [...values.keys()].some((name) => name.startsWith(prefix));
}

/** Values by metric name; those of several labels (one per worker, say) are added up. */
function sumByName(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})?\s+(\S+)/.exec(line);
    if (found?.[1] === undefined) continue;
    const value = Number(found[2]);
    if (Number.isFinite(value)) values.set(found[1], (values.get(found[1]) ?? 0) + value);
  }
  return values;
}
