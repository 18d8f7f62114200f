/** The public shapes of what a project wants done with its requests. */
import { z } from '@hono/zod-openapi';

const KIB = 1024;
const MIB = 1024 * KIB;

const fields = {
  isEnabled: z.boolean(),
  /** How long an answer is one. */
  ttlSeconds: z
    .number()
    .int()
    .min(1)
    .max(7 * 24 * 3600),
  /** A longer answer is not kept. */
  entryBytesMax: z
    .number()
    .int()
    .min(KIB)
    .max(4 * MIB),
  /** Of all answers together, per gateway. */
  bytesMax: z
    .number()
    .int()
    .min(KIB)
    .max(64 * MIB),
  entriesMax: z.number().int().min(1).max(100_000),
  /** Also answers that are drawn by lot: with a temperature above 0 and no seed. */
  cachesSampled: z.boolean(),
};

export const projectCacheSchema = z
  .object({ projectId: z.string(), ...fields, updatedAt: z.iso.datetime().nullable() })
  .openapi('ProjectCache');
export type ProjectCache = z.infer<typeof projectCacheSchema>;

export const projectCacheUpdateSchema = z
  .strictObject(fields)
  .partial()
  .openapi('ProjectCacheUpdate');
export type ProjectCacheUpdate = z.input<typeof projectCacheUpdateSchema>;
