/** Public shapes of the scrub: whether what the hub keeps is what it was. */
import { z } from '@hono/zod-openapi';

const time = z.iso.datetime();

export const hubFaultSchema = z
  .object({
    id: z.string(),
    /** A `blob` or a `xorb` by its hash, an `object` of the store by its key. */
    object: z.object({ kind: z.enum(['blob', 'xorb', 'object']), name: z.string() }),
    /** `orphaned`: nobody needs it; it costs room and nothing else. */
    says: z.enum(['damaged', 'missing', 'orphaned']),
    detail: z.string(),
    /** Of a xorb, the first chunk that is wrong. */
    chunk: z.number().int().nullable(),
    /** Bytes `[start, end)` of the object within which the fault lies. */
    range: z.object({ start: z.number().int(), end: z.number().int() }).nullable(),
    firstSeenAt: time,
    lastSeenAt: time,
    resolvedAt: time.nullable(),
    /** The files that are hit, 100 at most. */
    files: z.array(
      z.object({
        kind: z.string(),
        repository: z.string(),
        revision: z.string(),
        path: z.string(),
      }),
    ),
  })
  .openapi('HubFault');
export type HubFault = z.infer<typeof hubFaultSchema>;

/** `POST /cloud/v1/hub/checks`, `GET /cloud/v1/hub/checks/{id}` */
export const hubCheckSchema = z
  .object({
    id: z.string(),
    /** `failed`: it could not be finished, which says nothing about the bytes. */
    state: z.enum(['running', 'done', 'failed']),
    /** True when it is done and nothing is damaged or missing. */
    holds: z.boolean(),
    /** Null: everything that the hub keeps. */
    repositoryId: z.string().nullable(),
    objects: z.number().int(),
    bytes: z.number().int(),
    faults: z.array(hubFaultSchema),
    problem: z.string().nullable(),
    startedAt: time,
    endedAt: time.nullable(),
  })
  .openapi('HubCheck');
export type HubCheck = z.infer<typeof hubCheckSchema>;

/** `GET /cloud/v1/hub/integrity` */
export const hubIntegritySchema = z
  .object({
    /** `waiting`: no run over everything has ended yet. */
    state: z.enum(['ok', 'broken', 'waiting']),
    faults: z.array(hubFaultSchema),
    resolved: z.array(hubFaultSchema),
    lastRunAt: time.nullable(),
    lastObjects: z.number().int(),
    lastBytes: z.number().int(),
    /** Objects that the run under way has read; null between runs. */
    underWay: z.number().int().nullable(),
    problem: z.string().nullable(),
    check: hubCheckSchema.nullable(),
  })
  .openapi('HubIntegrity');
export type HubIntegrity = z.infer<typeof hubIntegritySchema>;

export const hubCheckCreateSchema = z
  .strictObject({
    repository: z
      .strictObject({
        kind: z.enum(['model', 'dataset', 'space']).default('model'),
        name: z.string().min(3).max(200),
      })
      .optional(),
  })
  .openapi('HubCheckCreate');
