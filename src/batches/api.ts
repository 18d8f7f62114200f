/** The public shapes of files and batches: OpenAI's, and beside them what a batch costs. Times are in seconds. */
import { z } from '@hono/zod-openapi';
import { decimalSchema } from '#pricing/api.ts';

const seconds = z.number().int();

export const fileSchema = z
  .object({
    id: z.string(),
    object: z.literal('file'),
    bytes: z.number().int(),
    created_at: seconds,
    expires_at: seconds.nullable(),
    filename: z.string(),
    purpose: z.enum(['batch', 'batch_output', 'user_data']),
    status: z.literal('processed'),
  })
  .openapi('File');
export type File = z.infer<typeof fileSchema>;

export const deletedFileSchema = z.object({
  id: z.string(),
  object: z.literal('file'),
  deleted: z.literal(true),
});

export const BATCH_STATUSES = [
  'validating',
  'failed',
  'in_progress',
  'finalizing',
  'completed',
  'expired',
  'cancelling',
  'cancelled',
] as const;

export const batchErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  param: z.string().nullable(),
  line: z.number().int().nullable(),
});
export type BatchError = Readonly<z.infer<typeof batchErrorSchema>>;

export const batchSchema = z
  .object({
    id: z.string(),
    object: z.literal('batch'),
    endpoint: z.string(),
    model: z.string().nullable(),
    errors: z.object({ object: z.literal('list'), data: z.array(batchErrorSchema) }).nullable(),
    input_file_id: z.string(),
    completion_window: z.literal('24h'),
    status: z.enum(BATCH_STATUSES),
    output_file_id: z.string().nullable(),
    error_file_id: z.string().nullable(),
    created_at: seconds,
    in_progress_at: seconds.nullable(),
    expires_at: seconds,
    finalizing_at: seconds.nullable(),
    completed_at: seconds.nullable(),
    failed_at: seconds.nullable(),
    expired_at: seconds.nullable(),
    cancelling_at: seconds.nullable(),
    cancelled_at: seconds.nullable(),
    request_counts: z.object({
      total: z.number().int(),
      completed: z.number().int(),
      failed: z.number().int(),
    }),
    /** Of the calls that are on the books so far. */
    usage: z.object({
      input_tokens: z.number().int(),
      input_tokens_details: z.object({ cached_tokens: z.number().int() }),
      output_tokens: z.number().int(),
      output_tokens_details: z.object({ reasoning_tokens: z.number().int() }),
      total_tokens: z.number().int(),
    }),
    /** What they cost, at half the price; `is_final` once the last one is on the books. */
    cost: z.object({ amount: decimalSchema, currency: z.string(), is_final: z.boolean() }),
    metadata: z.record(z.string(), z.string()).nullable(),
  })
  .openapi('Batch');
export type Batch = z.infer<typeof batchSchema>;

export const BATCH_ENDPOINTS = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/responses',
] as const;
export type BatchEndpoint = (typeof BATCH_ENDPOINTS)[number];

/** OpenAI's own bounds. */
const METADATA_PAIRS_MAX = 16;
const METADATA_KEY_MAX = 64;
const METADATA_VALUE_MAX = 512;

export const batchCreateSchema = z
  .object({
    input_file_id: z.string().min(1).max(200),
    endpoint: z.enum(BATCH_ENDPOINTS),
    completion_window: z.literal('24h'),
    metadata: z
      .record(z.string().max(METADATA_KEY_MAX), z.string().max(METADATA_VALUE_MAX))
      .refine((pairs) => Object.keys(pairs).length <= METADATA_PAIRS_MAX, 'at most 16 pairs')
      .nullish(),
    output_expires_after: z.object({ anchor: z.unknown(), seconds: z.unknown() }).nullish(),
  })
  .openapi('BatchCreate');
export type BatchCreate = Readonly<z.input<typeof batchCreateSchema>>;
