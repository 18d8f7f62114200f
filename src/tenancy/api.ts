/** The public shapes of tenancy: what `/cloud/v1` says of tenants, projects, members and keys. */
import { z } from '@hono/zod-openapi';

export const roleSchema = z.enum(['owner', 'admin', 'developer', 'finance', 'viewer']);
export type Role = z.infer<typeof roleSchema>;

export const tenantSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['operator', 'partner', 'customer']),
    currency: z.string(),
    state: z.enum(['active', 'suspended']),
    createdAt: z.iso.datetime(),
  })
  .openapi('Tenant');
export type Tenant = z.infer<typeof tenantSchema>;

export const projectSchema = z
  .object({ id: z.string(), tenantId: z.string(), name: z.string(), createdAt: z.iso.datetime() })
  .openapi('Project');
export type Project = z.infer<typeof projectSchema>;

export const memberSchema = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    name: z.string(),
    email: z.string(),
    role: roleSchema,
    createdAt: z.iso.datetime(),
  })
  .openapi('Member');
export type Member = z.infer<typeof memberSchema>;

export const keySchema = z
  .object({
    id: z.string(),
    projectId: z.string(),
    name: z.string(),
    /** `sk-fw-…` keys call the APIs; `hf_…` tokens are what hub clients accept. Either works everywhere. */
    kind: z.enum(['api', 'hub']),
    hint: z.string(),
    role: roleSchema,
    /** Null means every model the tenant may call. */
    models: z.array(z.string()).nullable(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
  })
  .openapi('Key');
export type Key = z.infer<typeof keySchema>;

export const keyCreateSchema = z
  .object({
    name: z.string().trim().min(1).max(100),
    kind: z.enum(['api', 'hub']).default('api'),
    role: roleSchema.default('developer'),
    models: z.array(z.string().min(1).max(200)).min(1).max(100).nullable().default(null),
    /** Absolute; null never expires. */
    expiresAt: z.iso.datetime().nullable().default(null),
    /** Defaults to the tenant's first project. */
    projectId: z.string().optional(),
  })
  .openapi('KeyCreate');
export type KeyCreate = z.input<typeof keyCreateSchema>;

/** The only answer that ever holds the secret. */
export const keyCreatedSchema = keySchema.extend({ secret: z.string() }).openapi('KeyCreated');
export type KeyCreated = z.infer<typeof keyCreatedSchema>;

/** Who is calling: `GET /cloud/v1/me`. `member` is null when a key calls. */
export const meSchema = z
  .object({
    member: z
      .object({
        id: z.string(),
        name: z.string(),
        email: z.string(),
        locale: z.enum(['en', 'zh-CN']),
      })
      .nullable(),
    tenant: tenantSchema,
    role: roleSchema,
    projects: z.array(projectSchema),
    /** Every tenant the member belongs to; the chosen one is sent back as the header `x-flywheel-tenant`. */
    tenants: z.array(z.object({ id: z.string(), name: z.string(), role: roleSchema })),
  })
  .openapi('Me');
export type Me = z.infer<typeof meSchema>;

/** The one error shape of our own API, the same as OpenAI's. */
export const errorSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      code: z.string(),
      param: z.string().nullable(),
      requestId: z.string(),
    }),
  })
  .openapi('Error');
export type ErrorBody = z.infer<typeof errorSchema>;
