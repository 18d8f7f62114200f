/**
 * The engine port: how the rest of Flywheel starts, reaches, measures and stops a program that runs
 * a model. An adapter turns a spec into a running engine that speaks OpenAI's dialect over HTTP;
 * from then on callers talk to its URL directly and nothing is proxied here. Every adapter passes
 * `contract.ts`. Promises: a started engine is ready to answer; an engine that dies settles
 * `exited` with a reason; requests in flight then end with an error and never hang.
 * Restarting, placing and scaling belong to the fleet.
 */
import type { Log } from '#platform/log.ts';

export type EngineKind = 'llama' | 'openai';

export type EngineSpec = Readonly<{
  /** The name that requests carry and the engine answers to. */
  model: string;
  /** `llama`: the GGUF file, and a LoRA adapter for it. */
  weightsPath?: string;
  adapterPath?: string;
  adapterScale?: number;
  /** `openai`: where the server is. The dialect lies under `/v1` of it (a trailing `/v1` is fine). */
  baseUrl?: string;
  apiKey?: string;
  /** `openai`: the server's own name for the model, where it differs. */
  upstreamModel?: string;
  /** Tokens of prompt and answer together that one request may use. */
  contextLength?: number;
  /** Requests that run at the same time; more wait in a bounded queue. */
  parallel: number;
  /** CPU threads; by default one less than the CPU quota. */
  threads?: number;
}>;

export type EngineCapabilities = Readonly<{
  chat: boolean;
  completions: boolean;
  embeddings: boolean;
  tools: boolean;
  json: boolean;
  reasoning: boolean;
  logprobs: boolean;
}>;

export type EngineInfo = Readonly<{
  /** The model name to put into requests to this engine. */
  model: string;
  /** Null where an attached server does not say. */
  contextLength: number | null;
  parallel: number;
  capabilities: EngineCapabilities;
}>;

/** The six numbers that every engine is reduced to; null where it does not offer one. */
export type EngineStats = Readonly<{
  running: number | null;
  waiting: number | null;
  /** Part of the context memory in use, 0 to 1. */
  kvUse: number | null;
  /** Prompt tokens served from an earlier request's state, since the start. */
  cachedTokens: number | null;
  /** Mean over recent requests, queueing included. */
  timeToFirstTokenMs: number | null;
  timePerTokenMs: number | null;
}>;

export type EngineExit = Readonly<{
  /** `stopped` on request, `died` by itself, `lost` when an attached server no longer answers. */
  reason: 'stopped' | 'died' | 'lost';
  /** One sentence for the operator. */
  message: string;
}>;

export interface RunningEngine {
  readonly kind: EngineKind;
  /** `http://127.0.0.1:40123`; `/v1/chat/completions` and the rest lie beneath. */
  readonly url: string;
  /** The bearer token that the engine asks for, or null. */
  readonly key: string | null;
  /** The process to watch or kill, or null for an attached server. */
  readonly pid: number | null;
  readonly info: EngineInfo;
  /** Settles once, whatever ends the engine; never rejects. */
  readonly exited: Promise<EngineExit>;
  /** Throws `engine.unreachable` when the engine does not answer in time. */
  stats(): Promise<EngineStats>;
  /** Refuses new requests, gives running ones `graceMs`, then ends them and the engine. */
  stop(graceMs: number): Promise<void>;
}

export type EngineStartOptions = Readonly<{
  log: Log;
  /** Gives up the start. */
  signal?: AbortSignal;
  /** Loading progress, 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** How long loading may take; large models on slow disks need minutes. */
  startTimeoutMs?: number;
}>;

export interface EngineAdapter {
  readonly kind: EngineKind;
  /** Errors: `engine.spec_invalid`, `engine.weights_*`, `engine.start_failed`, `engine.start_timeout`. */
  start(spec: EngineSpec, options: EngineStartOptions): Promise<RunningEngine>;
}
