/** The public shapes of the hub: models, revisions, files and imports. */
import { z } from '@hono/zod-openapi';

/** What weights say of themselves, read from their header. */
export const weightsSchema = z
  .object({
    format: z.enum(['gguf', 'safetensors', 'other']),
    path: z.string(),
    architecture: z.string().nullable(),
    parameters: z.number().int().nullable(),
    contextLength: z.number().int().nullable(),
    quantization: z.string().nullable(),
    sizeBytes: z.number().int(),
    /** True for an adapter (LoRA) that needs its base's weights. */
    isAdapter: z.boolean(),
  })
  .openapi('Weights');
export type Weights = z.infer<typeof weightsSchema>;

export const fileSchema = z
  .object({
    path: z.string(),
    sizeBytes: z.number().int(),
    sha256: z.string(),
    /** SHA-1 of a small file that git keeps itself; of others it keeps a pointer of LFS. */
    gitOid: z.string().optional(),
    isExecutable: z.boolean().optional(),
  })
  .openapi('File');
export type File = z.infer<typeof fileSchema>;

export const revisionSchema = z
  .object({
    id: z.string(),
    message: z.string(),
    sizeBytes: z.number().int(),
    createdAt: z.iso.datetime(),
    weights: weightsSchema.nullable(),
    files: z.array(fileSchema),
  })
  .openapi('Revision');
export type Revision = z.infer<typeof revisionSchema>;

export const baseSchema = z.object({
  name: z.string(),
  modelId: z.string().nullable(),
  relation: z.enum(['adapter', 'finetune', 'quantized', 'merge']),
});
export type Base = z.infer<typeof baseSchema>;

export const repositoryKindSchema = z.enum(['model', 'dataset', 'space']);
export type RepositoryKind = z.infer<typeof repositoryKindSchema>;

/** Internal: for whoever has an account on this cloud. */
export const visibilitySchema = z.enum(['public', 'internal', 'private']);
export type Visibility = z.infer<typeof visibilitySchema>;

/** Whether the files are for those only who were let in: at once on asking, or by the owner's word. */
export const gatedSchema = z.enum(['no', 'auto', 'manual']);
export type Gated = z.infer<typeof gatedSchema>;

export const modelSchema = z
  .object({
    id: z.string(),
    /** `owner/name` */
    name: z.string(),
    tenantId: z.string(),
    kind: repositoryKindSchema,
    visibility: visibilitySchema,
    gated: gatedSchema,
    license: z.string().nullable(),
    /** First paragraph of the card. */
    summary: z.string(),
    tags: z.array(z.string()),
    /** What it is for, as cards name it (`pipeline_tag`), said or inferred. */
    task: z.string().nullable(),
    library: z.string().nullable(),
    languages: z.array(z.string()),
    datasets: z.array(z.string()),
    bases: z.array(baseSchema),
    weights: weightsSchema.nullable(),
    sizeBytes: z.number().int(),
    likes: z.number().int(),
    /** In the last 30 days; counted as Hugging Face counts. */
    downloads: z.number().int(),
    downloadsAllTime: z.number().int(),
    /** What `sort=trending` sorts by; its rule is in docs/guides/catalogue.md. */
    trending: z.number(),
    latestRevisionId: z.string().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Model');
export type Model = z.infer<typeof modelSchema>;

export const modelDetailSchema = modelSchema
  .extend({
    /** README.md of the latest revision, without its front matter. */
    card: z.string(),
    revisions: z.array(revisionSchema),
    derivatives: z.array(z.object({ name: z.string(), relation: z.string() })),
  })
  .openapi('ModelDetail');
export type ModelDetail = z.infer<typeof modelDetailSchema>;

export const accessStateSchema = z.enum(['pending', 'accepted', 'rejected']);

/** A repository of any kind as one page shows it. */
export const repositoryDetailSchema = modelSchema
  .extend({
    /** README.md of main, without its front matter. */
    card: z.string(),
    /** The front matter: texts and lists of texts. */
    cardFields: z.record(z.string(), z.array(z.string())),
    fileCount: z.number().int(),
    /** What the caller may do with it. */
    access: z.enum(['read', 'write', 'admin']),
    mayReadFiles: z.boolean(),
    /** Of the caller's tenant, where the files are gated. */
    accessRequest: accessStateSchema.nullable(),
  })
  .openapi('RepositoryDetail');
export type RepositoryDetail = z.infer<typeof repositoryDetailSchema>;

export const weightsHeaderSchema = z
  .object({
    format: z.enum(['gguf', 'safetensors']),
    tensorCount: z.number().int(),
    parameters: z.number().int(),
    metadata: z.array(z.object({ key: z.string(), value: z.string() })),
    /** The first of them. */
    tensors: z.array(
      z.object({ name: z.string(), dtype: z.string(), shape: z.array(z.number().int()) }),
    ),
  })
  .openapi('WeightsHeader');
export type WeightsHeader = z.infer<typeof weightsHeaderSchema>;

export const importSchema = z
  .object({
    id: z.string(),
    modelName: z.string(),
    source: z.string(),
    state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
    /** reading, downloading, hashing, checking, storing, done */
    stage: z.string(),
    receivedBytes: z.number().int(),
    totalBytes: z.number().int().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    revisionId: z.string().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Import');
export type Import = z.infer<typeof importSchema>;

export const importCreateSchema = z
  .strictObject({
    /** `owner/name` of the model to create or to add a revision to. */
    modelName: z.string().regex(/^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/),
    /** An http(s) URL, or a file or folder on the machine of control (operator only). */
    source: z.string().min(1).max(4096),
    visibility: z.enum(['public', 'private']).default('private'),
    license: z.string().max(100).nullable().default(null),
    /** Expected SHA-256 of a single file, hex. */
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    message: z.string().max(500).default(''),
    /** Bearer token for the source. Kept in memory only: an import that outlives its process has none. */
    token: z.string().min(1).max(500).optional(),
  })
  .openapi('ImportCreate');
export type ImportCreate = z.input<typeof importCreateSchema>;

export type {
  Changes,
  Collection,
  CollectionCreate,
  CollectionItem,
  CollectionUpdate,
  Discussion,
  DiscussionCreate,
  DiscussionDetail,
  DiscussionEvent,
  DiscussionPage,
  DiscussionUpdate,
  FileChange,
  ItemCreate,
  ItemUpdate,
  Liked,
} from './community/shapes.ts';
