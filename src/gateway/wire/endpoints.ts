/** Every address that calls a model, and the wire that answers there. */
import { anthropicDialect } from './anthropic/dialect.ts';
import { countTokensEndpoint, messagesEndpoint } from './anthropic/endpoints.ts';
import { compatibleDialect, compatibleEndpoint } from './dashscope/compatible.ts';
import { dashScopeDialect } from './dashscope/endpoint.ts';
import { NATIVE_ENDPOINTS } from './dashscope/native-endpoints.ts';
import { transcriptionsEndpoint } from './openai/audio.ts';
import { openAiDialect, openAiEndpoint } from './openai/dialect.ts';
import { moderationsEndpoint } from './openai/moderations.ts';
import { passThroughEndpoint } from './openai/pass-through-endpoint.ts';
import { responsesEndpoint } from './responses/endpoint.ts';
import type { Dialect, Endpoint } from './wire.ts';

/** By path, without a query: asked for each request before anything is parsed. */
export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/v1/chat/completions', openAiEndpoint('chat')],
  ['/v1/completions', openAiEndpoint('completions')],
  ['/v1/embeddings', openAiEndpoint('embeddings')],
  ['/v1/rerank', passThroughEndpoint('rerank')],
  ['/v1/moderations', moderationsEndpoint],
  ['/v1/images/generations', passThroughEndpoint('images')],
  ['/v1/videos/generations', passThroughEndpoint('videos')],
  ['/v1/ocr', passThroughEndpoint('ocr')],
  ['/v1/audio/speech', passThroughEndpoint('speech')],
  ['/v1/audio/transcriptions', transcriptionsEndpoint],
  ['/v1/responses', responsesEndpoint],
  ['/v1/messages', messagesEndpoint],
  ['/v1/messages/count_tokens', countTokensEndpoint],
  // Where Model Studio has Anthropic's API.
  ['/apps/anthropic/v1/messages', messagesEndpoint],
  ['/apps/anthropic/v1/messages/count_tokens', countTokensEndpoint],
  ['/compatible-mode/v1/chat/completions', compatibleEndpoint('chat')],
  ['/compatible-mode/v1/completions', compatibleEndpoint('completions')],
  ['/compatible-mode/v1/embeddings', compatibleEndpoint('embeddings')],
  ['/compatible-api/v1/reranks', { ...passThroughEndpoint('rerank'), dialect: compatibleDialect }],
  ...NATIVE_ENDPOINTS,
]);

/** Paths beneath these are ours, known or not, and an unknown one is said in its own dialect. */
const OWN_PATHS: readonly (readonly [prefix: string, Dialect])[] = [
  ['/v1/messages', anthropicDialect],
  ['/v1', openAiDialect],
  ['/apps/anthropic', anthropicDialect],
  ['/compatible-mode', compatibleDialect],
  ['/compatible-api', compatibleDialect],
  ['/api/v1/services', dashScopeDialect],
  ['/api/v1/tasks', dashScopeDialect],
];

/** The dialect spoken at this path, or null where it is not the gateway's. */
export function dialectAt(path: string): Dialect | null {
  for (const [prefix, dialect] of OWN_PATHS) {
    if (path === prefix || path.startsWith(`${prefix}/`)) return dialect;
  }
  return null;
}
