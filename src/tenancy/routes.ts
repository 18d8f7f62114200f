/** The HTTP edge of tenancy: `/cloud/v1/{me,tenants,projects,members,keys,playground-key}` and sign-in. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import {
  errorSchema,
  keyCreateSchema,
  keyCreatedSchema,
  keySchema,
  meSchema,
  memberCreateSchema,
  memberCreatedSchema,
  memberSchema,
  memberUpdateSchema,
  pageQuerySchema,
  playgroundKeySchema,
  projectCreateSchema,
  projectSchema,
  tenantCreateSchema,
  tenantCreatedSchema,
  tenantSchema,
  tenantUpdateSchema,
} from './api.ts';
import type { CloudEnv } from './principal.ts';
import { SIGN_IN_PATH } from './sign-in.ts';
import type { Tenancy } from './tenancy.ts';

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createTenancyRoutes(tenancy: Tenancy): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  addMe(app, tenancy);
  addTenants(app, tenancy);
  addProjects(app, tenancy);
  addMembers(app, tenancy);
  addKeys(app, tenancy);
  app.on(['GET', 'POST'], `${SIGN_IN_PATH}/*`, (context) => tenancy.handleSignIn(context));
  return app;
}

type App = OpenAPIHono<CloudEnv>;

const idSchema = z.object({ id: z.string().max(100) });

function addMe(app: App, tenancy: Tenancy): void {
  const route = createRoute({
    method: 'get',
    tags: ['Access'],
    path: '/cloud/v1/me',
    responses: answers(200, 'Who is calling, and in which tenant.', meSchema),
  });
  app.openapi(route, async (context) =>
    context.json(await tenancy.me(context.get('principal')), 200),
  );
}

function addTenants(app: App, { tenants }: Tenancy): void {
  const path = '/cloud/v1/tenants';
  const list = createRoute({
    method: 'get',
    tags: ['Tenants'],
    path,
    request: { query: pageQuerySchema },
    responses: answers(
      200,
      'All tenants for the operator, else the own one.',
      pageOf(tenantSchema),
    ),
  });
  app.openapi(list, async (context) =>
    context.json(await tenants.list(context.get('principal'), context.req.valid('query')), 200),
  );
  const create = createRoute({
    method: 'post',
    tags: ['Tenants'],
    path,
    request: { body: body(tenantCreateSchema) },
    responses: answers(201, 'The tenant, its owner and first project.', tenantCreatedSchema),
  });
  app.openapi(create, async (context) =>
    context.json(await tenants.create(context.get('principal'), context.req.valid('json')), 201),
  );
  const update = createRoute({
    method: 'patch',
    tags: ['Tenants'],
    path: `${path}/{id}`,
    request: { params: idSchema, body: body(tenantUpdateSchema) },
    responses: answers(200, 'The tenant as it is now.', tenantSchema),
  });
  app.openapi(update, async (context) => {
    const { id } = context.req.valid('param');
    const change = context.req.valid('json');
    return context.json(await tenants.update(context.get('principal'), id, change), 200);
  });
}

function addProjects(app: App, { projects }: Tenancy): void {
  const path = '/cloud/v1/projects';
  const list = createRoute({
    method: 'get',
    tags: ['Projects'],
    path,
    request: { query: pageQuerySchema },
    responses: answers(200, 'Projects, newest first.', pageOf(projectSchema)),
  });
  app.openapi(list, async (context) =>
    context.json(await projects.list(context.get('principal'), context.req.valid('query')), 200),
  );
  const create = createRoute({
    method: 'post',
    tags: ['Projects'],
    path,
    request: { body: body(projectCreateSchema) },
    responses: answers(201, 'The new project.', projectSchema),
  });
  app.openapi(create, async (context) =>
    context.json(await projects.create(context.get('principal'), context.req.valid('json')), 201),
  );
}

function addMembers(app: App, { members }: Tenancy): void {
  const path = '/cloud/v1/members';
  const list = createRoute({
    method: 'get',
    tags: ['Members'],
    path,
    request: { query: pageQuerySchema },
    responses: answers(200, 'Members, newest first.', pageOf(memberSchema)),
  });
  app.openapi(list, async (context) =>
    context.json(await members.list(context.get('principal'), context.req.valid('query')), 200),
  );
  const create = createRoute({
    method: 'post',
    tags: ['Members'],
    path,
    request: { body: body(memberCreateSchema) },
    responses: answers(201, 'The member, and a first password shown once.', memberCreatedSchema),
  });
  app.openapi(create, async (context) =>
    context.json(await members.create(context.get('principal'), context.req.valid('json')), 201),
  );
  const update = createRoute({
    method: 'patch',
    tags: ['Members'],
    path: `${path}/{id}`,
    request: { params: idSchema, body: body(memberUpdateSchema) },
    responses: answers(200, 'The member with the new role.', memberSchema),
  });
  app.openapi(update, async (context) => {
    const { id } = context.req.valid('param');
    const change = context.req.valid('json');
    return context.json(await members.update(context.get('principal'), id, change), 200);
  });
  const remove = createRoute({
    method: 'delete',
    tags: ['Members'],
    path: `${path}/{id}`,
    request: { params: idSchema },
    responses: gone('The member is out of the tenant.'),
  });
  app.openapi(remove, async (context) => {
    await members.remove(context.get('principal'), context.req.valid('param').id);
    return context.body(null, 204);
  });
}

function addKeys(app: App, { keys }: Tenancy): void {
  const path = '/cloud/v1/keys';
  const list = createRoute({
    method: 'get',
    tags: ['Keys'],
    path,
    request: { query: pageQuerySchema },
    responses: answers(200, 'Keys, newest first, revoked ones too.', pageOf(keySchema)),
  });
  app.openapi(list, async (context) =>
    context.json(await keys.list(context.get('principal'), context.req.valid('query')), 200),
  );
  const create = createRoute({
    method: 'post',
    tags: ['Keys'],
    path,
    request: { body: body(keyCreateSchema) },
    responses: answers(201, 'The key; its secret is shown this once.', keyCreatedSchema),
  });
  app.openapi(create, async (context) =>
    context.json(await keys.create(context.get('principal'), context.req.valid('json')), 201),
  );
  const revoke = createRoute({
    method: 'delete',
    tags: ['Keys'],
    path: `${path}/{id}`,
    request: { params: idSchema },
    responses: gone('The key is refused from now on.'),
  });
  app.openapi(revoke, async (context) => {
    await keys.revoke(context.get('principal'), context.req.valid('param').id);
    return context.body(null, 204);
  });
  const playground = createRoute({
    method: 'post',
    tags: ['Keys'],
    path: '/cloud/v1/playground-key',
    responses: answers(201, 'A key for an hour, for the console.', playgroundKeySchema),
  });
  app.openapi(playground, async (context) =>
    context.json(await keys.createPlaygroundKey(context.get('principal')), 201),
  );
}

const failure = {
  description: 'Refused; the body says why.',
  content: { 'application/json': { schema: errorSchema } },
};

function answers<Status extends number, Schema extends z.ZodType>(
  status: Status,
  description: string,
  schema: Schema,
) {
  const success = { description, content: { 'application/json': { schema } } };
  // The key is computed, which widens it to `string`; the assertion says again what it is.
  return { [status]: success, default: failure } as Record<Status, typeof success> & {
    default: typeof failure;
  };
}

function gone(description: string) {
  return { 204: { description }, default: failure };
}

function body<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } };
}

function pageOf<Schema extends z.ZodType>(schema: Schema) {
  return z.object({ data: z.array(schema), nextCursor: z.string().nullable() });
}
