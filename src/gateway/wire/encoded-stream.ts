/**
 * An engine's answer stream on its way to a caller of another dialect, or from an upstream of another
 * dialect, or both. The checks are those of every stream (see openai/stream.ts); around them the
 * upstream's events become OpenAI's, and OpenAI's become the caller's. Pure: chunks in, bytes out.
 */
import type { Counted } from '../usage/disjoint.ts';
import { eventData, eventEnd } from './openai/event-stream.ts';
import { AnswerStream, type StreamFault, type StreamOptions } from './openai/stream.ts';
import type { PromptCount, StreamEncoder, UpstreamStream } from './wire.ts';

export type EncodedStreamOptions = StreamOptions &
  Readonly<{ encoder: StreamEncoder | null; upstream: UpstreamStream | null }>;

export class EncodedStream {
  readonly #answer: AnswerStream;
  readonly #encoder: StreamEncoder | null;
  readonly #upstream: UpstreamStream | null;

  constructor({ encoder, upstream, ...options }: EncodedStreamOptions) {
    this.#answer = new AnswerStream(options);
    this.#encoder = encoder;
    this.#upstream = upstream;
  }

  get counted(): Counted | null {
    return this.#answer.counted;
  }

  get hasThought(): boolean {
    return this.#answer.hasThought;
  }

  get delivered(): number {
    return this.#answer.delivered;
  }

  get isDone(): boolean {
    return this.#answer.isDone;
  }

  get fault(): StreamFault | null {
    return this.#answer.fault;
  }

  announce(prompt: PromptCount): void {
    this.#encoder?.announce?.(prompt);
  }

  push(chunk: Buffer): Buffer | null {
    const bytes = this.#upstream === null ? chunk : this.#upstream.push(chunk);
    return bytes === null ? null : this.#encode(this.#answer.push(bytes));
  }

  end(): Buffer | null {
    const rest = this.#upstream?.end() ?? null;
    const pushed = rest === null ? null : this.#answer.push(rest);
    return this.#encode(joined(pushed, this.#answer.end()));
  }

  /** After `isDone`: what the caller's dialect says last. */
  closing(): Buffer | Promise<Buffer> | null {
    if (this.#encoder === null) return null;
    const last = this.#encoder.end();
    return typeof last === 'string' ? Buffer.from(last) : last.then((text) => Buffer.from(text));
  }

  #encode(bytes: Buffer | null): Buffer | null {
    const encoder = this.#encoder;
    if (bytes === null || encoder === null) return bytes;
    let text = '';
    for (const chunk of chunksIn(bytes)) text += encoder.push(chunk);
    return text === '' ? null : Buffer.from(text);
  }
}

/** The chunks in whole events; comments and the end mark are none, and neither is what is not JSON. */
function* chunksIn(bytes: Buffer): Generator<object> {
  const events = bytes.toString('utf8');
  const hasCarriageReturn = events.includes('\r');
  let from = 0;
  while (from < events.length) {
    const found = eventEnd(events, from, hasCarriageReturn);
    const to = found === -1 ? events.length : found;
    const data = eventData(events.slice(from, to));
    from = to;
    if (data === null || data.trim() === '[DONE]') continue;
    const value = parsed(data);
    if (typeof value === 'object' && value !== null) yield value;
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

function joined(first: Buffer | null, second: Buffer | null): Buffer | null {
  if (first === null) return second;
  return second === null ? first : Buffer.concat([first, second]);
}
