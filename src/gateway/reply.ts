/**
 * What the caller hears: one whole answer, or a stream of events that may have to say halfway that it
 * failed. Knows how far the answer has gone, so that an error takes the one form that is still
 * possible: a true status, or an event in the stream and no end mark after it.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FlywheelError } from '#platform/error.ts';
import { openAiError, openAiErrorEvent } from './wire/openai/error.ts';

const KEEP_ALIVE = Buffer.from(': keep-alive\n\n');

export class Reply {
  /** Status the caller was given; 0 while nothing was sent. */
  status = 0;
  /** Bytes of an answer went out: from here on nothing can be tried again. */
  hasContent = false;

  readonly requestId: string;
  readonly #outgoing: ServerResponse;
  readonly #onDrain: () => void;
  #awaitsDrain = false;

  constructor(outgoing: ServerResponse, requestId: string, onDrain: () => void = () => {}) {
    this.#outgoing = outgoing;
    this.requestId = requestId;
    this.#onDrain = onDrain;
    outgoing.on('drain', onDrain);
  }

  get isStarted(): boolean {
    return this.status !== 0;
  }

  json(status: number, body: unknown): void {
    this.bytes(status, Buffer.from(JSON.stringify(body)));
  }

  bytes(status: number, body: Buffer): void {
    this.status = status;
    this.hasContent = true;
    // As a list: headers that are an object are copied one by one.
    this.#outgoing.writeHead(status, [
      'content-type',
      'application/json',
      'content-length',
      String(body.length),
      'x-request-id',
      this.requestId,
    ]);
    this.#outgoing.end(body);
  }

  /** Event streams are never stored and never held back by a proxy on the way. */
  startStream(): void {
    this.status = 200;
    this.#outgoing.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      'x-request-id': this.requestId,
    });
    this.#outgoing.flushHeaders();
  }

  /** False when the caller reads too slowly and the engine should wait for `onDrain`. */
  write(bytes: Buffer): boolean {
    if (!this.isStarted) this.startStream();
    this.hasContent = true;
    return this.#send(bytes);
  }

  /** A comment, which every parser skips and every proxy takes as life. */
  keepAlive(): void {
    if (!this.isStarted) this.startStream();
    this.#send(KEEP_ALIVE);
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
    if (this.isStarted) {
      this.#outgoing.end(openAiErrorEvent(error));
      return;
    }
    this.status = error.status;
    const body = Buffer.from(JSON.stringify(openAiError(error)));
    const headers: Record<string, string | number> = {
      'content-type': 'application/json',
      'content-length': body.length,
      'x-request-id': this.requestId,
    };
    if (mustSayWhen(error)) headers['retry-after'] = retryAfterSeconds(error);
    if (error.status === 401) headers['www-authenticate'] = 'Bearer';
    this.#outgoing.writeHead(error.status, headers);
    this.#outgoing.end(body);
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

/** Whole seconds, at least one: 0 makes clients come back at once. */
function retryAfterSeconds(error: FlywheelError): number {
  return Math.max(1, Math.ceil((error.retryAfterMs ?? 1000) / 1000));
}
