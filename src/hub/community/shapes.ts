/** The public shapes of what people say to each other at repositories; `api.ts` of the hub hands them on. */
import { z } from '@hono/zod-openapi';

/** Longer texts belong into a file. */
export const TEXT_LENGTH_MAX = 65_536;
export const TITLE_LENGTH_MAX = 200;

const text = z.string().trim().min(1).max(TEXT_LENGTH_MAX);
const title = z.string().trim().min(1).max(TITLE_LENGTH_MAX);

export const discussionSchema = z
  .object({
    num: z.number().int(),
    /** A pull request is a discussion with commits, on `refs/pr/<num>`. */
    isPullRequest: z.boolean(),
    title: z.string(),
    status: z.enum(['open', 'closed', 'draft', 'merged']),
    /** Then only those who may write to the repository go on. */
    isLocked: z.boolean(),
    /** A namespace of whoever opened it. */
    author: z.string(),
    comments: z.number().int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Discussion');
export type Discussion = z.infer<typeof discussionSchema>;

const eventFields = {
  id: z.string(),
  author: z.string(),
  createdAt: z.iso.datetime(),
};

export const discussionEventSchema = z
  .discriminatedUnion('kind', [
    z.object({
      ...eventFields,
      kind: z.literal('comment'),
      /** Markdown; empty once it is hidden. */
      text: z.string(),
      editedAt: z.iso.datetime().nullable(),
      isHidden: z.boolean(),
      /** Whether the caller wrote it. */
      isYours: z.boolean(),
    }),
    z.object({ ...eventFields, kind: z.literal('status'), status: discussionSchema.shape.status }),
    z.object({ ...eventFields, kind: z.literal('title'), from: z.string(), to: z.string() }),
    z.object({
      ...eventFields,
      kind: z.literal('commit'),
      revisionId: z.string(),
      subject: z.string(),
    }),
  ])
  .openapi('DiscussionEvent');
export type DiscussionEvent = z.infer<typeof discussionEventSchema>;

export const discussionDetailSchema = discussionSchema
  .extend({
    events: z.array(discussionEventSchema),
    /** What the caller may do: go on, change its state and title, and merge it. */
    may: z.object({ comment: z.boolean(), change: z.boolean(), govern: z.boolean() }),
    pull: z
      .object({
        /** What main became by it. */
        mergeRevisionId: z.string().nullable(),
        /** Paths that main and the pull request changed to different contents, while it is open. */
        conflicts: z.array(z.string()),
      })
      .nullable(),
  })
  .openapi('DiscussionDetail');
export type DiscussionDetail = z.infer<typeof discussionDetailSchema>;

export const discussionPageSchema = z.object({
  data: z.array(discussionSchema),
  /** Of all that fit the filters. */
  count: z.number().int(),
  start: z.number().int(),
});
export type DiscussionPage = z.infer<typeof discussionPageSchema>;

export const discussionCreateSchema = z
  .strictObject({ title, text: z.string().trim().max(TEXT_LENGTH_MAX).default('') })
  .openapi('DiscussionCreate');
export type DiscussionCreate = z.input<typeof discussionCreateSchema>;

export const discussionUpdateSchema = z
  .strictObject({
    title: title.optional(),
    status: z.enum(['open', 'closed']).optional(),
    isLocked: z.boolean().optional(),
    /** Said along with it. */
    comment: text.optional(),
  })
  .openapi('DiscussionUpdate');
export type DiscussionUpdate = z.input<typeof discussionUpdateSchema>;

export const commentSchema = z.strictObject({ text }).openapi('CommentText');

const sideSchema = z.object({ sizeBytes: z.number().int(), sha256: z.string() }).nullable();

export const fileChangeSchema = z
  .object({
    path: z.string(),
    /** Where it lay before, when it only moved. */
    from: z.string().nullable(),
    status: z.enum(['added', 'removed', 'changed', 'moved']),
    before: sideSchema,
    after: sideSchema,
    /** Null where the sides are no texts, or too large to be read line by line. */
    hunks: z
      .array(
        z.object({
          beforeStart: z.number().int(),
          beforeLines: z.number().int(),
          afterStart: z.number().int(),
          afterLines: z.number().int(),
          lines: z.array(
            z.object({ kind: z.enum(['same', 'added', 'removed']), text: z.string() }),
          ),
        }),
      )
      .nullable(),
  })
  .openapi('FileChange');
export type FileChange = z.infer<typeof fileChangeSchema>;

export const changesSchema = z
  .object({
    files: z.array(fileChangeSchema),
    /** Files beyond those listed. */
    left: z.number().int(),
  })
  .openapi('Changes');
export type Changes = z.infer<typeof changesSchema>;

export const likedSchema = z
  .object({ likes: z.number().int(), isLiked: z.boolean() })
  .openapi('Liked');
export type Liked = z.infer<typeof likedSchema>;

export const collectionItemSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['model', 'dataset', 'space', 'collection']),
    /** `owner/name`, or the slug of a collection. */
    name: z.string(),
    title: z.string(),
    note: z.string(),
    position: z.number().int(),
  })
  .openapi('CollectionItem');
export type CollectionItem = z.infer<typeof collectionItemSchema>;

const collectionTitle = z.string().trim().min(1).max(120);
const note = z.string().max(2_000);
const position = z.number().int().min(0).max(100_000);

export const collectionCreateSchema = z
  .strictObject({
    /** A namespace that the tenant holds; its default without one. */
    owner: z.string().min(1).max(96).optional(),
    title: collectionTitle,
    description: note.default(''),
    isPrivate: z.boolean().default(false),
  })
  .openapi('CollectionCreate');
export type CollectionCreate = z.input<typeof collectionCreateSchema>;

export const itemCreateSchema = z
  .strictObject({
    kind: collectionItemSchema.shape.kind,
    name: z.string().min(1).max(300),
    note: note.default(''),
  })
  .openapi('CollectionItemCreate');
export type ItemCreate = z.input<typeof itemCreateSchema>;

export const itemUpdateSchema = z
  .strictObject({ note: note.optional(), position: position.optional() })
  .openapi('CollectionItemUpdate');
export type ItemUpdate = z.input<typeof itemUpdateSchema>;

/** Colours that a collection may have. */
export const THEMES = ['orange', 'blue', 'green', 'purple', 'pink', 'indigo'] as const;

export const collectionSchema = z
  .object({
    /** `owner/title-<id>`; what counts is the id at its end. */
    slug: z.string(),
    owner: z.string(),
    title: z.string(),
    description: z.string(),
    isPrivate: z.boolean(),
    theme: z.enum(THEMES),
    position: z.number().int(),
    /** Whether the caller's tenant holds it. */
    isYours: z.boolean(),
    updatedAt: z.iso.datetime(),
    /** As far as the caller may see them. In a list the first four. */
    items: z.array(collectionItemSchema),
  })
  .openapi('Collection');
export type Collection = z.infer<typeof collectionSchema>;

export const collectionUpdateSchema = z
  .strictObject({
    title: collectionTitle.optional(),
    description: note.optional(),
    isPrivate: z.boolean().optional(),
    theme: z.enum(THEMES).optional(),
    position: position.optional(),
  })
  .openapi('CollectionUpdate');
export type CollectionUpdate = z.input<typeof collectionUpdateSchema>;
