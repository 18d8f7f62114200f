/**
 * A stream of Anthropic's as OpenAI's: the way back of stream.ts. Usage stands in the first event and
 * again, more of it, in the one before the last; the later number counts.
 */
import { laterUsage } from '../../usage/anthropic.ts';
import { EventReader } from '../openai/event-reader.ts';
import { fieldOf } from '../field.ts';
import type { UpstreamStream } from '../wire.ts';
import { finishReason, openAiUsage } from './upstream-answer.ts';

export class AnthropicUpstreamStream implements UpstreamStream {
  readonly #events = new EventReader();
  #identity: Readonly<Record<string, unknown>> = {};
  #usage: Readonly<Record<string, unknown>> = {};
  /** By the number of its block. */
  readonly #calls = new Map<unknown, number>();
  #isOver = false;

  push(chunk: Buffer): Buffer | null {
    let text = '';
    for (const data of this.#events.push(chunk)) {
      if (this.#isOver) break;
      text += this.#take(data);
    }
    if (this.#events.isTooLong && !this.#isOver) text += this.#fail('an event that does not end');
    return text === '' ? null : Buffer.from(text);
  }

  /** Their end is an event of its own: what closes without it was cut off. */
  end(): Buffer | null {
    return null;
  }

  #take(data: string): string {
    let event: unknown;
    try {
      event = JSON.parse(data);
    } catch {
      return this.#fail('an event that is not JSON');
    }
    switch (fieldOf(event, 'type')) {
      case 'message_start':
        return this.#begin(fieldOf(event, 'message'));
      case 'content_block_start':
        return this.#open(event);
      case 'content_block_delta':
        return this.#delta(event);
      case 'message_delta': {
        this.#count(fieldOf(event, 'usage'));
        const reason = fieldOf(fieldOf(event, 'delta'), 'stop_reason');
        return this.#chunk({}, finishReason(reason));
      }
      case 'message_stop':
        return this.#finish();
      case 'error': {
        const message = fieldOf(fieldOf(event, 'error'), 'message');
        return this.#fail(typeof message === 'string' ? message : 'an error without a message');
      }
      default:
        return '';
    }
  }

  #begin(message: unknown): string {
    this.#identity = {
      id: fieldOf(message, 'id'),
      object: 'chat.completion.chunk',
      created: Math.floor(Date.now() / 1000),
      model: fieldOf(message, 'model'),
    };
    this.#count(fieldOf(message, 'usage'));
    return this.#chunk({ role: 'assistant', content: '' });
  }

  #open(event: unknown): string {
    const block = fieldOf(event, 'content_block');
    if (fieldOf(block, 'type') !== 'tool_use') return '';
    const index = this.#calls.size;
    this.#calls.set(fieldOf(event, 'index'), index);
    const called = { name: fieldOf(block, 'name'), arguments: '' };
    const call = { index, id: fieldOf(block, 'id'), type: 'function', function: called };
    return this.#chunk({ tool_calls: [call] });
  }

  #delta(event: unknown): string {
    const delta = fieldOf(event, 'delta');
    switch (fieldOf(delta, 'type')) {
      case 'text_delta':
        return this.#chunk({ content: fieldOf(delta, 'text') });
      case 'thinking_delta':
        return this.#chunk({ reasoning_content: fieldOf(delta, 'thinking') });
      case 'input_json_delta': {
        const index = this.#calls.get(fieldOf(event, 'index'));
        if (index === undefined) return '';
        const called = { arguments: fieldOf(delta, 'partial_json') };
        return this.#chunk({ tool_calls: [{ index, function: called }] });
      }
      default:
        return '';
    }
  }

  #count(usage: unknown): void {
    this.#usage = laterUsage(this.#usage, usage);
  }

  #finish(): string {
    this.#isOver = true;
    const usage = openAiUsage(this.#usage);
    const last = usage === null ? '' : line({ ...this.#identity, choices: [], usage });
    return `${last}data: [DONE]\n\n`;
  }

  #fail(message: string): string {
    this.#isOver = true;
    return line({ error: { message, type: 'server_error', param: null, code: null } });
  }

  #chunk(delta: object, finish_reason: string | null = null): string {
    return line({ ...this.#identity, choices: [{ index: 0, delta, finish_reason }] });
  }
}

function line(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
