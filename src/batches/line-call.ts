/** Calls the gateway's own front door for one line, as any caller would. */
import { Agent, request } from 'undici';
import { codeOf } from '#platform/error.ts';
import { asJsonLine } from './line.ts';
import type { CallEnd } from './verdict.ts';

export type LineCall = Readonly<{
  path: string;
  body: string;
  secret: string;
  requestId: string;
  attempt: number;
  signal: AbortSignal;
}>;

export type LineCaller = Readonly<{
  /** Never rejects. */
  call: (line: LineCall) => Promise<CallEnd>;
  /** Whether the front door answers at all. */
  isReachable: () => Promise<boolean>;
  stop: () => Promise<void>;
}>;

/** What the gateway believes of keys that act for a batch, and of no others. */
export const LINE_REQUEST_HEADER = 'x-flywheel-line-request';
export const LINE_ATTEMPT_HEADER = 'x-flywheel-line-attempt';

/** A gateway tries three replicas, each for up to five minutes to its first byte. */
const CALL_TIMEOUT_MS = 20 * 60_000;
const CONNECT_TIMEOUT_MS = 3_000;
const PROBE_TIMEOUT_MS = 2_000;
/** In line for a replica; then it is better that the line waits here, where it costs nothing. */
const QUEUE_TIMEOUT_MS = 60_000;
/** An answer in words is far below; 2,048 embeddings fit. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

const UNSENT_CODES: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

export function createLineCaller(gatewayUrl: string): LineCaller {
  const agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    pipelining: 1,
    headersTimeout: CALL_TIMEOUT_MS,
    bodyTimeout: CALL_TIMEOUT_MS,
  });
  return {
    call: async (line) => {
      try {
        const signal = AbortSignal.any([line.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
        const response = await request(`${gatewayUrl}${line.path}`, {
          dispatcher: agent,
          method: 'POST',
          headers: {
            authorization: `Bearer ${line.secret}`,
            'content-type': 'application/json',
            // Behind those who wait for their answer.
            'x-flywheel-service-tier': 'flex',
            'x-flywheel-queue-timeout-ms': String(QUEUE_TIMEOUT_MS),
            [LINE_REQUEST_HEADER]: line.requestId,
            [LINE_ATTEMPT_HEADER]: String(line.attempt),
          },
          body: line.body,
          signal,
        });
        const retryAfterMs = pauseOf(response.headers);
        const text = await limitedText(response.body);
        return {
          kind: 'answered',
          status: response.statusCode,
          body: asJsonLine(text),
          retryAfterMs,
        };
      } catch (error) {
        // Which of the two is all that matters; the words of a socket would say nothing more.
        return { kind: wasUnsent(error) ? 'unsent' : 'broke' };
      }
    },
    isReachable: async () => {
      try {
        const { statusCode, body } = await request(`${gatewayUrl}/readyz`, {
          dispatcher: agent,
          signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
        });
        await body.dump();
        return statusCode === 200;
      } catch {
        // Not reachable is the answer.
        return false;
      }
    },
    stop: () => agent.destroy(),
  };
}

function wasUnsent(error: unknown): boolean {
  // Several addresses of one name fail as one error with many.
  const causes = error instanceof AggregateError ? error.errors : [error];
  return causes.every((cause) => UNSENT_CODES.includes(codeOf(cause) ?? ''));
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function pauseOf(headers: Headers): number | null {
  const ms = Number(headers['retry-after-ms']);
  if (Number.isFinite(ms) && ms > 0) return ms;
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}

async function limitedText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('an answer that is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
