/** Batches and files of the member's project. They are behind keys, so the playground's key asks for them. */
import type { QueryClient } from '@tanstack/react-query';
import { type Batch, cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';
import { playgroundKeyQuery } from '../playground/queries.ts';

const RUNNING_REFETCH_MS = 1_000;
const IDLE_REFETCH_MS = 15_000;
const PAGE_SIZE = 20;

const OVER: readonly Batch['status'][] = ['failed', 'completed', 'expired', 'cancelled'];

export function isRunning({ status }: Batch): boolean {
  return !OVER.includes(status);
}

export async function keyOf(queries: QueryClient): Promise<string> {
  return (await queries.fetchQuery(playgroundKeyQuery)).secret;
}

export function batchesQuery(queries: QueryClient) {
  return listQuery<Batch>({
    queryKey: ['batches'],
    read: async (page, { signal }) =>
      cloud.batches.list(page, { signal, apiKey: await keyOf(queries) }),
    pageSize: PAGE_SIZE,
    retry: false,
    refetchMs: (batches) =>
      batches.some((batch) => isRunning(batch) || !batch.cost.is_final)
        ? RUNNING_REFETCH_MS
        : IDLE_REFETCH_MS,
  });
}

/** Hands a file to the browser as a download: its address alone would come without the key. */
export async function saveFile(
  queries: QueryClient,
  file: Readonly<{ id: string; name: string }>,
): Promise<void> {
  const apiKey = await keyOf(queries);
  const content = await (await cloud.files.content(file.id, { apiKey })).blob();
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = file.name;
  link.click();
  // The browser has the bytes by then, whatever it asks the person.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export const STATUS_LABELS = {
  validating: 'batches.validating',
  failed: 'batches.failedState',
  in_progress: 'batches.running',
  finalizing: 'batches.finalizing',
  completed: 'batches.completed',
  expired: 'batches.expired',
  cancelling: 'batches.cancelling',
  cancelled: 'batches.cancelled',
} as const;
