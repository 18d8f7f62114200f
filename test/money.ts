/** Rows that tests of money stand on: tenants and models, written directly because only their ids matter. */
import { randomBytes } from 'node:crypto';
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

/** A model with weights in one revision, as far as rows say: it can be priced and served by somebody else. */
export async function insertPublishedModel(
  database: Database,
  tenantId: string,
  name = 'tiny',
): Promise<Readonly<{ id: string; name: string }>> {
  const model = await insertModel(database, tenantId, name);
  const revisionId = randomBytes(20).toString('hex');
  const nothing = { architecture: null, parameters: null, contextLength: null, quantization: null };
  const weights = { format: 'other', path: 'model', ...nothing, sizeBytes: 0, isAdapter: false };
  const metadata = JSON.stringify({ weights, parts: [] });
  await sql`insert into revisions (tenant_id, model_id, id, metadata, size_bytes)
    values (${tenantId}, ${model.id}, ${revisionId}, ${metadata}::jsonb, 0)`.execute(database);
  await sql`update models set latest_revision_id = ${revisionId} where id = ${model.id}`.execute(
    database,
  );
  return model;
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
