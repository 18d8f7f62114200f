/** Public shapes of roles in one repository. */
import { z } from '@hono/zod-openapi';

export const grantRoleSchema = z.enum(['read', 'write', 'admin']);

export const repositoryGrantSchema = z
  .object({
    /** Whom: a namespace of the other tenant. */
    owner: z.string(),
    /** Read its files; write commits; or all that its own tenant may, deleting it included. */
    role: grantRoleSchema,
    createdAt: z.iso.datetime(),
  })
  .openapi('RepositoryGrant');
export type RepositoryGrant = z.infer<typeof repositoryGrantSchema>;

export const repositoryGrantsSchema = z
  .object({ data: z.array(repositoryGrantSchema) })
  .openapi('RepositoryGrants');

export const grantSetSchema = z.strictObject({ role: grantRoleSchema }).openapi('GrantSet');
