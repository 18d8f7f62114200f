/**
 * The `openai` adapter: attaches to a server that runs already and speaks OpenAI's dialect (vLLM,
 * SGLang, llama-server, Ollama, a commercial API). Nothing is proxied; the adapter checks that the
 * server answers and knows the model, reads its numbers where it has any, and keeps an eye on it.
 * Stopping detaches and leaves the server alone.
 */
import { z } from 'zod';

import { messageOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';

import { failEngine } from '../errors.ts';
import { NO_STATS, meanBetween, parseMetrics } from './metrics.ts';
import type {
  EngineAdapter,
  EngineExit,
  EngineInfo,
  EngineSpec,
  EngineStats,
  RunningEngine,
} from '../engine.ts';
import type { Metrics } from './metrics.ts';

/** Listing models is no work for a server; commercial ones can be far away. */
const PROBE_TIMEOUT_MS = 10_000;

/** Often enough to route around a dead server within a minute, rare enough for a paid one. */
const PROBE_INTERVAL_MS = 15_000;

/** One lost probe is the network, three in a row are the server. */
const PROBES_LOST_MAX = 3;

const METRICS_TIMEOUT_MS = 5_000;

/** Names shown when the model is not among them. */
const NAMES_SHOWN = 5;

const modelListSchema = z.object({
  data: z.array(
    z.looseObject({
      id: z.string(),
      max_model_len: z.number().nullish(),
      meta: z.looseObject({ n_ctx: z.number().nullish() }).nullish(),
    }),
  ),
});

type ModelEntry = z.infer<typeof modelListSchema>['data'][number];

export function createOpenaiAdapter(
  options: Readonly<{ probeIntervalMs?: number }> = {},
): EngineAdapter {
  const probeIntervalMs = options.probeIntervalMs ?? PROBE_INTERVAL_MS;
  return {
    kind: 'openai',
    start: async (spec, { log, signal }) => {
      const url = serverUrl(spec);
      const key = spec.apiKey ?? null;
      const models = await listModels(url, key, signal);
      const info = describe(spec, models);
      log.info('engine.attached', { engine: spec.model, url });
      return createAttached({ url, key, info, probeIntervalMs, log });
    },
  };
}

/** The address without `/v1`, which callers put there themselves. */
function serverUrl(spec: EngineSpec): string {
  const given = spec.baseUrl ?? '';
  const parsed = URL.parse(given);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw failEngine(
      'engine.spec_invalid',
      'An openai engine needs the http or https address of a server.',
    );
  }
  return given.replace(/\/+$/, '').replace(/\/v1$/, '');
}

/** Null when the server has no such list, which some commercial ones do not. */
async function listModels(
  url: string,
  key: string | null,
  signal: AbortSignal | undefined,
): Promise<ModelEntry[] | null> {
  const response = await get(`${url}/v1/models`, key, PROBE_TIMEOUT_MS, signal);
  if (response.status === 401 || response.status === 403) {
    throw failEngine('engine.key_refused', 'The server refuses the key.');
  }
  if (response.status === 404) return null;
  if (response.status !== 200) {
    throw failEngine('engine.unreachable', `The server answers with status ${response.status}.`);
  }
  const list = modelListSchema.safeParse(await response.json().catch(() => null));
  if (list.success) return list.data.data;
  throw failEngine('engine.spec_invalid', "What answers there does not speak OpenAI's dialect.");
}

async function get(
  url: string,
  key: string | null,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Response> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await fetch(url, {
      headers: key === null ? {} : { authorization: `Bearer ${key}` },
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
  } catch (error) {
    throw failEngine('engine.unreachable', `The server does not answer: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** `fetch failed` hides the useful part in its cause. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined
    ? messageOf(error.cause)
    : messageOf(error);
}

function describe(spec: EngineSpec, models: readonly ModelEntry[] | null): EngineInfo {
  const model = spec.upstreamModel ?? spec.model;
  const entry = models?.find(({ id }) => id === model);
  if (models !== null && entry === undefined) {
    const names = models.slice(0, NAMES_SHOWN).map(({ id }) => `'${id}'`);
    const known = names.length === 0 ? 'none' : names.join(', ');
    throw failEngine(
      'engine.spec_invalid',
      `The server has no model '${model}'; it has ${known}${models.length > NAMES_SHOWN ? ', …' : ''}.`,
    );
  }
  return {
    model,
    contextLength: spec.contextLength ?? entry?.max_model_len ?? entry?.meta?.n_ctx ?? null,
    parallel: spec.parallel,
    // The dialect has no question for this; the server itself refuses what it cannot do.
    capabilities: {
      chat: true,
      completions: true,
      embeddings: true,
      tools: true,
      json: true,
      reasoning: true,
      logprobs: true,
    },
  };
}

function createAttached(parts: {
  url: string;
  key: string | null;
  info: EngineInfo;
  probeIntervalMs: number;
  log: Log;
}): RunningEngine {
  const { url, key, info } = parts;
  const { promise: exited, resolve } = Promise.withResolvers<EngineExit>();
  const watch = watchServer(parts, resolve);
  let before: Metrics | null = null;
  return {
    kind: 'openai',
    url,
    key,
    pid: null,
    info,
    exited,
    stats: async () => {
      const response = await get(`${url}/metrics`, key, METRICS_TIMEOUT_MS);
      if (response.status !== 200) return NO_STATS;
      const now = parseMetrics(await response.text());
      const stats = withRecentMeans(before, now);
      before = now;
      return stats;
    },
    stop: async () => {
      clearInterval(watch);
      resolve({ reason: 'stopped', message: 'The server was detached.' });
      await exited;
    },
  };
}

function withRecentMeans(before: Metrics | null, now: Metrics): EngineStats {
  return {
    ...now.stats,
    timeToFirstTokenMs:
      now.stats.timeToFirstTokenMs ?? meanBetween(before?.firstToken ?? null, now.firstToken),
    timePerTokenMs: now.stats.timePerTokenMs ?? meanBetween(before?.perToken ?? null, now.perToken),
  };
}

function watchServer(
  parts: { url: string; key: string | null; probeIntervalMs: number; log: Log },
  exit: (exit: EngineExit) => void,
): NodeJS.Timeout {
  let lost = 0;
  const probe = async (): Promise<void> => {
    try {
      await listModels(parts.url, parts.key, undefined);
      lost = 0;
    } catch (error) {
      lost += 1;
      parts.log.warn('engine.probe_failed', { url: parts.url, lost, reason: messageOf(error) });
      if (lost < PROBES_LOST_MAX) return;
      clearInterval(timer);
      exit({ reason: 'lost', message: `The server was lost: ${messageOf(error)}` });
    }
  };
  const timer = setInterval(() => void probe(), parts.probeIntervalMs);
  // Watching alone is no reason for a process to live.
  timer.unref();
  return timer;
}
