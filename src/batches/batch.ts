/** What a batch is and how it is shown. Pure. */
import { formatAmount } from '#ledger/money.ts';
import { DEFAULT_CURRENCY } from '#tenancy/currency.ts';
import type { Batch, BatchEndpoint, BatchError } from './api.ts';

export type BatchStatus = Batch['status'];
/** How a batch that ran ends. */
export type BatchEnd = 'completed' | 'expired' | 'cancelled';

export type StoredBatch = Readonly<{
  id: string;
  tenantId: string;
  projectId: string;
  keyId: string;
  endpoint: BatchEndpoint;
  inputFileId: string;
  metadata: Readonly<Record<string, string>> | null;
  status: BatchStatus;
  modelName: string | null;
  linesTotal: number;
  linesCompleted: number;
  linesFailed: number;
  errors: readonly BatchError[] | null;
  endsAs: BatchEnd | null;
  outputFileId: string | null;
  errorFileId: string | null;
  outputExpiresAfterSeconds: number | null;
  currency: string | null;
  costPico: string;
  inputTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  isSettled: boolean;
  createdAt: Date;
  expiresAt: Date;
  inProgressAt: Date | null;
  finalizingAt: Date | null;
  cancellingAt: Date | null;
  endedAt: Date | null;
}>;

/** The one window there is, OpenAI's. */
export const WINDOW_MS = 24 * 60 * 60_000;

const OVER: readonly BatchStatus[] = ['failed', 'completed', 'expired', 'cancelled'];

export function isOver(status: BatchStatus): boolean {
  return OVER.includes(status);
}

/** The id under which a line's calls are billed; with the attempt it names one usage event. */
export function lineRequestId(batchId: string, line: number): string {
  return `${batchId}-${line}`;
}

export function presentBatch(batch: StoredBatch): Batch {
  const { status, inputTokens, cacheReadTokens, outputTokens, reasoningTokens } = batch;
  const endedAs = (end: BatchStatus): number | null =>
    status === end ? time(batch.endedAt) : null;
  const { linesTotal: total, linesCompleted: completed, linesFailed: failed } = batch;
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    model: batch.modelName,
    errors: batch.errors === null ? null : { object: 'list', data: [...batch.errors] },
    input_file_id: batch.inputFileId,
    completion_window: '24h',
    status,
    // Files have their names before they have their bytes.
    output_file_id: isOver(status) ? batch.outputFileId : null,
    error_file_id: isOver(status) ? batch.errorFileId : null,
    created_at: seconds(batch.createdAt),
    in_progress_at: time(batch.inProgressAt),
    expires_at: seconds(batch.expiresAt),
    finalizing_at: time(batch.finalizingAt),
    completed_at: endedAs('completed'),
    failed_at: endedAs('failed'),
    expired_at: endedAs('expired'),
    cancelling_at: time(batch.cancellingAt),
    cancelled_at: endedAs('cancelled'),
    request_counts: { total, completed, failed },
    usage: {
      input_tokens: inputTokens + cacheReadTokens,
      input_tokens_details: { cached_tokens: cacheReadTokens },
      output_tokens: outputTokens + reasoningTokens,
      output_tokens_details: { reasoning_tokens: reasoningTokens },
      total_tokens: inputTokens + cacheReadTokens + outputTokens + reasoningTokens,
    },
    cost: {
      amount: formatAmount(BigInt(batch.costPico)),
      currency: batch.currency ?? DEFAULT_CURRENCY,
      is_final: batch.isSettled,
    },
    metadata: batch.metadata,
  };
}

function time(at: Date | null): number | null {
  return at === null ? null : seconds(at);
}

export function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
