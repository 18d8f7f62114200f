/** What is sent and how much of it, the same for every process of the benchmark. */
export const MODEL = 'bench/model';

/** A stream: its first event at once, then a chunk every so often; enough of them that its start hardly counts. */
export const CHUNKS = 60;
export const CHUNK_EVERY_MS = 200;
/** Open at the same time. The larger puts 10,000 chunks a second on the machine. */
export const STREAMS = [500, 2_000] as const;

/** Requests at the same time, as fast as they are answered. */
export const WHOLE_CONCURRENCY = 64;
export const WHOLE_SECONDS = 2;
/** Half of what the one under test can do, but no more than this: the others on the machine need their part. */
export const PACED_PER_SECOND_MAX = 1_000;
export const PACED_CONCURRENCY = 256;
export const PACED_SECONDS = 3;

/** By number and not by time, up to a time: a slow machine must warm up as far as a fast one. */
export const WARM_UP_REQUESTS = 20_000;
export const WARM_UP_SECONDS_MAX = 10;
export const ROUNDS = 3;

export type Scenario =
  | Readonly<{ kind: 'whole'; seconds: number; requestsMax: number }>
  | Readonly<{ kind: 'paced'; seconds: number; perSecond: number }>
  | Readonly<{ kind: 'stream'; streams: number }>;

export function requestBody(isStream: boolean, model: string): string {
  return JSON.stringify({
    model,
    messages: [
      { role: 'system', content: 'You are a helpful assistant. '.repeat(8) },
      { role: 'user', content: 'Tell me about the sea. '.repeat(8) },
    ],
    max_tokens: 200,
    temperature: 0.7,
    ...(isStream ? { stream: true } : {}),
  });
}
