/** The public shapes of tenancy: what `/cloud/v1` says of tenants, projects, members and keys. */
import { z } from '@hono/zod-openapi';
import { DEFAULT_CURRENCY, currencySchema } from './currency.ts';

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

/** A new tenant starts with one owner and one project; only the operator makes tenants. */
export const tenantCreateSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    kind: z.enum(['partner', 'customer']).default('customer'),
    /** In which it has its balance, is charged and pays; never changed afterwards. */
    currency: currencySchema.default(DEFAULT_CURRENCY),
    owner: z.object({
      name: z.string().trim().min(1).max(100),
      email: z.email().max(254),
      accountCode: z.string().max(100).optional(),
    }),
  })
  .openapi('TenantCreate');
export type TenantCreate = z.input<typeof tenantCreateSchema>;

/** A suspended tenant's keys and members are refused everywhere until it is active again. */
export const tenantUpdateSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(100).optional(),
    state: z.enum(['active', 'suspended']).optional(),
  })
  .openapi('TenantUpdate');
export type TenantUpdate = z.input<typeof tenantUpdateSchema>;

export const projectSchema = z
  .object({ id: z.string(), tenantId: z.string(), name: z.string(), createdAt: z.iso.datetime() })
  .openapi('Project');
export type Project = z.infer<typeof projectSchema>;

export const projectCreateSchema = z
  .strictObject({ name: z.string().trim().min(1).max(100) })
  .openapi('ProjectCreate');
export type ProjectCreate = z.input<typeof projectCreateSchema>;

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

export const memberCreateSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    email: z.email().max(254),
    role: roleSchema.default('developer'),
    /**
     * Needed for a person who signs in here already: only they see it, so nobody can be let into a
     * tenant through an account that somebody else opened in their name.
     */
    accountCode: z.string().max(100).optional(),
  })
  .openapi('MemberCreate');
export type MemberCreate = z.input<typeof memberCreateSchema>;

/** `password` is shown this once; null when the person already signs in here with their own. */
export const memberCreatedSchema = memberSchema
  .extend({ password: z.string().nullable() })
  .openapi('MemberCreated');
export type MemberCreated = z.infer<typeof memberCreatedSchema>;

export const memberUpdateSchema = z.strictObject({ role: roleSchema }).openapi('MemberUpdate');
export type MemberUpdate = z.input<typeof memberUpdateSchema>;

export const tenantCreatedSchema = tenantSchema
  .extend({ owner: memberCreatedSchema })
  .openapi('TenantCreated');
export type TenantCreated = z.infer<typeof tenantCreatedSchema>;

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
  .strictObject({
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

/** A short-lived secret with the member's own rights, for the console's calls to `/v1`. */
export const playgroundKeySchema = z
  .object({ secret: z.string(), expiresAt: z.iso.datetime() })
  .openapi('PlaygroundKey');
export type PlaygroundKey = z.infer<typeof playgroundKeySchema>;

/** Who is calling: `GET /cloud/v1/me`. `member` is null when a key calls. */
export const meSchema = z
  .object({
    member: z
      .object({
        id: z.string(),
        name: z.string(),
        email: z.string(),
        locale: z.enum(['en', 'zh-CN']),
        /** What to tell the owner of another tenant who wants to add this person there. */
        accountCode: z.string(),
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

/** `GET …?cursor&limit`; `nextCursor` of the answer is the next `cursor`, null at the end. */
export const pageQuerySchema = z.object({
  cursor: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type PageQuery = z.infer<typeof pageQuerySchema>;

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
