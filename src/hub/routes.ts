/** The hub on our own API: `/cloud/v1/models/{name}` and `/cloud/v1/imports`. Lists are the catalogue's. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { importCreateSchema, importSchema, modelDetailSchema } from './api.ts';
import type { Hub } from './hub.ts';
import { PAGE_LIMIT, PAGE_LIMIT_MAX } from './page.ts';

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  content: { 'application/json': { schema } },
  description,
});

const failures = {
  400: json(errorSchema, 'The request is not valid.'),
  403: json(errorSchema, 'The role does not include this.'),
  404: json(errorSchema, 'There is no such thing, or it is not yours to see.'),
  409: json(errorSchema, 'Not in this state.'),
};

const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT),
  cursor: z.string().max(100).optional(),
});

const pageSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable() });

const modelParams = z.object({ owner: z.string().max(96), name: z.string().max(96) });
const importParams = z.object({ id: z.string().max(100) });

const showModel = createRoute({
  method: 'get',
  path: '/cloud/v1/models/{owner}/{name}',
  tags: ['Models'],
  summary: 'One model with its card, revisions and derivatives',
  request: { params: modelParams },
  responses: { 200: json(modelDetailSchema, 'The model.'), ...failures },
});

const removeModel = createRoute({
  method: 'delete',
  path: '/cloud/v1/models/{owner}/{name}',
  tags: ['Models'],
  summary: 'Remove a model that is not deployed',
  request: { params: modelParams },
  responses: { 204: { description: 'It is gone.' }, ...failures },
});

const createImport = createRoute({
  method: 'post',
  path: '/cloud/v1/imports',
  tags: ['Imports'],
  summary: 'Bring a model into the hub',
  request: {
    body: { required: true, content: { 'application/json': { schema: importCreateSchema } } },
  },
  responses: { 202: json(importSchema, 'The import, running.'), ...failures },
});

const listImports = createRoute({
  method: 'get',
  path: '/cloud/v1/imports',
  tags: ['Imports'],
  summary: 'Your imports, newest first',
  request: { query: pageQuery },
  responses: { 200: json(pageSchema(importSchema), 'A page of imports.'), ...failures },
});

const showImport = createRoute({
  method: 'get',
  path: '/cloud/v1/imports/{id}',
  tags: ['Imports'],
  summary: 'Where an import stands',
  request: { params: importParams },
  responses: { 200: json(importSchema, 'The import.'), ...failures },
});

const cancelImport = createRoute({
  method: 'delete',
  path: '/cloud/v1/imports/{id}',
  tags: ['Imports'],
  summary: 'Cancel a running import; nothing of it stays',
  request: { params: importParams },
  responses: { 200: json(importSchema, 'The import, cancelled.'), ...failures },
});

export function createHubRoutes(hub: Hub): OpenAPIHono<CloudEnv> {
  const api = createApi<CloudEnv>();
  modelRoutes(api, hub);
  importRoutes(api, hub);
  return api;
}

function modelRoutes(api: OpenAPIHono<CloudEnv>, hub: Hub): void {
  api.openapi(showModel, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.read');
    const { owner, name } = context.req.valid('param');
    return context.json(await hub.showModel(principal.tenantId, `${owner}/${name}`), 200);
  });

  api.openapi(removeModel, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.write');
    const { owner, name } = context.req.valid('param');
    await hub.removeModel(principal.tenantId, `${owner}/${name}`);
    return context.body(null, 204);
  });
}

function importRoutes(api: OpenAPIHono<CloudEnv>, hub: Hub): void {
  api.openapi(createImport, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.write');
    const caller = {
      tenantId: principal.tenantId,
      isOperator: principal.tenantKind === 'operator',
    };
    return context.json(await hub.startImport(caller, context.req.valid('json')), 202);
  });

  api.openapi(listImports, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.read');
    const page = await hub.listImports(principal.tenantId, context.req.valid('query'));
    return context.json({ ...page, data: [...page.data] }, 200);
  });

  api.openapi(showImport, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.read');
    const { id } = context.req.valid('param');
    return context.json(await hub.getImport(principal.tenantId, id), 200);
  });

  api.openapi(cancelImport, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.write');
    const { id } = context.req.valid('param');
    return context.json(await hub.cancelImport(principal.tenantId, id), 200);
  });
}
