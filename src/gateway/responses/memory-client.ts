/** A gateway's side of kept responses: asks control, in time and up to a size. */
import { Agent, request } from 'undici';
import { z } from 'zod';
import { FlywheelError, messageOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import { noRoom } from '../body.ts';
import { type BodyMeter, UNMETERED } from '../body-budget.ts';
import { failRequest } from '../errors.ts';
import { keptSchema } from './internal-routes.ts';
import {
  CONVERSATION_BYTES_MAX,
  KEPT_BYTES_MAX,
  type Owner,
  type ResponseMemory,
} from './kept-response.ts';

/** Megabytes to and from a database; a caller waits for it at the end of its answer. */
const TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** JSON in JSON: quotes are escaped once more at most. */
const ANSWER_BYTES_MAX = 2 * CONVERSATION_BYTES_MAX;
const RETRY_AFTER_MS = 2_000;

type Ask = Readonly<{
  room?: BodyMeter;
  method: 'GET' | 'PUT' | 'DELETE';
  path: string;
  owner: Owner;
  body?: string;
}>;

export function createMemoryClient(
  options: Readonly<{ controlUrl: string; joinToken: string; log: Log }>,
): ResponseMemory & Readonly<{ stop: () => Promise<void> }> {
  const agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, connections: 8 });

  async function ask<T>(
    { method, path, owner, body, room = UNMETERED }: Ask,
    schema: z.ZodType<T>,
  ): Promise<T> {
    const response = await request(`${options.controlUrl}/internal/v1/responses/${path}`, {
      method,
      query: owner,
      dispatcher: agent,
      headers: {
        authorization: `Bearer ${options.joinToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    const text = await limitedText(response.body, room);
    if (response.statusCode >= 300) throw new Error(`control answered ${response.statusCode}`);
    return schema.parse(JSON.parse(text));
  }

  const asked = async <T>(what: Ask, schema: z.ZodType<T>): Promise<T> => {
    try {
      return await ask(what, schema);
    } catch (error) {
      if (error instanceof FlywheelError) throw error;
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
        const body = JSON.stringify(kept);
        // Control would say the same, after reading all of it.
        if (Buffer.byteLength(body) > KEPT_BYTES_MAX) return false;
        const what = { method: 'PUT', path, owner, body } as const;
        return (await ask(what, z.object({ isKept: z.boolean() }))).isKept;
      } catch (error) {
        options.log.warn('response.not_kept', { id: kept.id, reason: messageOf(error) });
        return false;
      }
    },
    conversation: async (owner, id, room) => {
      const path = `${encodeURIComponent(id)}/conversation`;
      const schema = z.object({ responses: z.array(keptSchema).nullable() });
      return (await asked({ method: 'GET', path, owner, room }, schema)).responses;
    },
    find: async (owner, id, room) => {
      const what = { method: 'GET', path: encodeURIComponent(id), owner, room } as const;
      return (await asked(what, z.object({ response: keptSchema.nullable() }))).response;
    },
    forget: async (owner, id) => {
      const what = { method: 'DELETE', path: encodeURIComponent(id), owner } as const;
      return (await asked(what, z.object({ isGone: z.boolean() }))).isGone;
    },
    stop: () => agent.destroy(),
  };
}

async function limitedText(body: AsyncIterable<Uint8Array>, room: BodyMeter): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('an answer that is too large');
    if (!room.take(part.length)) throw noRoom();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
