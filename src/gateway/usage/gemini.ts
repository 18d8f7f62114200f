/**
 * Usage in Gemini's shape, `usageMetadata`: the prompt contains what came from the cache; thoughts stand beside
 * the candidates and not inside, and what tools put before the model stands beside the prompt. The total is the
 * sum of the four. https://ai.google.dev/api/generate-content#UsageMetadata
 */
import { fieldOf } from '../wire/field.ts';
import { type Said, countIn } from './disjoint.ts';

export function readGemini(usage: unknown): Said | null {
  const prompt = countOf(usage, 'promptTokenCount');
  if (prompt === null) return null;
  const reasoning = countOf(usage, 'thoughtsTokenCount') ?? 0;
  return {
    input: prompt + (countOf(usage, 'toolUsePromptTokenCount') ?? 0),
    cacheRead: countOf(usage, 'cachedContentTokenCount') ?? 0,
    cacheWrite: 0,
    cacheWrite1h: 0,
    output: (countOf(usage, 'candidatesTokenCount') ?? 0) + reasoning,
    reasoning,
    total: countOf(usage, 'totalTokenCount'),
    cacheKind: null,
  };
}

function countOf(value: unknown, name: string): number | null {
  return countIn(fieldOf(value, name));
}
