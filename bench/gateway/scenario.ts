/** What is sent and how much of it, the same for every process of the benchmark. */
export const MODEL = 'bench/model';
export const CHUNKS = 150;
export const CHUNK_EVERY_MS = 10;

/** Requests at the same time. */
export const WHOLE_CONCURRENCY = 64;
export const STREAM_CONCURRENCY = 64;
/** By number and not by time: a slow machine must warm up as far as a fast one. */
export const WHOLE_REQUESTS = 5_000;
export const WARM_UP_REQUESTS = 10_000;
export const ROUNDS = 3;

export type Scenario = 'whole' | 'stream';

export function requestBody(scenario: Scenario): string {
  return JSON.stringify({
    model: MODEL,
    messages: [
      { role: 'system', content: 'You are a helpful assistant. '.repeat(8) },
      { role: 'user', content: 'Tell me about the sea. '.repeat(8) },
    ],
    max_tokens: 200,
    temperature: 0.7,
    ...(scenario === 'stream' ? { stream: true } : {}),
  });
}
