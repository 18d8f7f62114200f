/** A gateway's side of kept responses: asks control, in time and up to a size. */
import { Agent, request } from 'undici';
import { z } from 'zod';
import { messageOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import { failRequest } from '../errors.ts';
import { keptSchema } from './internal-routes.ts';
import { CONVERSATION_BYTES_MAX, type Owner, type ResponseMemory } from './kept-response.ts';

/** Megabytes to and from a database; a caller waits for it at the end of its answer. */
const TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** JSON in JSON: quotes are escaped once more at most. */
const ANSWER_BYTES_MAX = 2 * CONVERSATION_BYTES_MAX;
const RETRY_AFTER_MS = 2_000;

type Ask = Readonly<{
  method: 'GET' | 'PUT' | 'DELETE';
  path: string;
  owner: Owner;
  body?: unknown;
}>;

export function createMemoryClient(
  options: Readonly<{ controlUrl: string; joinToken: string; log: Log }>,
): ResponseMemory & Readonly<{ stop: () => Promise<void> }> {
  const agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, connections: 8 });

  async function ask<T>({ method, path, owner, body }: Ask, schema: z.ZodType<T>): Promise<T> {
    const response = await request(`${options.controlUrl}/internal/v1/responses/${path}`, {
      method,
      query: owner,
      dispatcher: agent,
      headers: {
        authorization: `Bearer ${options.joinToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    const text = await limitedText(response.body);
    if (response.statusCode >= 300) throw new Error(`control answered ${response.statusCode}`);
    return schema.parse(JSON.parse(text));
  }

  const asked = async <T>(what: Ask, schema: z.ZodType<T>): Promise<T> => {
    try {
      return await ask(what, schema);
    } catch (error) {
      throw failRequest('control_unavailable', 'Kept responses cannot be read just now.', {
        retryAfterMs: RETRY_AFTER_MS,
        cause: new Error(messageOf(error)),
      });
    }
  };

  return {
    keep: async (owner, kept) => {
      const path = encodeURIComponent(kept.id);
      try {
        const what = { method: 'PUT', path, owner, body: kept } as const;
        return (await ask(what, z.object({ isKept: z.boolean() }))).isKept;
      } catch (error) {
        options.log.warn('response.not_kept', { id: kept.id, reason: messageOf(error) });
        return false;
      }
    },
    conversation: async (owner, id) => {
      const path = `${encodeURIComponent(id)}/conversation`;
      const schema = z.object({ responses: z.array(keptSchema).nullable() });
      return (await asked({ method: 'GET', path, owner }, schema)).responses;
    },
    find: async (owner, id) => {
      const what = { method: 'GET', path: encodeURIComponent(id), owner } as const;
      return (await asked(what, z.object({ response: keptSchema.nullable() }))).response;
    },
    forget: async (owner, id) => {
      const what = { method: 'DELETE', path: encodeURIComponent(id), owner } as const;
      return (await asked(what, z.object({ isGone: z.boolean() }))).isGone;
    },
    stop: () => agent.destroy(),
  };
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
