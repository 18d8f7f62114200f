/**
 * The three wires of `/v1` side by side, for the rules that all of them keep: how each asks, where its
 * words and its end are. A gateway and engines as in gateway-fixture.ts.
 */
import assert from 'node:assert/strict';
import { eventData } from '../wire/openai/event-stream.ts';
import {
  type Cloud,
  type CloudOptions,
  type Handler,
  MODEL,
  type Scripted,
  startCloud,
  startScripted,
} from '../gateway-fixture.ts';

export type WireName = 'chat' | 'messages' | 'responses';
export const WIRES: readonly WireName[] = ['chat', 'messages', 'responses'];

const QUESTION = [{ role: 'user', content: 'Hi' }];
const REQUESTS: Readonly<Record<WireName, Readonly<{ path: string; body: object }>>> = {
  chat: { path: '/v1/chat/completions', body: { messages: QUESTION } },
  messages: { path: '/v1/messages', body: { messages: QUESTION, max_tokens: 50 } },
  responses: { path: '/v1/responses', body: { input: 'Hi' } },
};

export type Rig = Readonly<{
  cloud: Cloud;
  engines: readonly Scripted[];
  stop: () => Promise<void>;
}>;

export async function startRig(
  handlers: readonly Handler[],
  options: CloudOptions = {},
): Promise<Rig> {
  const engines: Scripted[] = [];
  for (const handler of handlers) engines.push(await startScripted(handler));
  const cloud = await startCloud({ engines: engines.map(({ url }) => url), ...options });
  const stop = async (): Promise<void> => {
    await cloud.stop();
    for (const engine of engines) await engine.stop();
  };
  return { cloud, engines, stop };
}

export function ask(
  cloud: Cloud,
  wire: WireName,
  fields: object = {},
  init: RequestInit = {},
): Promise<Response> {
  const { path, body } = REQUESTS[wire];
  return fetch(`${cloud.url}${path}`, {
    method: 'POST',
    headers: cloud.headers,
    body: JSON.stringify({ model: MODEL, ...body, ...fields }),
    ...init,
  });
}

/** Reads a stream until it has said something; fails when it ends without. */
export async function readUntil(response: Response, said: string): Promise<void> {
  const reader = response.body?.getReader();
  let text = '';
  while (!text.includes(said)) {
    const piece = await reader?.read();
    assert.equal(piece?.done, false, `ended without ${said}: ${text}`);
    text += Buffer.from(piece?.value ?? []).toString();
  }
}

export type Data = Readonly<Record<string, unknown>>;

/** The data of a stream's events, without the end mark. */
export function dataOf(text: string): Data[] {
  return text
    .split(/\r\n\r\n|\n\n|\r\r/)
    .map(eventData)
    .filter((data) => data !== null && data.trim() !== '[DONE]')
    .map((data): Data => JSON.parse(data ?? ''));
}

type Deep = Readonly<{
  choices?: readonly { delta?: { content?: string | null; reasoning_content?: string } }[];
  type?: string;
  delta?: string | { text?: string; thinking?: string };
}>;

/** The words of an answer, whatever the wire. */
export function wordsOf(wire: WireName, text: string): string {
  return pieces(wire, text, { chat: 'content', messages: 'text', responses: 'output_text' });
}

/** The thoughts before them. */
export function thoughtsOf(wire: WireName, text: string): string {
  const kinds = { chat: 'reasoning_content', messages: 'thinking', responses: 'reasoning_text' };
  return pieces(wire, text, kinds);
}

function pieces(wire: WireName, text: string, kinds: Readonly<Record<WireName, string>>): string {
  return dataOf(text)
    .map((data: Deep) => {
      const { delta } = data;
      if (wire === 'chat') return fieldOf(data.choices?.[0]?.delta, kinds.chat);
      if (wire === 'messages') return fieldOf(delta, kinds.messages);
      return data.type === `response.${kinds.responses}.delta` && typeof delta === 'string'
        ? delta
        : '';
    })
    .join('');
}

function fieldOf(value: unknown, name: string): string {
  const field: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof field === 'string' ? field : '';
}

/** What only a stream that ended well has. */
export const END_MARK: Readonly<Record<WireName, RegExp>> = {
  chat: /\[DONE\]/,
  messages: /message_stop/,
  responses: /response\.completed/,
};
