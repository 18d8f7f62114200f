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

const contentFields = {
  /** Off until an owner or an admin turns it on. */
  isKept: z.boolean(),
  /** Of the prompt, and as many of the answer; what is longer is cut. */
  bytesMax: z
    .number()
    .int()
    .min(1024)
    .max(256 * KIB),
  /** After so many days it is deleted. */
  keptDays: z.number().int().min(1).max(90),
};

export const projectContentsSchema = z
  .object({ projectId: z.string(), ...contentFields, updatedAt: z.iso.datetime().nullable() })
  .openapi('ProjectContents');
export type ProjectContents = z.infer<typeof projectContentsSchema>;

export const projectContentsUpdateSchema = z
  .strictObject(contentFields)
  .partial()
  .openapi('ProjectContentsUpdate');
export type ProjectContentsUpdate = z.input<typeof projectContentsUpdateSchema>;

/** One side of a request, as it crossed the front door. */
export const contentPartSchema = z.object({
  /** Empty where it was no text. */
  text: z.string(),
  /** Of all of it, kept or not. */
  bytes: z.number().int().min(0),
  /** There was more. */
  isCut: z.boolean(),
  isText: z.boolean(),
});
export type ContentPart = z.infer<typeof contentPartSchema>;

export const requestContentSchema = z
  .object({
    requestId: z.string(),
    request: contentPartSchema,
    answer: contentPartSchema,
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .openapi('RequestContent');
export type RequestContent = z.infer<typeof requestContentSchema>;
