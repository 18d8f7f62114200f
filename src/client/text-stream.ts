/**
 * Reading a streamed body: lines, and server-sent events on top of lines. A silence longer than the
 * limit ends the stream with an error, because a half-open connection would otherwise hang forever.
 */
import { ApiError, CONNECTION_TIMEOUT, STREAM_CUT } from './api-error.ts';

export type StreamOptions = Readonly<{
  signal?: AbortSignal | undefined;
  /** Longest silence between two pieces; 0 waits for ever. */
  idleTimeoutMs: number;
}>;

/** A line longer than this is not ours, and would grow without end. */
const LINE_LENGTH_MAX = 8 * 1024 * 1024;

/** Complete lines without their end; the last one also when the body ends without a line break. */
export async function* readLines(
  body: ReadableStream<Uint8Array>,
  options: StreamOptions,
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await readPiece(reader, options);
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      if (rest.length > LINE_LENGTH_MAX) throw cut('A line of the stream is too long.');
      yield* lines;
      if (done) break;
    }
    if (rest !== '') yield rest;
  } finally {
    // Ends the exchange when the reader of this generator stops early; harmless when it is over.
    await reader.cancel().catch(() => undefined);
  }
}

/** The `data` of each server-sent event, as the HTML standard's event stream interpretation says. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  options: StreamOptions,
): AsyncGenerator<string, void, undefined> {
  let data: string[] = [];
  for await (const line of readLines(body, options)) {
    if (line === '') {
      if (data.length > 0) yield data.join('\n');
      data = [];
    } else if (line.startsWith('data:')) {
      data.push(line.startsWith('data: ') ? line.slice(6) : line.slice(5));
    }
  }
  if (data.length > 0) yield data.join('\n');
}

export function cut(message: string, cause?: unknown): ApiError {
  return new ApiError({ status: 0, code: STREAM_CUT, message, cause });
}

type Piece = Readonly<{ done: boolean; value?: Uint8Array | undefined }>;

async function readPiece(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  options: StreamOptions,
): Promise<Piece> {
  options.signal?.throwIfAborted();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    if (options.idleTimeoutMs === 0) return;
    timer = setTimeout(() => reject(idle(options.idleTimeoutMs)), options.idleTimeoutMs);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    options.signal?.throwIfAborted();
    throw cut('The connection broke in the middle of the answer.', cause);
  } finally {
    clearTimeout(timer);
  }
}

function idle(idleTimeoutMs: number): ApiError {
  return new ApiError({
    status: 0,
    code: CONNECTION_TIMEOUT,
    message: `Nothing came for ${idleTimeoutMs / 1000} s in the middle of the answer.`,
  });
}
