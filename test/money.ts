/** Rows that tests of money stand on: tenants and models, written directly because only their ids matter. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { type Database, sql } from '#platform/database.ts';
import { createApi, handleErrors } from '#platform/http.ts';
import { createId } from '#platform/id.ts';
import { silentLog } from '#platform/log.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';

export async function insertTenant(
  database: Database,
  kind: 'operator' | 'customer' = 'customer',
  currency = 'CNY',
): Promise<string> {
  const id = createId('ten');
  await sql`insert into tenants (id, kind, name, currency) values (${id}, ${kind}, ${id}, ${currency})`.execute(
    database,
  );
  return id;
}

export async function insertModel(
  database: Database,
  tenantId: string,
  name = 'tiny',
): Promise<Readonly<{ id: string; name: string }>> {
  const id = createId('mdl');
  const card = JSON.stringify({ summary: '', tags: [] });
  await sql`insert into models (tenant_id, id, owner, name, visibility, card)
    values (${tenantId}, ${id}, ${tenantId}, ${name}, 'public', ${card}::jsonb)`.execute(database);
  return { id, name: `${tenantId}/${name}` };
}

/** A member of a tenant with every right its kind allows. */
export function ownerOf(
  tenantId: string,
  tenantKind: Principal['tenantKind'] = 'customer',
): Principal {
  return { tenantId, tenantKind, role: 'owner', userId: 'usr', keyId: null, projectId: null };
}

/** Calls routes as the control process does, with the principal already decided. */
export function callAs(
  principal: Principal,
  routes: OpenAPIHono<CloudEnv>,
): (path: string, body?: unknown) => Promise<Readonly<{ status: number; body: Answer }>> {
  const app = createApi<CloudEnv>();
  handleErrors(app, silentLog);
  app.use(async (context, next) => {
    context.set('principal', principal);
    await next();
  });
  app.route('/', routes);
  return async (path, body) => {
    const response = await app.request(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  };
}

/** Whatever the routes answer, loosely: tests compare the parts they name. */
export type Answer = Readonly<Record<string, unknown>> & {
  readonly error?: Readonly<{ code: string; message: string; param: string | null }>;
  readonly nextCursor?: string | null;
  readonly data?: readonly Readonly<Record<string, unknown>>[];
};
