/**
 * A stream of DashScope's, asked for in increments, as OpenAI's. There the usage stands on every event
 * and nothing marks the end but the reason in the last one: the mark is made when the stream closed
 * after it, and not otherwise.
 */
import { eventData, eventEnd } from '../openai/event-stream.ts';
import { fieldOf } from '../field.ts';
import type { UpstreamStream } from '../wire.ts';
import { openAiChoices } from './upstream-answer.ts';
import { openAiUsageFrom } from './usage.ts';

/** No event comes near; one that never ends must not fill the memory. */
const EVENT_BYTES_MAX = 4 * 1024 * 1024;

export class DashScopeUpstreamStream implements UpstreamStream {
  /** Bytes as Latin-1, so that a character cut by a chunk is whole again when its event is. */
  #text = '';
  #identity: Readonly<Record<string, unknown>> = {};
  #usage: Record<string, unknown> | null = null;
  #hasRole = false;
  #hasFinished = false;
  #hasFailed = false;

  push(chunk: Buffer): Buffer | null {
    if (this.#hasFailed) return null;
    this.#text += chunk.toString('latin1');
    const events: string[] = [];
    let from = 0;
    for (;;) {
      const to = eventEnd(this.#text, from, this.#text.includes('\r'));
      if (to === -1) break;
      events.push(this.#take(this.#text.slice(from, to)));
      from = to;
    }
    this.#text = this.#text.slice(from);
    if (this.#text.length > EVENT_BYTES_MAX) events.push(this.#fail('an event that does not end'));
    return bytesOf(events.join(''));
  }

  end(): Buffer | null {
    if (this.#hasFailed) return null;
    const last = this.#text.trim() === '' ? '' : this.#take(this.#text);
    this.#text = '';
    if (!this.#hasFinished || this.#hasFailed) return bytesOf(last);
    const usage =
      this.#usage === null ? '' : event({ ...this.#identity, choices: [], usage: this.#usage });
    return bytesOf(`${last}${usage}data: [DONE]\n\n`);
  }

  #take(text: string): string {
    const data = eventData(text);
    if (data === null) return '';
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(data, 'latin1').toString('utf8'));
    } catch {
      return this.#fail('an event that is not JSON');
    }
    const output = fieldOf(value, 'output');
    const hasCode = typeof fieldOf(value, 'code') === 'string' && fieldOf(value, 'code') !== '';
    if (hasCode || output === undefined || output === null) {
      const message = fieldOf(value, 'message');
      return this.#fail(
        typeof message === 'string' ? message : 'no output',
        fieldOf(value, 'code'),
      );
    }
    this.#usage = openAiUsageFrom(fieldOf(value, 'usage')) ?? this.#usage;
    this.#identity = identityOf(value, this.#identity);
    const choices = openAiChoices(output).map(({ message, ...choice }) => ({
      ...choice,
      delta: this.#delta(message),
    }));
    this.#hasRole = true;
    if (choices.some(({ finish_reason: finish }) => finish !== null)) this.#hasFinished = true;
    return choices.length === 0 ? '' : event({ ...this.#identity, choices });
  }

  /** The role is said once, and an empty text not at all. */
  #delta({ role, ...message }: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return this.#hasRole ? message : { role, ...message };
  }

  #fail(message: string, code: unknown = null): string {
    this.#hasFailed = true;
    return event({ error: { message, type: 'server_error', param: null, code } });
  }
}

function identityOf(value: unknown, known: Readonly<Record<string, unknown>>) {
  if (known['id'] !== undefined) return known;
  const created = Math.floor(Date.now() / 1000);
  return {
    id: `chatcmpl-${String(fieldOf(value, 'request_id'))}`,
    object: 'chat.completion.chunk',
    created,
  };
}

function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function bytesOf(text: string): Buffer | null {
  return text === '' ? null : Buffer.from(text);
}
