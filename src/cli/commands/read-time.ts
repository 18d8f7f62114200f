/** Times as people type them. */
import { UsageError } from '../usage-error.ts';

export function readTime(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const atMs = Date.parse(text);
  if (!Number.isNaN(atMs)) return new Date(atMs).toISOString();
  throw new UsageError(`"${text}" is no time.`, 'Write 2030-12-31 or 2030-12-31T08:00:00Z.');
}
