/** What the route files of credits share: answers, pages and whose credit is asked about. */
import { z } from '@hono/zod-openapi';
import { chooseTenant } from '#ledger/tenant-choice.ts';
import { errorSchema } from '#tenancy/api.ts';
import type { Principal } from '#tenancy/principal.ts';
import { fail } from './errors.ts';
import type { Viewer } from './ports.ts';

export const failure = {
  description: 'Refused; the body says why.',
  content: { 'application/json': { schema: errorSchema } },
};

export function answer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } };
}

export function body<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } };
}

/** The operator may name a tenant; everybody else has their own. */
export const tenantQuery = z.object({ tenantId: z.string().min(1).max(100).optional() });

export const idParam = z.object({ id: z.string().min(1).max(100) });

export function viewerOf({ tenantId, tenantKind }: Principal): Viewer {
  return { tenantId, isOperator: tenantKind === 'operator' };
}

/** Whoever did it, for the record: a person, or a key. */
export function actorOf({ userId, keyId }: Principal): string | null {
  return userId ?? keyId;
}

/** Raises `ledger.tenant_unknown` for another's, `credit.tenant_unknown` where one must be named. */
export function oneTenant(principal: Principal, asked: string | undefined): string {
  const chosen = chooseTenant(principal, asked);
  if (chosen !== null) return chosen;
  throw fail('credit.tenant_unknown', 'This belongs to one tenant.', { param: 'tenantId' });
}

/** The page, and where the next begins. */
export function pageOf<Row extends Readonly<{ id: string }>>(
  rows: readonly Row[],
  limit: number,
): { data: Row[]; nextCursor: string | null } {
  const data = rows.slice(0, limit);
  const last = rows.length > limit ? data.at(-1) : undefined;
  return { data, nextCursor: last?.id ?? null };
}
