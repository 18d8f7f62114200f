/**
 * DashScope's native addresses that call a model. Any of them can be asked to answer later
 * (`X-DashScope-Async: enable`), so they are listed apart.
 */
import {
  type NativeEndpoint,
  embeddingsEndpoint,
  generationEndpoint,
  rerankEndpoint,
} from './endpoint.ts';

export const NATIVE_ENDPOINTS: ReadonlyMap<string, NativeEndpoint> = new Map([
  ['/api/v1/services/aigc/text-generation/generation', generationEndpoint(false)],
  ['/api/v1/services/aigc/multimodal-generation/generation', generationEndpoint(true)],
  ['/api/v1/services/embeddings/text-embedding/text-embedding', embeddingsEndpoint],
  ['/api/v1/services/rerank/text-rerank/text-rerank', rerankEndpoint],
]);
