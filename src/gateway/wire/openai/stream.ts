/**
 * An engine's answer stream, on its way to the caller. Bytes pass through untouched, whole events at
 * a time; an event is opened only where it may hold usage, an error or the end. Usage that the
 * caller did not ask for is taken out, the model's name is the one that was asked for, and delivered
 * tokens are counted for the case that the engine never says. Pure: chunks in, bytes out.
 *
 * Per chunk this costs one Latin-1 copy and a few searches; no event becomes an object unless it
 * must. That is what keeps the gateway near a bare proxy.
 */
import { eventData, eventEnd } from './event-stream.ts';
import type { Counted } from '../../usage/disjoint.ts';
import { readUsage } from '../../usage/usage.ts';
import { fieldOf } from '../field.ts';
import { ToolCallRepair } from './tool-calls.ts';

export type StreamOptions = Readonly<{
  model: string;
  wantsUsage: boolean;
  /** Tokens after which the engine is taken to have run away. */
  deliveredMax: number;
  /** Of a caller that asked for a class: each chunk names the one that it is served in. */
  serviceTier?: string | null;
}>;

/** `error`: the engine said so in the stream. `invalid`: this is no answer stream. */
export type StreamFault = Readonly<{ kind: 'error' | 'invalid' | 'runaway'; message: string }>;

/** No engine writes an event near this size; without a limit one that never ends an event fills the memory. */
export const EVENT_BYTES_MAX = 4 * 1024 * 1024;

const DONE = Buffer.from('data: [DONE]\n\n');
const BLANK_LINE = Buffer.from('\n\n');
/** Enough of the last chunk to see a blank line that was cut: CR LF CR, then LF. */
const TAIL_BYTES = 3;

export class AnswerStream {
  /** What the engine said it used. */
  counted: Counted | null = null;
  /** Some of what was delivered were thoughts. */
  hasThought = false;
  /** Tokens delivered, counted as events that carry some of the answer. */
  delivered = 0;
  isDone = false;
  fault: StreamFault | null = null;

  readonly #options: StreamOptions;
  #carry: Buffer[] = [];
  #carryBytes = 0;
  #tail = '';
  #isFirst = true;
  #renames = false;
  /** Usage that came beside choices, to be sent on its own if the caller asked for it. */
  #inlineUsage: unknown = null;
  /** Identity of the answer, for the usage event that we may have to make. */
  #identity: Readonly<Record<string, unknown>> = {};
  #hasFinished = false;
  #toolCalls: ToolCallRepair | null = null;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** The bytes to send on for this chunk, or null. Stop when `isDone` or `fault` is set. */
  push(chunk: Buffer): Buffer | null {
    if (this.isDone || this.fault !== null) return null;
    if (this.#carryBytes === 0) return this.#take(chunk, chunk.toString('latin1'));
    return this.#pushCarried(chunk);
  }

  /**
   * The engine's stream has ended: what is still to be sent. Sets `isDone` after a real end, also
   * where the engine left out the end mark; otherwise the stream was cut off.
   */
  end(): Buffer | null {
    if (this.isDone || this.fault !== null) return null;
    const last = this.#carriesWholeEvent() ? this.push(BLANK_LINE) : null;
    if (this.isDone || this.fault !== null || !this.#hasFinished) return last;
    this.isDone = true;
    const closing = this.#closing();
    return last === null ? closing : Buffer.concat([last, closing]);
  }

  /** Some engines leave out the last blank line; half an event, though, is nothing to pass on. */
  #carriesWholeEvent(): boolean {
    const data = eventData(Buffer.concat(this.#carry).toString('latin1'));
    return data !== null && (data.trim() === '[DONE]' || parseJson(data) !== undefined);
  }

  #pushCarried(chunk: Buffer): Buffer | null {
    const seam = this.#tail + chunk.toString('latin1');
    if (eventEnd(seam, 0, seam.includes('\r')) === -1) {
      this.#keep(chunk);
      return null;
    }
    this.#carry.push(chunk);
    const joined = Buffer.concat(this.#carry);
    this.#carry = [];
    this.#carryBytes = 0;
    this.#tail = '';
    return this.#take(joined, joined.toString('latin1'));
  }

  #keep(rest: Buffer): void {
    this.#carry.push(rest);
    this.#carryBytes += rest.length;
    this.#tail = (
      this.#tail + rest.toString('latin1', Math.max(0, rest.length - TAIL_BYTES))
    ).slice(-TAIL_BYTES);
    if (this.#carryBytes > EVENT_BYTES_MAX) {
      this.fault = { kind: 'invalid', message: 'an event that does not end' };
    }
  }

  /** Goes through the whole events of `text`; the unfinished one at the end is kept. */
  #take(bytes: Buffer, text: string): Buffer | null {
    const hasCarriageReturn = text.includes('\r');
    let pieces: Buffer[] | null = null;
    let passFrom = 0;
    let from = 0;
    for (;;) {
      const to = eventEnd(text, from, hasCarriageReturn);
      if (to === -1) break;
      const isWhole = from === 0 && to === text.length;
      const event = isWhole ? text : text.slice(from, to);
      const replacement = this.#inspect(event);
      if (replacement !== null) {
        pieces ??= [];
        if (from > passFrom) pieces.push(bytes.subarray(passFrom, from));
        if (replacement.length > 0) pieces.push(replacement);
        passFrom = to;
      }
      from = to;
      if (this.isDone || this.fault !== null) break;
    }
    if (from < bytes.length && !this.isDone && this.fault === null) {
      this.#keep(Buffer.from(bytes.subarray(from)));
    }
    if (pieces === null)
      return from === 0 ? null : from === bytes.length ? bytes : bytes.subarray(0, from);
    if (from > passFrom) pieces.push(bytes.subarray(passFrom, from));
    return pieces.length === 0 ? null : Buffer.concat(pieces);
  }

  /** Null to pass the event as it is, or the bytes to send in its place. */
  #inspect(event: string): Buffer | null {
    const isRead = this.#isFirst || this.#renames || this.#namesTier;
    if (isRead || mayMatter(event)) return this.#open(event);
    this.#count(event);
    return null;
  }

  #count(event: string): void {
    const carried = carriedBy(event);
    if (carried !== 'nothing') {
      this.delivered += 1;
      if (carried === 'thought') this.hasThought = true;
      if (this.delivered > this.#options.deliveredMax) {
        this.fault = { kind: 'runaway', message: 'more tokens than it was allowed' };
      }
    }
  }

  #open(event: string): Buffer | null {
    const data = eventData(event);
    if (data === null) return null;
    if (data.trim() === '[DONE]') {
      if (this.#isFirst) {
        this.fault = { kind: 'invalid', message: 'an end without an answer' };
        return NOTHING;
      }
      this.isDone = true;
      return this.#inlineUsage === null ? null : this.#closing();
    }
    const value = parseJson(data);
    if (typeof value !== 'object' || value === null) return this.#refuseFirst();
    const error = fieldOf(value, 'error') ?? (fieldOf(value, 'object') === 'error' ? value : null);
    if (error !== null) {
      const message = typeof error === 'string' ? error : fieldOf(error, 'message');
      this.fault = { kind: 'error', message: typeof message === 'string' ? message : '' };
      return NOTHING;
    }
    return this.#openAnswer(event, value);
  }

  #openAnswer(event: string, given: object): Buffer | null {
    const repaired = event.includes('"tool_calls"') ? this.#repair(given) : null;
    const value = repaired ?? given;
    if (this.#isFirst) {
      this.#isFirst = false;
      this.#renames = this.#isOtherModel(value);
      this.#identity = {
        id: fieldOf(value, 'id'),
        object: fieldOf(value, 'object'),
        created: fieldOf(value, 'created'),
      };
    }
    const choices = fieldOf(value, 'choices');
    if (Array.isArray(choices) && choices.some(hasFailed)) {
      this.fault = { kind: 'error', message: 'an answer whose end is an error' };
      return NOTHING;
    }
    const usage = fieldOf(value, 'usage');
    const parsed = readUsage(usage);
    if (parsed !== null) this.counted = parsed;
    if (Array.isArray(choices) && choices.some(hasFinishReason)) this.#hasFinished = true;
    const isUsageAlone = parsed !== null && Array.isArray(choices) && choices.length === 0;
    if (!isUsageAlone) this.#count(event);
    const renamed = this.#namesTier || (this.#renames && this.#isOtherModel(value));
    if (isUsageAlone) {
      if (!this.#options.wantsUsage) return NOTHING;
      this.#inlineUsage = null;
      return renamed ? this.#rewrite(value, usage) : null;
    }
    if (parsed === null) return renamed || repaired !== null ? this.#rewrite(value, usage) : null;
    // Usage beside choices: the caller gets it at the end, alone, or not at all.
    if (this.#options.wantsUsage) this.#inlineUsage = usage;
    return this.#rewrite(value, this.#options.wantsUsage ? null : undefined);
  }

  #repair(value: object): object | null {
    this.#toolCalls ??= new ToolCallRepair();
    return this.#toolCalls.repair(value);
  }

  get #namesTier(): boolean {
    return typeof this.#options.serviceTier === 'string';
  }

  #isOtherModel(value: object): boolean {
    const model = fieldOf(value, 'model');
    return typeof model === 'string' && model !== this.#options.model;
  }

  #rewrite(value: object, usage: unknown): Buffer {
    const tier = this.#namesTier ? { service_tier: this.#options.serviceTier } : {};
    const changed = { ...value, model: this.#options.model, ...tier, usage };
    return Buffer.from(`data: ${JSON.stringify(changed)}\n\n`);
  }

  /** A first event that is not JSON is no answer at all; a later one is the caller's to judge. */
  #refuseFirst(): Buffer | null {
    if (!this.#isFirst) return null;
    this.fault = { kind: 'invalid', message: 'an event that is not JSON' };
    return NOTHING;
  }

  #closing(): Buffer {
    if (this.#inlineUsage === null) return DONE;
    const usage = this.#rewrite({ ...this.#identity, choices: [] }, this.#inlineUsage);
    return Buffer.concat([usage, DONE]);
  }
}

const NOTHING = Buffer.alloc(0);

/**
 * Quotes inside a JSON string are escaped, so none of these can appear in the text of an answer.
 * `"usage":null`, which some engines put on every event, is passed by.
 */
function mayMatter(event: string): boolean {
  const usageAt = event.indexOf('"usage"');
  if (usageAt !== -1 && !event.startsWith('"usage":null', usageAt)) return true;
  if (event.includes('"error"')) return true;
  // The first list of a chunk is its choices; without a second one there are no calls in it.
  const listAt = event.indexOf('[');
  if (event.startsWith('[DONE]', listAt)) return true;
  // Before the data there may be comments, which hold anything.
  if (!event.startsWith('data:') && event.includes('[DONE]')) return true;
  if (event.includes('[', listAt + 1) && event.includes('"tool_calls":')) return true;
  const finishAt = event.indexOf('"finish_reason":');
  return finishAt !== -1 && !event.startsWith('null', finishAt + FINISH_REASON_LENGTH);
}

const FINISH_REASON_LENGTH = '"finish_reason":'.length;

/** Some text or part of a tool call, or a thought; roles and end marks are nothing. */
function carriedBy(event: string): 'answer' | 'thought' | 'nothing' {
  const contentAt = event.indexOf('"content":"');
  if (contentAt !== -1 && event.charCodeAt(contentAt + CONTENT_LENGTH) !== QUOTE) return 'answer';
  if (/"(?:reasoning_content|reasoning)":\s*"[^"]/.test(event)) return 'thought';
  const isAnswer = /"text":\s*"[^"]|"content":\s+"[^"]|"tool_calls":\s*\[\s*\{/.test(event);
  return isAnswer ? 'answer' : 'nothing';
}

const CONTENT_LENGTH = '"content":"'.length;
const QUOTE = 0x22;

function hasFinishReason(choice: unknown): boolean {
  return typeof fieldOf(choice, 'finish_reason') === 'string';
}

function hasFailed(choice: unknown): boolean {
  return fieldOf(choice, 'finish_reason') === 'error';
}

/** `data` came as Latin-1 of UTF-8 bytes; whole events are never cut inside a character. */
function parseJson(data: string): unknown {
  try {
    return JSON.parse(Buffer.from(data, 'latin1').toString('utf8'));
  } catch {
    return undefined;
  }
}
