/** The addresses whose requests pass through in OpenAI's own words. */
import { failRequest } from '../../errors.ts';
import type { Endpoint } from '../wire.ts';
import { openAiDialect } from './dialect.ts';
import type { PassThrough } from './pass-through.ts';
import { type ParsedRequest, parseRequest } from './request.ts';

/** An address whose answers come whole; a wish to stream them is refused and not forgotten. */
export function passThroughEndpoint(
  operation: 'rerank' | 'images' | 'videos' | 'speech' | 'ocr',
): Endpoint {
  return {
    dialect: openAiDialect,
    read: ({ bytes }) => ({ request: read(operation, bytes), encoder: null }),
  };
}

function read(operation: PassThrough, bytes: Buffer): ParsedRequest {
  const request = parseRequest(operation, bytes);
  if (request.fields['stream'] === true) throw refuse('stream', 'is not supported here');
  // Speech streams its bytes anyway; this asks for events around them.
  if (operation === 'speech' && request.fields['stream_format'] === 'sse') {
    throw refuse('stream_format', 'should be audio');
  }
  return request;
}

function refuse(param: string, what: string): Error {
  return failRequest('invalid_value', `${param} ${what}.`, { param });
}
