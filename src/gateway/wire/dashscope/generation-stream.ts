/**
 * Chunks of a chat in OpenAI's shape, as events of DashScope. Pure. There the usage stands on every
 * event and the reason of the end on the last one with text or calls, so the end waits here until the
 * usage is known. Unless the caller wants increments, each event carries everything so far.
 */
import type { FlywheelError } from '#platform/error.ts';
import { fieldOf } from '../field.ts';
import { dashScopeErrorEvent } from './error.ts';
import { type Said, generationBody, reasoningIn, textOf } from './generation-answer.ts';
import type { GenerationShape } from './generation-request.ts';
import { type DashScopeUsage, usageFrom } from './usage.ts';
import type { PromptCount } from '../wire.ts';

export type GenerationStreamOptions = Readonly<{
  shape: GenerationShape;
  requestId: string;
}>;

type Call = { index: number; id: string; name: string; arguments: string };

type Choice = {
  readonly index: number;
  content: string;
  reasoning: string;
  calls: Call[];
  /** Where a piece goes that names no place. */
  openCall: number;
  logprobs: unknown;
  finish: string | null;
  isTold: boolean;
};

/**
 * With everything so far in each event, an answer of n tokens would cost n² bytes: 32,768 tokens about
 * 2 GB. Past this many characters an event waits until the answer grew by this part of itself.
 */
const EVERY_TOKEN_UNTIL = 4_096;
const GROWTH = 1 / 256;

export class GenerationStream {
  readonly #options: GenerationStreamOptions;
  readonly #choices = new Map<number, Choice>();
  #events = 0;
  #usage: DashScopeUsage | null = null;
  #promptTokens = 0;
  #delivered = 0;
  #heldCharacters = 0;
  #sentCharacters = 0;
  #isOver = false;

  constructor(options: GenerationStreamOptions) {
    this.#options = options;
  }

  /** What the prompt took, where the engine says it before its answer. */
  announce({ input, cacheRead }: PromptCount): void {
    const promptTokens = input + cacheRead;
    this.#promptTokens = promptTokens;
  }

  /** Events for one chunk, as text; '' when there is nothing to tell yet. */
  push(chunk: unknown): string {
    const usage = usageFrom(fieldOf(chunk, 'usage'));
    if (usage !== null) this.#usage = usage;
    const choices = fieldOf(chunk, 'choices');
    if (!Array.isArray(choices)) return '';
    let hasNews = false;
    for (const choice of choices) hasNews = this.#take(choice) || hasNews;
    if (!hasNews) return '';
    this.#delivered += 1;
    return this.#isWorthAnEvent() ? this.#tell() : '';
  }

  /** The engine ended: the last event, with the reason and the whole usage. */
  end(): string {
    if (this.#isOver) return '';
    this.#isOver = true;
    for (const choice of this.#choices.values()) choice.isTold = true;
    return this.#tell();
  }

  fail(error: FlywheelError): string {
    this.#isOver = true;
    this.#events += 1;
    return dashScopeErrorEvent(error, this.#options.requestId, this.#events);
  }

  /** True when the choice brought text or a piece of a call. */
  #take(given: unknown): boolean {
    const at = fieldOf(given, 'index');
    const choice = this.#choiceAt(typeof at === 'number' ? at : 0);
    const delta = fieldOf(given, 'delta');
    const content = textOf(fieldOf(delta, 'content'));
    const reasoning = reasoningIn(delta);
    const calls = fieldOf(delta, 'tool_calls');
    const finish = fieldOf(given, 'finish_reason');
    if (typeof finish === 'string') choice.finish = finish;
    choice.content += content;
    choice.reasoning += reasoning;
    choice.logprobs = fieldOf(given, 'logprobs') ?? choice.logprobs;
    let added = content.length + reasoning.length;
    if (Array.isArray(calls)) for (const call of calls) added += this.#takeCall(choice, call);
    this.#heldCharacters += added;
    return added > 0;
  }

  #takeCall(choice: Choice, piece: unknown): number {
    const index = fieldOf(piece, 'index');
    const at = typeof index === 'number' ? index : choice.openCall;
    choice.openCall = at;
    const called = fieldOf(piece, 'function');
    const id = textOf(fieldOf(piece, 'id'));
    const name = textOf(fieldOf(called, 'name'));
    const words = textOf(fieldOf(called, 'arguments'));
    const open = choice.calls.find((call) => call.index === at);
    if (open === undefined) choice.calls.push({ index: at, id, name, arguments: words });
    else {
      open.id ||= id;
      open.name ||= name;
      open.arguments += words;
    }
    return id.length + name.length + words.length;
  }

  #choiceAt(index: number): Choice {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const made: Choice = {
      index,
      content: '',
      reasoning: '',
      calls: [],
      openCall: 0,
      logprobs: null,
      finish: null,
      isTold: false,
    };
    this.#choices.set(index, made);
    return made;
  }

  #isWorthAnEvent(): boolean {
    if (this.#options.shape.isIncremental || this.#heldCharacters < EVERY_TOKEN_UNTIL) return true;
    return this.#heldCharacters - this.#sentCharacters >= this.#heldCharacters * GROWTH;
  }

  #tell(): string {
    const { shape, requestId } = this.#options;
    const said = [...this.#choices.values()].map((choice) => this.#sayOf(choice));
    this.#sentCharacters = this.#heldCharacters;
    this.#events += 1;
    const body = generationBody(said, shape, this.#usage ?? this.#counted(), requestId);
    return `id:${this.#events}\nevent:result\n:HTTP_STATUS/200\ndata:${JSON.stringify(body)}\n\n`;
  }

  #sayOf(choice: Choice): Said {
    const said: Said = {
      index: choice.index,
      role: 'assistant',
      content: choice.content,
      reasoning: choice.reasoning,
      toolCalls: choice.calls.map(({ index, id, name, arguments: words }) => ({
        index,
        id,
        type: 'function',
        function: { name, arguments: words },
      })),
      finish: choice.isTold ? (choice.finish ?? 'stop') : null,
      logprobs: choice.logprobs,
    };
    if (this.#options.shape.isIncremental) forgetTold(choice);
    return said;
  }

  /** What can be said before the engine has: its own count comes with the last event. */
  #counted(): DashScopeUsage {
    const input = this.#promptTokens;
    return {
      input_tokens: input,
      output_tokens: this.#delivered,
      total_tokens: input + this.#delivered,
    };
  }
}

/** An increment is told once. A call keeps its place, and says its name only in its first piece. */
function forgetTold(choice: Choice): void {
  choice.content = '';
  choice.reasoning = '';
  choice.logprobs = null;
  choice.calls = [];
}
