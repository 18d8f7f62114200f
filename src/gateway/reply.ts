/**
 * What the caller hears: one whole answer, or a stream of events that may have to say halfway that it
 * failed. Knows how far the answer has gone, so that an error takes the one form that is still
 * possible: a true status, or an event in the stream and no end mark after it.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FlywheelError } from '#platform/error.ts';
import { openAiDialect } from './wire/openai/dialect.ts';
import type { Dialect, RateLimits, StreamEncoder } from './wire/wire.ts';

export type ReplyOptions = Readonly<{
  requestId: string;
  dialect?: Dialect;
  onDrain?: () => void;
}>;

export class Reply {
  /** Status the caller was given; 0 while nothing was sent. */
  status = 0;
  /** Bytes of an answer went out: from here on nothing can be tried again. */
  hasContent = false;

  readonly requestId: string;
  readonly dialect: Dialect;
  readonly #outgoing: ServerResponse;
  readonly #onDrain: () => void;
  #awaitsDrain = false;
  #breaks = false;
  #holdsBack = false;
  #held: Buffer | null = null;
  /** Who keeps a copy of what the caller gets. */
  #listener: ((piece: Buffer) => void) | null = null;
  /** Names and values in turn; they go with whatever is sent. */
  readonly #headers: string[];
  /** Whoever writes the stream in the caller's dialect also knows how it fails. */
  #encoder: Pick<StreamEncoder, 'fail' | 'keepAlive'> | null = null;

  constructor(outgoing: ServerResponse, options: ReplyOptions) {
    this.#outgoing = outgoing;
    this.requestId = options.requestId;
    this.dialect = options.dialect ?? openAiDialect;
    this.#headers = [...this.dialect.headers(options.requestId)];
    const onDrain = options.onDrain ?? ((): void => {});
    this.#onDrain = onDrain;
    outgoing.on('drain', onDrain);
  }

  get isStarted(): boolean {
    return this.status !== 0;
  }

  /** A header for whatever is sent; before anything was. */
  addHeader(name: string, value: string): void {
    this.#headers.push(name, value);
  }

  /** As `addHeader`, in the place of what was said under this name before: another try says it anew. */
  setHeader(name: string, value: string): void {
    const at = this.#headers.indexOf(name);
    if (at === -1) this.addHeader(name, value);
    else this.#headers[at + 1] = value;
  }

  /** The limits that are left, in the words of the dialect. */
  addRateLimits(limits: RateLimits): void {
    this.#headers.push(...this.dialect.rateLimitHeaders(limits));
  }

  /** From here on the stream's errors and signs of life are made by its encoder. */
  encodedBy(encoder: Pick<StreamEncoder, 'fail' | 'keepAlive'>): void {
    this.#encoder = encoder;
  }

  /** Hears every piece of an answer, and nothing of errors and signs of life. */
  listen(listener: (piece: Buffer) => void): void {
    const before = this.#listener;
    this.#listener =
      before === null
        ? listener
        : (piece) => {
            before(piece);
            listener(piece);
          };
  }

  /** Once, when the caller has all it gets. */
  onClose(listener: () => void): void {
    this.#outgoing.once('close', listener);
  }

  json(status: number, body: unknown): void {
    this.bytes(status, Buffer.from(JSON.stringify(body)));
  }

  bytes(status: number, body: Buffer): void {
    this.status = status;
    this.hasContent = true;
    this.#listener?.(body);
    if (this.#holdsBack) this.#held = body;
    else this.#sendWhole(body);
  }

  get holdsBack(): boolean {
    return this.#holdsBack;
  }

  /** From here on a whole answer waits for `letGo`; errors do not. */
  holdBack(): void {
    this.#holdsBack = true;
  }

  letGo(): void {
    this.#holdsBack = false;
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.#sendWhole(held);
  }

  #sendWhole(body: Buffer): void {
    // As a list: headers that are an object are copied one by one.
    this.#outgoing.writeHead(this.status, [
      'content-type',
      'application/json',
      'content-length',
      String(body.length),
      ...this.#headers,
    ]);
    this.#outgoing.end(body);
  }

  /** Event streams are never stored and never held back by a proxy on the way. */
  startStream(): void {
    this.status = 200;
    this.#outgoing.writeHead(200, [
      'content-type',
      'text/event-stream; charset=utf-8',
      'cache-control',
      'no-cache',
      'x-accel-buffering',
      'no',
      ...this.#headers,
    ]);
    this.#outgoing.flushHeaders();
  }

  /** Bytes of some kind, as long as they come; an error among them can only break the connection. */
  startBytes(contentType: string): void {
    this.status = 200;
    this.#breaks = true;
    this.#outgoing.writeHead(200, [
      'content-type',
      contentType,
      'x-accel-buffering',
      'no',
      ...this.#headers,
    ]);
    // Before the first bytes, which we frame ourselves.
    this.#outgoing.flushHeaders();
  }

  /** False when the caller reads too slowly and the engine should wait for `onDrain`. */
  write(bytes: Buffer): boolean {
    if (!this.isStarted) this.startStream();
    this.hasContent = true;
    this.#listener?.(bytes);
    return this.#send(bytes);
  }

  /** What every parser skips and every proxy takes as life. */
  keepAlive(): void {
    if (!this.isStarted) this.startStream();
    const own = this.#encoder?.keepAlive?.();
    this.#send(own === undefined ? this.dialect.keepAlive : Buffer.from(own));
  }

  /** True while the caller has more to read than fits. */
  get isBehind(): boolean {
    return this.#outgoing.writableNeedDrain || this.#outgoing.socket?.writableNeedDrain === true;
  }

  /**
   * Past the head we frame chunks ourselves, one buffer and one write each: the response object would
   * make three of each and cork them, which costs a third of a proxied chunk.
   */
  #send(bytes: Buffer): boolean {
    const { socket, chunkedEncoding } = this.#outgoing;
    // A pipelined answer has no socket yet, and HTTP/1.0 no chunks.
    if (socket === null || !chunkedEncoding) return this.#outgoing.write(bytes);
    const isTaken = socket.write(chunkOf(bytes));
    if (!isTaken) this.#awaitDrain(socket);
    return isTaken;
  }

  #awaitDrain(socket: Socket): void {
    if (this.#awaitsDrain) return;
    this.#awaitsDrain = true;
    socket.once('drain', () => {
      this.#awaitsDrain = false;
      this.#onDrain();
    });
  }

  end(): void {
    this.#outgoing.end();
  }

  fail(error: FlywheelError): void {
    const { dialect, requestId } = this;
    if (this.#breaks) {
      this.#outgoing.destroy();
      return;
    }
    if (this.isStarted) {
      const event = this.#encoder?.fail(error) ?? dialect.errorEvent(error, requestId);
      this.#outgoing.end(event);
      return;
    }
    const { status, body } = dialect.error(error, requestId);
    this.status = status;
    const bytes = Buffer.from(JSON.stringify(body));
    const headers = ['content-type', 'application/json', 'content-length', String(bytes.length)];
    if (mustSayWhen(error)) headers.push(...retryAfter(error));
    if (status === 401) headers.push('www-authenticate', 'Bearer');
    this.#outgoing.writeHead(status, [...headers, ...this.#headers]);
    this.#outgoing.end(bytes);
  }
}

/** RFC 9112 section 7.1: size in hex, the bytes, a line end after each. */
function chunkOf(bytes: Buffer): Buffer {
  const size = bytes.length.toString(16);
  const chunk = Buffer.allocUnsafe(size.length + bytes.length + 4);
  chunk.write(`${size}\r\n`, 0, 'latin1');
  bytes.copy(chunk, size.length + 2);
  chunk[chunk.length - 2] = 13;
  chunk[chunk.length - 1] = 10;
  return chunk;
}

function mustSayWhen(error: FlywheelError): boolean {
  return error.status === 429 || error.status === 503 || error.retryAfterMs !== null;
}

/** Whole seconds, at least one: 0 makes clients come back at once. SDKs prefer the finer header. */
function retryAfter(error: FlywheelError): string[] {
  const ms = Math.max(1, Math.ceil(error.retryAfterMs ?? 1000));
  return ['retry-after', String(Math.ceil(ms / 1000)), 'retry-after-ms', String(ms)];
}
