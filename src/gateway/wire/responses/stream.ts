/**
 * An engine's answer as a response: its items, its events, and the response itself at the end. A whole
 * answer takes the same way as one chunk, so that both are always the same.
 */
import type { FlywheelError } from '#platform/error.ts';
import { inputTokensOf, outputTokensOf } from '#pricing/quantities.ts';
import { reasoningOf } from '../openai/reasoning.ts';
import { fieldOf } from '../field.ts';
import { parseUsage } from '../openai/usage.ts';
import type { StreamEncoder } from '../wire.ts';
import { CallItem, type Item, type OutputItem, ReasoningItem, TextItem } from './output.ts';
import type { ResponseSettings } from './request.ts';
import type { Toolbox } from './tools.ts';

export type ResponseContext = Readonly<{
  /** Of the response; its items carry it in their own. */
  suffix: string;
  model: string;
  createdAt: number;
  settings: ResponseSettings;
  toolbox: Toolbox;
  /** Keeps the response for `previous_response_id`; false where that failed. */
  keep: ((response: Item) => Promise<boolean>) | null;
}>;

/** Shared by the attempts of a request: its caller hears one beginning and one row of numbers. */
export type StreamHead = { isStarted: boolean; sequence: number };

export class ResponseStream implements StreamEncoder {
  readonly #context: ResponseContext;
  readonly #head: StreamHead;
  readonly #items: OutputItem[] = [];
  #open: TextItem | ReasoningItem | null = null;
  readonly #calls = new Map<number, CallItem>();
  #finish: unknown = null;
  #usage: unknown = null;

  constructor(context: ResponseContext, head: StreamHead) {
    this.#context = context;
    this.#head = head;
  }

  push(chunk: object): string {
    let events = this.#start();
    const usage = fieldOf(chunk, 'usage');
    if (usage !== undefined && usage !== null) this.#usage = usage;
    const choices = fieldOf(chunk, 'choices');
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
    const delta = fieldOf(choice, 'delta') ?? fieldOf(choice, 'message');
    const thought = reasoningOf(delta);
    if (thought !== null) events += this.#think(thought);
    const text = fieldOf(delta, 'content');
    if (typeof text === 'string' && text !== '') events += this.#say(text);
    const calls = fieldOf(delta, 'tool_calls');
    for (const [index, call] of (Array.isArray(calls) ? calls : []).entries()) {
      events += this.#call(call, index);
    }
    const finish = fieldOf(choice, 'finish_reason');
    if (typeof finish === 'string') this.#finish = finish;
    return events;
  }

  async end(): Promise<string> {
    const events = this.#start() + this.#closeAll();
    const response = await this.#kept(this.#ended());
    return events + this.#emit(`response.${String(response['status'])}`, { response });
  }

  /** The response that a whole answer becomes. */
  async whole(answer: object): Promise<Item> {
    this.push(answer);
    this.#closeAll();
    return this.#kept(this.#ended());
  }

  fail(error: FlywheelError): string {
    const begun = this.#start();
    const code = error.status === 429 ? 'rate_limit_exceeded' : 'server_error';
    const response = {
      ...this.#response(
        'failed',
        this.#items.map((item) => item.item('incomplete')),
      ),
      error: { code, message: error.message },
    };
    return begun + this.#emit('response.failed', { response });
  }

  /** Some programs give up on a stream without events, whatever its comments say. */
  keepAlive(): string {
    const begun = this.#start();
    if (begun !== '') return begun;
    return this.#emit('response.in_progress', { response: this.#response('in_progress', []) });
  }

  readonly #emit = (type: string, fields: object): string => {
    const sequence_number = this.#head.sequence;
    this.#head.sequence += 1;
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...fields })}\n\n`;
  };

  #start(): string {
    if (this.#head.isStarted) return '';
    this.#head.isStarted = true;
    const response = this.#response('in_progress', []);
    return (
      this.#emit('response.created', { response }) +
      this.#emit('response.in_progress', { response })
    );
  }

  #think(delta: string): string {
    if (this.#open instanceof ReasoningItem) return this.#open.add(delta, this.#emit);
    const closing = this.#close();
    const { reasoning } = this.#context.settings;
    const summary = fieldOf(reasoning, 'summary');
    const isSummary = summary !== undefined && summary !== null;
    const item = new ReasoningItem(this.#items.length, this.#itemId('rs'), { isSummary });
    return closing + this.#enter(item) + item.add(delta, this.#emit);
  }

  #say(delta: string): string {
    if (this.#open instanceof TextItem) return this.#open.add(delta, this.#emit);
    const closing = this.#close();
    const item = new TextItem(this.#items.length, this.#itemId('msg'));
    return closing + this.#enter(item) + item.add(delta, this.#emit);
  }

  #enter(item: TextItem | ReasoningItem): string {
    this.#open = item;
    this.#items.push(item);
    return item.open(this.#emit);
  }

  #call(given: unknown, position: number): string {
    const at = fieldOf(given, 'index');
    const index = typeof at === 'number' ? at : position;
    const called = fieldOf(given, 'function');
    const piece = stringOf(called, 'arguments');
    const known = this.#calls.get(index);
    if (known !== undefined) return known.add(piece, this.#emit);
    const closing = this.#close();
    const id = this.#itemId('fc');
    const callId = stringOf(given, 'id') || `call_${index}`;
    const { toolbox } = this.#context;
    const call = { id, callId, name: stringOf(called, 'name'), toolbox };
    const item = new CallItem(this.#items.length, call);
    this.#calls.set(index, item);
    this.#items.push(item);
    return closing + item.open(this.#emit) + item.add(piece, this.#emit);
  }

  #close(status: 'completed' | 'incomplete' = 'completed'): string {
    const closing = this.#open?.close(this.#emit, status) ?? '';
    this.#open = null;
    return closing;
  }

  #closeAll(): string {
    const last = this.#items.at(-1);
    const ending = INCOMPLETE[String(this.#finish)] === undefined ? 'completed' : 'incomplete';
    let events = this.#close(this.#open === last ? ending : 'completed');
    for (const call of this.#calls.values()) {
      events += call.close(this.#emit, call === last ? ending : 'completed');
    }
    return events;
  }

  #ended(): Item {
    const reason = INCOMPLETE[String(this.#finish)];
    const last = this.#items.at(-1);
    const output = this.#items.map((item) =>
      item.item(reason !== undefined && item === last ? 'incomplete' : 'completed'),
    );
    const usage = responseUsage(this.#usage);
    if (reason === undefined) return { ...this.#response('completed', output), usage };
    return { ...this.#response('incomplete', output), incomplete_details: { reason }, usage };
  }

  /** A response that could not be kept says so, rather than be missed at the next turn. */
  async #kept(response: Item): Promise<Item> {
    const { keep } = this.#context;
    if (keep === null || (await keep(response))) return response;
    return { ...response, store: false };
  }

  #response(status: string, output: readonly Item[]): Item {
    const { suffix, model, createdAt, settings } = this.#context;
    return {
      id: `resp_${suffix}`,
      object: 'response',
      created_at: createdAt,
      status,
      background: false,
      error: null,
      incomplete_details: null,
      model,
      output,
      usage: null,
      ...settings,
    };
  }

  #itemId(prefix: string): string {
    return `${prefix}_${this.#context.suffix}_${this.#items.length}`;
  }
}

const INCOMPLETE: Readonly<Record<string, string>> = {
  length: 'max_output_tokens',
  content_filter: 'content_filter',
};

/** As OpenAI counts: cached tokens are part of the input, reasoning is part of the output. */
function responseUsage(usage: unknown): object | null {
  const buckets = parseUsage(usage);
  if (buckets === null) return null;
  const [input_tokens, output_tokens] = [inputTokensOf(buckets), outputTokensOf(buckets)];
  return {
    input_tokens,
    input_tokens_details: { cached_tokens: buckets.cacheRead },
    output_tokens,
    output_tokens_details: { reasoning_tokens: buckets.reasoning },
    total_tokens: input_tokens + output_tokens,
  };
}

function stringOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : '';
}
