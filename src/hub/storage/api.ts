/** Public shapes of what a tenant keeps in the hub. */
import { z } from '@hono/zod-openapi';
import { repositoryKindSchema } from '../api.ts';

/** `GET /cloud/v1/hub/storage` */
export const storageUseSchema = z
  .object({
    tenantId: z.string(),
    /** What it may keep, in bytes. */
    bytesMax: z.number().int(),
    /** True where the operator said nothing of this tenant. */
    isDefault: z.boolean(),
    /** Of its repositories: every different file once. */
    bytes: z.number().int(),
    /** Uploaded and in no repository yet. */
    waitingBytes: z.number().int(),
    /** The largest, 20 at most. */
    repositories: z.array(
      z.object({ kind: repositoryKindSchema, name: z.string(), bytes: z.number().int() }),
    ),
  })
  .openapi('StorageUse');
export type StorageUse = z.infer<typeof storageUseSchema>;

export const storageQuotaSchema = z
  .strictObject({
    /** Null: what all others may keep. */
    bytesMax: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable(),
  })
  .openapi('StorageQuota');
export type StorageQuota = z.infer<typeof storageQuotaSchema>;
