/**
 * Reads a request body into memory, never more than the limit: a declared length is checked before
 * the first byte, a body without one is counted as it comes.
 */
import type { IncomingMessage } from 'node:http';
import { type BodyMeter, UNMETERED } from './body-budget.ts';
import { failRequest } from './errors.ts';

/** 16 MiB over a slow line. */
const BODY_TIMEOUT_MS = 120_000;

/** Raises `request_too_large` or `unsupported_encoding`; before anything of the body is read. */
export function checkBodyHead(incoming: IncomingMessage, limitBytes: number): void {
  const encoding = incoming.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw failRequest('unsupported_encoding', 'Please send the body without content-encoding.');
  }
  const declared = incoming.headers['content-length'];
  if (declared !== undefined && Number(declared) > limitBytes) throw tooLarge(limitBytes);
}

/**
 * Raises `request_too_large`, `server_is_overloaded` when there is no room for it beside the others, or
 * `request_timeout` when the caller went away in the middle.
 */
export function readBody(
  incoming: IncomingMessage,
  limitBytes: number,
  meter: BodyMeter = UNMETERED,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let first: Buffer | null = null;
    let parts: Buffer[] | null = null;
    let bytes = 0;
    let isOver = false;
    const forget = (): void => {
      isOver = true;
      parts = null;
      first = null;
    };
    incoming.on('data', (part: Buffer) => {
      bytes += part.length;
      if (isOver) return;
      if (bytes > limitBytes || !meter.take(part.length)) {
        forget();
        // Once it is answered nobody tells us of its end.
        clearTimeout(timer);
        reject(bytes > limitBytes ? tooLarge(limitBytes) : noRoom());
        return;
      }
      if (first === null) first = part;
      else if (parts === null) parts = [first, part];
      else parts.push(part);
    });
    incoming.once('end', () => {
      isOver = true;
      resolve(parts === null ? (first ?? EMPTY) : Buffer.concat(parts));
    });
    const lost = (): void => {
      if (!isOver) reject(failRequest('request_timeout', 'The body did not arrive.'));
    };
    incoming.once('error', lost);
    // A caller that leaves between its last byte and our reading of it causes a close and nothing else.
    incoming.once('close', lost);
    const timer = setTimeout(() => {
      lost();
      forget();
    }, BODY_TIMEOUT_MS);
    incoming.once('end', () => clearTimeout(timer));
    incoming.once('close', () => clearTimeout(timer));
    // It may have left while its key was looked up; then none of these will be heard.
    if (incoming.destroyed) {
      clearTimeout(timer);
      lost();
    }
  });
}

const EMPTY = Buffer.alloc(0);

function tooLarge(limitBytes: number): Error {
  return failRequest('request_too_large', `The body is larger than ${limitBytes} bytes.`);
}

/** Requests end within seconds, and their bodies with them. */
const ROOM_RETRY_AFTER_MS = 1_000;

export function noRoom(): Error {
  return failRequest('server_is_overloaded', 'There is no room for this body just now.', {
    retryAfterMs: ROOM_RETRY_AFTER_MS,
  });
}
