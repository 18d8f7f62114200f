/**
 * What an engine says it used, in whichever shape it says it. An engine that speaks OpenAI's dialect may still
 * count in another's: the names of the numbers tell which, so that no part is billed twice.
 */
import { fieldOf } from '../wire/field.ts';
import { readAnthropic } from './anthropic.ts';
import { type Counted, type Said, disjoint } from './disjoint.ts';
import { readGemini } from './gemini.ts';
import { readOpenAi } from './openai.ts';

/** Null where it is no usage: an engine that lies is counted by what it delivered. */
export function readUsage(usage: unknown): Counted | null {
  const said = saidIn(usage);
  return said === null ? null : disjoint(said);
}

function saidIn(usage: unknown): Said | null {
  if (has(usage, 'prompt_tokens')) return readOpenAi(usage);
  if (has(usage, 'promptTokenCount')) return readGemini(usage);
  if (!has(usage, 'input_tokens')) return null;
  const isAnthropic =
    has(usage, 'cache_read_input_tokens') || has(usage, 'cache_creation_input_tokens');
  return isAnthropic ? readAnthropic(usage) : readOpenAi(usage);
}

function has(usage: unknown, name: string): boolean {
  return fieldOf(usage, name) !== undefined;
}
