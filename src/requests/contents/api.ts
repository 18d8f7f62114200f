/** The public shapes of kept prompts and answers. */
import { z } from '@hono/zod-openapi';

const fields = {
  /** Off until an owner or an admin turns it on. */
  isKept: z.boolean(),
  /** Of the prompt, and as many of the answer; what is longer is cut. */
  bytesMax: z
    .number()
    .int()
    .min(1024)
    .max(256 * 1024),
  /** After so many days it is deleted. */
  keptDays: z.number().int().min(1).max(90),
};

export const projectContentsSchema = z
  .object({ projectId: z.string(), ...fields, updatedAt: z.iso.datetime().nullable() })
  .openapi('ProjectContents');
export type ProjectContents = z.infer<typeof projectContentsSchema>;

export const projectContentsUpdateSchema = z
  .strictObject(fields)
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
