/**
 * Splits a stream of text into reasoning and answer at `<think>` and `</think>`. Only a block that
 * opens the answer counts; templates may have opened it already in the prompt. White space around
 * the marks belongs to neither part. The result does not depend on where the stream's pieces begin.
 */
import { longestPartialEnd } from './stop-strings.ts';

export const THINK_OPEN = '<think>';
export const THINK_CLOSE = '</think>';

export type ReasoningPiece = Readonly<{ reasoning: string; content: string }>;

type State = 'opening' | 'reasoning_start' | 'reasoning' | 'content_start' | 'content';

const NOTHING: ReasoningPiece = { reasoning: '', content: '' };

export class ReasoningSplitter {
  #state: State;
  #held = '';
  #taken = 0;
  #reasoningEnd = 0;
  #contentStart: number | undefined;

  constructor(options: { enabled: boolean; prefilled: boolean }) {
    const whenEnabled = options.prefilled ? 'reasoning_start' : 'opening';
    this.#state = options.enabled ? whenEnabled : 'content';
  }

  push(text: string): ReasoningPiece {
    this.#held += text;
    let reasoning = '';
    let content = '';
    for (let piece = this.#step(); piece !== undefined; piece = this.#step()) {
      reasoning += piece.reasoning;
      content += piece.content;
    }
    if (this.#state === 'content') this.#contentStart ??= this.#taken - content.length;
    return { reasoning, content };
  }

  /** What was held back when the stream ended. */
  end(): ReasoningPiece {
    const rest = this.#take(this.#held.length);
    if (this.#state === 'opening') return { reasoning: '', content: rest };
    return this.#state === 'reasoning' ? { reasoning: rest.trimEnd(), content: '' } : NOTHING;
  }

  isReasoning(): boolean {
    return this.#state === 'reasoning' || this.#state === 'reasoning_start';
  }

  /** How many characters of the stream were reasoning, marks included. */
  reasoningLength(): number {
    return this.isReasoning() ? this.#taken + this.#held.length : this.#reasoningEnd;
  }

  /** How many characters lie before the answer; the answer is everything after them. */
  contentStart(): number {
    return this.#contentStart ?? this.#taken;
  }

  /** One step of the machine: what it lets through, or undefined when it needs more text. */
  #step(): ReasoningPiece | undefined {
    switch (this.#state) {
      case 'opening':
        return this.#readOpening();
      case 'reasoning_start':
        return this.#skipSpace('reasoning');
      case 'reasoning':
        return this.#readReasoning();
      case 'content_start':
        return this.#skipSpace('content');
      case 'content':
        return this.#held === ''
          ? undefined
          : { reasoning: '', content: this.#take(this.#held.length) };
      default:
        return undefined;
    }
  }

  #readOpening(): ReasoningPiece | undefined {
    const start = this.#held.trimStart();
    if (start.length < THINK_OPEN.length && THINK_OPEN.startsWith(start)) return undefined;
    if (start.startsWith(THINK_OPEN)) {
      this.#take(this.#held.length - start.length + THINK_OPEN.length);
      this.#state = 'reasoning_start';
    } else {
      this.#state = 'content';
    }
    return NOTHING;
  }

  #readReasoning(): ReasoningPiece | undefined {
    const close = this.#held.indexOf(THINK_CLOSE);
    if (close >= 0) {
      const reasoning = this.#take(close).trimEnd();
      this.#take(THINK_CLOSE.length);
      this.#reasoningEnd = this.#taken;
      this.#state = 'content_start';
      return { reasoning, content: '' };
    }
    const partial = longestPartialEnd(this.#held, [THINK_CLOSE]);
    const sure = this.#held.slice(0, this.#held.length - partial).trimEnd();
    return sure === '' ? undefined : { reasoning: this.#take(sure.length), content: '' };
  }

  #skipSpace(next: State): ReasoningPiece | undefined {
    this.#take(this.#held.length - this.#held.trimStart().length);
    if (this.#held === '') return undefined;
    this.#state = next;
    return NOTHING;
  }

  #take(length: number): string {
    const out = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    this.#taken += length;
    return out;
  }
}
