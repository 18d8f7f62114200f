/**
 * Calls that the gateway makes to itself for a key that asked earlier. They come in by a real socket on
 * the loopback, so that they are read, admitted, held, journalled and metered by the very code that
 * serves everybody, and nothing of it exists twice. The port is this process's own: where several share
 * the front port, a call must come back to the one that knows the lent key.
 */
import { type RequestListener, createServer } from 'node:http';
import { Agent, request } from 'undici';
import { listen } from '#platform/http.ts';

export type InnerCall = Readonly<{ secret: string; path: string; body: string }>;
export type InnerAnswer = Readonly<{ status: number; text: string; retryAfterMs: number }>;

export type InnerDoor = Readonly<{
  /** Raises what the socket raises, and an error where the answer is too large or `signal` says so. */
  call: (call: InnerCall, signal: AbortSignal) => Promise<InnerAnswer>;
  stop: () => Promise<void>;
}>;

/** Twice the largest text that a model of today writes, and 2,048 vectors of 1,024 numbers do not fit. */
export const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

export async function openInnerDoor(handle: RequestListener): Promise<InnerDoor> {
  const server = createServer({ keepAliveTimeout: 5_000 }, handle);
  const { url, stop } = await listen(server, { host: '127.0.0.1', port: 0 });
  // How long a call may take is for the gateway's own timeouts to say, and for the caller's signal.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  return {
    call: async ({ secret, path, body }, signal) => {
      const response = await request(url + path, {
        method: 'POST',
        dispatcher: agent,
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body,
        signal,
      });
      const text = await limitedText(response.body);
      const seconds = Number(response.headers['retry-after'] ?? 0);
      return { status: response.statusCode, text, retryAfterMs: seconds * 1_000 };
    },
    stop: async () => {
      await agent.destroy();
      await stop(0);
    },
  };
}

async function limitedText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) throw new AnswerTooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

export class AnswerTooLarge extends Error {
  constructor() {
    super(`an answer of more than ${ANSWER_BYTES_MAX} bytes`);
  }
}
