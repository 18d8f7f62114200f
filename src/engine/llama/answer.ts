/**
 * From tokens to what a caller receives: text, reasoning, tool calls, and how the answer ended.
 * One answer object follows one generation; it holds no I/O, so every rule here is tested on plain
 * token streams. Order of the rules: characters, then reasoning, then stop strings (they apply to
 * the answer, not to the thinking before it), then tool calls.
 */
import { ReasoningSplitter } from './reasoning.ts';
import { createStopMatcher } from './stop-strings.ts';
import { createTokenCount } from './token-count.ts';
import { ToolCallReader } from './tool-calls.ts';
import type { StopMatcher } from './stop-strings.ts';
import type { TokenText } from './token-text.ts';
import type { ToolEvent } from './tool-calls.ts';

export type AnswerEvent = Readonly<{ type: 'reasoning'; text: string }> | ToolEvent;

export type FinishReason = 'stop' | 'length' | 'tool_calls';

export type AnswerOptions = Readonly<{
  stops: readonly string[];
  reasoning: boolean;
  /** The prompt already opened the reasoning. */
  reasoningPrefilled: boolean;
  tools: boolean;
  /** Ends the answer after the first call (`parallel_tool_calls: false`). */
  oneCall: boolean;
}>;

export class Answer<Token> {
  readonly #tokenText: TokenText<Token>;
  readonly #options: AnswerOptions;
  readonly #count = createTokenCount();
  readonly #splitter: ReasoningSplitter;
  readonly #stops: StopMatcher;
  readonly #tools: ToolCallReader | undefined;
  #rawLength = 0;
  #contentLength = 0;
  #sawCall = false;
  #deliveredAll = false;
  #finish: FinishReason | null = null;

  constructor(tokenText: TokenText<Token>, options: AnswerOptions) {
    this.#tokenText = tokenText;
    this.#options = options;
    this.#splitter = new ReasoningSplitter({
      enabled: options.reasoning,
      prefilled: options.reasoningPrefilled,
    });
    this.#stops = createStopMatcher(options.stops);
    this.#tools = options.tools ? new ToolCallReader() : undefined;
  }

  /** Takes one token that is not an end token; returns what the caller may now receive. */
  push(token: Token): AnswerEvent[] {
    this.#count.add(this.#rawLength);
    return this.#readText(this.#tokenText.push(token));
  }

  /** The model ended, or the token limit was reached. Returns what was held back. */
  end(cause: 'stop' | 'length'): AnswerEvent[] {
    const events = this.#readText(this.#tokenText.end());
    if (this.#finish !== null) return events;
    const rest = this.#splitter.end();
    const last = this.#stops.push(rest.content);
    events.push(...reasoningEvents(rest.reasoning));
    events.push(...this.#readContent(last.text + this.#stops.end()));
    events.push(...this.#watchCalls(this.#tools?.end() ?? []));
    this.#deliveredAll = !last.stopped;
    this.#close(last.stopped ? 'stop' : cause);
    return events;
  }

  /** Set as soon as the answer is over; `push` must not be called any more. */
  finish(): FinishReason | null {
    return this.#finish;
  }

  isReasoning(): boolean {
    return this.#splitter.isReasoning();
  }

  deliveredTokens(): number {
    if (this.#deliveredAll) return this.#count.total();
    // Inside the reasoning only a closing mark is ever held back, and it is delivered as structure.
    if (this.isReasoning()) return this.#count.before(this.#rawLength);
    return this.#count.before(this.#splitter.contentStart() + this.#contentLength);
  }

  /** How many of the delivered tokens were reasoning. */
  reasoningTokens(): number {
    const reasoning = this.#count.before(this.#splitter.reasoningLength());
    return Math.min(this.deliveredTokens(), reasoning);
  }

  #readText(text: string): AnswerEvent[] {
    this.#rawLength += text.length;
    const piece = this.#splitter.push(text);
    const stop = this.#stops.push(piece.content);
    const events = [...reasoningEvents(piece.reasoning), ...this.#readContent(stop.text)];
    if (stop.stopped && this.#finish === null) {
      events.push(...this.#watchCalls(this.#tools?.end() ?? []));
      this.#close('stop');
    }
    return events;
  }

  #readContent(text: string): AnswerEvent[] {
    this.#contentLength += text.length;
    if (text === '') return [];
    return this.#watchCalls(this.#tools?.push(text) ?? [{ type: 'text', text }]);
  }

  #watchCalls(events: ToolEvent[]): ToolEvent[] {
    this.#sawCall ||= events.some((event) => event.type === 'call');
    if (!this.#options.oneCall) return events;
    const end = events.findIndex((event) => event.type === 'call_end');
    if (end < 0) return events;
    this.#finish = 'tool_calls';
    return events.slice(0, end + 1);
  }

  #close(cause: 'stop' | 'length'): void {
    this.#finish ??= cause === 'stop' && this.#sawCall ? 'tool_calls' : cause;
  }
}

function reasoningEvents(text: string): AnswerEvent[] {
  return text === '' ? [] : [{ type: 'reasoning', text }];
}
