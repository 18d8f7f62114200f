/**
 * Usage in Anthropic's shape: its input, what came from the cache and what went into it do not overlap, and
 * its output contains the thinking. What was written is said once as a whole and once by how long it lives.
 * https://docs.anthropic.com/en/api/messages
 *
 * In a stream the first event says what was known then and the last ones say it again, cumulatively; the
 * split by life stands in the first only. The last whole counts. What it has beyond the split is taken as
 * written for five minutes, the cheaper of the two, because nobody said otherwise.
 */
import { fieldOf } from '../wire/field.ts';
import { type Said, countIn } from './disjoint.ts';

export function readAnthropic(usage: unknown): Said | null {
  const input = countOf(usage, 'input_tokens');
  if (input === null) return null;
  const cacheRead = countOf(usage, 'cache_read_input_tokens') ?? 0;
  const { cacheWrite, cacheWrite1h } = writtenIn(usage);
  const made = fieldOf(usage, 'output_tokens_details');
  return {
    input: input + cacheRead + cacheWrite,
    cacheRead,
    cacheWrite,
    cacheWrite1h,
    output: countOf(usage, 'output_tokens') ?? 0,
    reasoning: countOf(made, 'thinking_tokens') ?? countOf(made, 'reasoning_tokens') ?? 0,
    total: null,
    // There is no cache but by the caller's marks.
    cacheKind: cacheRead + cacheWrite > 0 ? 'explicit' : null,
  };
}

/** What two events of one stream say together: each number as it was said last. */
export function laterUsage(
  known: Readonly<Record<string, unknown>>,
  later: unknown,
): Readonly<Record<string, unknown>> {
  if (typeof later !== 'object' || later === null) return known;
  const said = Object.entries(later).filter(([, value]) => value !== null && value !== undefined);
  return { ...known, ...Object.fromEntries(said) };
}

function writtenIn(usage: unknown): Readonly<{ cacheWrite: number; cacheWrite1h: number }> {
  const split = fieldOf(usage, 'cache_creation');
  const hour = countOf(split, 'ephemeral_1h_input_tokens') ?? 0;
  const minutes = countOf(split, 'ephemeral_5m_input_tokens') ?? 0;
  const whole = countOf(usage, 'cache_creation_input_tokens');
  return { cacheWrite: whole ?? hour + minutes, cacheWrite1h: hour };
}

function countOf(value: unknown, name: string): number | null {
  return countIn(fieldOf(value, name));
}
