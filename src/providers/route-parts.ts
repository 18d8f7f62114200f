/** What the routes of providers share. */
import { z } from '@hono/zod-openapi';
import { errorSchema } from '#tenancy/api.ts';
import { type Principal, requirePermission } from '#tenancy/principal.ts';
import type { Owner } from './providers.ts';

export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

export const errors = { default: json(errorSchema, 'Refused; the body says why.') };

export const tags = ['Providers'];

export const idParams = z.object({ id: z.string().max(100) });

export const listOf = <T extends z.ZodType>(schema: T) =>
  z.object({ data: z.array(schema), nextCursor: z.string().nullable() });

export function reader(principal: Principal): Owner {
  requirePermission(principal, 'provider.read');
  return ownerOf(principal);
}

export function writer(principal: Principal): Owner {
  requirePermission(principal, 'provider.write');
  return ownerOf(principal);
}

function ownerOf({ tenantId, tenantKind }: Principal): Owner {
  return { tenantId, isOperator: tenantKind === 'operator' };
}
