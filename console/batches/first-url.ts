/** What the lines of a file call, read from the first one. Pure. */
import type { BatchCreate } from '../cloud.ts';

export type Endpoint = BatchCreate['endpoint'];

const ENDPOINTS: readonly Endpoint[] = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/responses',
];

/** The start of a file is enough; null where its first line names no url that a batch may call. */
export function endpointOf(head: string): Endpoint | null {
  const [line = ''] = head.trimStart().split('\n');
  const match = /"url"\s*:\s*"([^"]*)"/.exec(line);
  return ENDPOINTS.find((endpoint) => endpoint === match?.[1]) ?? null;
}
