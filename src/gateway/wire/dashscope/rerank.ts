/** Reranking as DashScope asks for it, to the shape of Jina and Cohere that engines speak, and back. Pure. */
import { inputTokensOf } from '#pricing/quantities.ts';
import { failRequest } from '../../errors.ts';
import { passThroughUsage } from '../openai/pass-through.ts';
import { fieldOf } from '../field.ts';
import { uuidOf } from './request-id.ts';

/** Raises `invalid_value`. */
export function parseRerank(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { input, parameters, model } = fields;
  const given = parameters ?? {};
  if (typeof given !== 'object') {
    throw failRequest('invalid_value', 'parameters should be an object.', { param: 'parameters' });
  }
  return {
    ...given,
    model,
    query: fieldOf(input, 'query'),
    documents: fieldOf(input, 'documents'),
  };
}

export function rerankAnswer(answer: object, requestId: string): Record<string, unknown> {
  const results = fieldOf(answer, 'results');
  const usage = passThroughUsage(answer)?.usage ?? null;
  return {
    output: {
      results: (Array.isArray(results) ? results : []).map((one: unknown) => {
        const document = fieldOf(one, 'document');
        return {
          index: fieldOf(one, 'index'),
          relevance_score: fieldOf(one, 'relevance_score') ?? fieldOf(one, 'score'),
          ...(isGiven(document) && {
            document: typeof document === 'string' ? { text: document } : document,
          }),
        };
      }),
    },
    ...(usage !== null && { usage: { total_tokens: inputTokensOf(usage) } }),
    request_id: uuidOf(requestId),
  };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
