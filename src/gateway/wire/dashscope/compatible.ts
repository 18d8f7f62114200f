/**
 * `/compatible-mode/v1`: OpenAI's wire with DashScope's error codes and the few fields that it adds.
 * The engine's bytes pass through untouched; a body is written anew only where it speaks of thinking.
 */
import { openAiDialect } from '../openai/dialect.ts';
import { type Operation, type ParsedRequest, parseRequest, serialize } from '../openai/request.ts';
import type { Dialect, Endpoint } from '../wire.ts';
import { compatibleError, dashScopeStatus } from './error.ts';
import { withThinking } from './thinking.ts';

export const compatibleDialect: Dialect = {
  ...openAiDialect,
  name: 'dashscope',
  error: (error, requestId) => ({
    status: dashScopeStatus(error),
    body: compatibleError(error, requestId),
  }),
  errorEvent: (error, requestId) =>
    `data: ${JSON.stringify(compatibleError(error, requestId))}\n\n`,
};

export function compatibleEndpoint(operation: Operation): Endpoint {
  return {
    dialect: compatibleDialect,
    read: ({ bytes }) => ({ request: read(operation, bytes), encoder: null }),
  };
}

function read(operation: Operation, bytes: Buffer): ParsedRequest {
  const request = parseRequest(operation, bytes);
  const fields = withThinking(request.fields);
  if (fields === request.fields) return request;
  // The caller's own wish for usage stays, so this is parsed as it came and not as a conversion.
  return { ...request, fields, bytes: serialize(fields) };
}
