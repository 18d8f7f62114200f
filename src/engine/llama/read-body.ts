/** Reads a JSON body up to a limit. Too large a body is refused without cutting the connection. */
import type { IncomingMessage } from 'node:http';

import { failRequest } from '../errors.ts';

/** A context of a million tokens as text, with room to spare; far less than memory. */
const BODY_MAX_BYTES = 32 * 1024 * 1024;

/** Errors: `request_too_large`, `invalid_json`. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > BODY_MAX_BYTES) throw tooLarge();
  const bytes = await readBytes(request);
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    throw failRequest('invalid_json', 'The request body is not valid JSON.', { cause: error });
  }
}

/** Iterating over the request would destroy its socket on the way out, and the refusal with it. */
function readBytes(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= BODY_MAX_BYTES) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    reject(tooLarge());
  });
  request.on('end', () => resolve(Buffer.concat(chunks)));
  request.on('error', reject);
  request.on('close', () => reject(new Error('the caller left')));
  return promise;
}

function tooLarge(): Error {
  return failRequest('request_too_large', `A body may have ${BODY_MAX_BYTES} bytes at most.`);
}
