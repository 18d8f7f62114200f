/**
 * An engine's chunks as the events of a streamed message: blocks one after the other, each opened and
 * closed. https://docs.anthropic.com/en/api/messages-streaming
 *
 * The first call of a tool streams as it comes. The engine may write several at once and a block that
 * was closed cannot be opened again, so the others are kept until something else or the end follows.
 */
import type { FlywheelError } from '#platform/error.ts';
import { reasoningOf } from '../openai/reasoning.ts';
import { fieldOf } from '../field.ts';
import type { PromptCount, StreamEncoder } from '../wire.ts';
import { UNSIGNED, anthropicUsage, messageHead, stopOf, tierOf } from './answer.ts';
import type { MessageIdentity } from './answer.ts';
import { anthropicDialect, anthropicEvent } from './dialect.ts';

type Kind = 'thinking' | 'text' | 'tool';
type Call = { readonly id: string; name: string; arguments: string };

export class MessageStream implements StreamEncoder {
  readonly #identity: MessageIdentity;
  #isStarted = false;
  #open: Kind | null = null;
  #blocks = 0;
  /** By the engine's index, in the order they began; the first of them is the open block. */
  #calls = new Map<number, Call>();
  #hasCalled = false;
  #choice: unknown = null;
  #usage: unknown = null;
  #prompt: PromptCount | null = null;

  constructor(identity: MessageIdentity) {
    this.#identity = identity;
  }

  announce(prompt: PromptCount): void {
    this.#prompt = prompt;
  }

  push(chunk: object): string {
    let events = this.#start();
    const usage = fieldOf(chunk, 'usage');
    if (usage !== undefined && usage !== null) this.#usage = usage;
    const choices = fieldOf(chunk, 'choices');
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
    if (choice === undefined) return events;
    const delta = fieldOf(choice, 'delta');
    const thought = reasoningOf(delta);
    if (thought !== null) events += this.#think(thought);
    const text = fieldOf(delta, 'content');
    if (typeof text === 'string' && text !== '') events += this.#say(text);
    const calls = fieldOf(delta, 'tool_calls');
    for (const call of Array.isArray(calls) ? calls : []) events += this.#call(call);
    if (typeof fieldOf(choice, 'finish_reason') === 'string') this.#choice = choice;
    return events;
  }

  end(): string {
    const closing = this.#start() + this.#close();
    const delta = stopOf(this.#choice, this.#hasCalled);
    const usage = anthropicUsage(this.#usage);
    return (
      closing + anthropicEvent('message_delta', { delta, usage }) + anthropicEvent('message_stop')
    );
  }

  fail(error: FlywheelError): string {
    return anthropicDialect.errorEvent(error, this.#identity.requestId);
  }

  #start(): string {
    if (this.#isStarted) return '';
    this.#isStarted = true;
    const message = {
      ...messageHead(this.#identity),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      // Most engines say what the prompt took at the end only; `message_delta` has it again.
      usage: {
        ...anthropicUsage(null),
        input_tokens: this.#prompt?.input ?? 0,
        cache_read_input_tokens: this.#prompt?.cacheRead ?? 0,
        ...tierOf(this.#identity),
      },
    };
    return anthropicEvent('message_start', { message });
  }

  #think(thinking: string): string {
    const block = { type: 'thinking', thinking: '', signature: '' };
    return this.#enter('thinking', block) + this.#delta({ type: 'thinking_delta', thinking });
  }

  #say(text: string): string {
    return (
      this.#enter('text', { type: 'text', text: '' }) + this.#delta({ type: 'text_delta', text })
    );
  }

  #call(given: unknown): string {
    const at = fieldOf(given, 'index');
    const index = typeof at === 'number' ? at : 0;
    const called = fieldOf(given, 'function');
    const [name, piece] = [stringOf(called, 'name'), stringOf(called, 'arguments')];
    const known = this.#calls.get(index);
    if (known !== undefined) {
      if (known.name === '') known.name = name;
      if (this.#isOpenCall(index)) return piece === '' ? '' : this.#arguments(piece);
      known.arguments += piece;
      return '';
    }
    const id = stringOf(given, 'id');
    const call = { id: id === '' ? `call_${index}` : id, name, arguments: piece };
    const isFirst = this.#calls.size === 0;
    this.#calls.set(index, call);
    return isFirst ? this.#openCall(call) : '';
  }

  #isOpenCall(index: number): boolean {
    return this.#calls.keys().next().value === index;
  }

  #openCall(call: Call): string {
    this.#hasCalled = true;
    const { id, name } = call;
    const opened = this.#enter('tool', { type: 'tool_use', id, name, input: {} });
    return opened + (call.arguments === '' ? '' : this.#arguments(call.arguments));
  }

  #arguments(piece: string): string {
    return this.#delta({ type: 'input_json_delta', partial_json: piece });
  }

  /** Opens a block unless one of its kind is open; calls are always blocks of their own. */
  #enter(kind: Kind, content_block: object): string {
    if (this.#open === kind && kind !== 'tool') return '';
    const closing = kind === 'tool' ? this.#closeBlock() : this.#close();
    this.#open = kind;
    return closing + anthropicEvent('content_block_start', { index: this.#blocks, content_block });
  }

  #delta(delta: object): string {
    return anthropicEvent('content_block_delta', { index: this.#blocks, delta });
  }

  /** Everything that is open or was kept. */
  #close(): string {
    const [, ...waiting] = this.#calls.values();
    let events = this.#closeBlock();
    for (const call of waiting) events += this.#openCall(call) + this.#closeBlock();
    this.#calls = new Map();
    return events;
  }

  #closeBlock(): string {
    if (this.#open === null) return '';
    const signed =
      this.#open === 'thinking'
        ? this.#delta({ type: 'signature_delta', signature: UNSIGNED })
        : '';
    const stop = anthropicEvent('content_block_stop', { index: this.#blocks });
    this.#open = null;
    this.#blocks += 1;
    return signed + stop;
  }
}

function stringOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : '';
}
