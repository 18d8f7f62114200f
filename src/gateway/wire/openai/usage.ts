/** The buckets of a usage in OpenAI's shape, for who only writes them down in another. */
import type { UsageBuckets } from '#metering/usage-event.ts';
import { readUsage } from '../../usage/usage.ts';

export function parseUsage(value: unknown): UsageBuckets | null {
  return readUsage(value)?.usage ?? null;
}
