/** Every address that calls a model, and the wire that answers there. */
import { openAiDialect, openAiEndpoint } from './openai/dialect.ts';
import type { Dialect, Endpoint } from './wire.ts';

/** By path, without a query: asked for each request before anything is parsed. */
export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ['/v1/chat/completions', openAiEndpoint('chat')],
  ['/v1/completions', openAiEndpoint('completions')],
  ['/v1/embeddings', openAiEndpoint('embeddings')],
]);

/** Paths beneath these are ours, known or not, and an unknown one is said in its own dialect. */
const OWN_PATHS: readonly (readonly [prefix: string, Dialect])[] = [['/v1', openAiDialect]];

/** The dialect spoken at this path, or null where it is not the gateway's. */
export function dialectAt(path: string): Dialect | null {
  for (const [prefix, dialect] of OWN_PATHS) {
    if (path === prefix || path.startsWith(`${prefix}/`)) return dialect;
  }
  return null;
}
