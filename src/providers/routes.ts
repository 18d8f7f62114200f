/** Providers on our own API: `/cloud/v1/providers`, `/cloud/v1/provider-templates` and the master key's turn. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import {
  keyRotationSchema,
  providerCreateSchema,
  providerSchema,
  providerTemplateSchema,
  providerTestSchema,
  providerUpdateSchema,
} from './api.ts';
import { addModelRoutes } from './model-routes.ts';
import type { Providers } from './providers.ts';
import { errors, idParams, json, listOf, reader, tags, writer } from './route-parts.ts';
import { TEMPLATES } from './templates.ts';

const PAGE_MAX = 100;

const listProviders = createRoute({
  method: 'get',
  path: '/cloud/v1/providers',
  tags,
  request: {
    query: z.object({
      cursor: z.string().max(100).default(''),
      limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_MAX),
    }),
  },
  responses: {
    200: json(listOf(providerSchema), "The tenant's providers, with what they serve here."),
    ...errors,
  },
});

const listTemplates = createRoute({
  method: 'get',
  path: '/cloud/v1/provider-templates',
  tags,
  responses: { 200: json(listOf(providerTemplateSchema), 'Well-known providers.'), ...errors },
});

const createProvider = createRoute({
  method: 'post',
  path: '/cloud/v1/providers',
  tags,
  request: {
    body: { required: true, content: { 'application/json': { schema: providerCreateSchema } } },
  },
  responses: { 201: json(providerSchema, 'Kept; its key is not shown again.'), ...errors },
});

const showProvider = createRoute({
  method: 'get',
  path: '/cloud/v1/providers/{id}',
  tags,
  request: { params: idParams },
  responses: { 200: json(providerSchema, 'The provider.'), ...errors },
});

const updateProvider = createRoute({
  method: 'patch',
  path: '/cloud/v1/providers/{id}',
  tags,
  request: {
    params: idParams,
    body: { required: true, content: { 'application/json': { schema: providerUpdateSchema } } },
  },
  responses: { 200: json(providerSchema, 'The provider as it is now.'), ...errors },
});

const removeProvider = createRoute({
  method: 'delete',
  path: '/cloud/v1/providers/{id}',
  tags,
  request: { params: idParams },
  responses: { 204: { description: 'Removed, and its key erased.' }, ...errors },
});

const testProvider = createRoute({
  method: 'post',
  path: '/cloud/v1/providers/{id}/test',
  tags,
  request: { params: idParams },
  responses: { 200: json(providerTestSchema, 'How the connection is.'), ...errors },
});

const rotateMasterKey = createRoute({
  method: 'post',
  path: '/cloud/v1/master-key/rotate',
  tags,
  responses: {
    200: json(keyRotationSchema, 'Every stored key is sealed by the new master key.'),
    ...errors,
  },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createProviderRoutes(providers: Providers): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(listTemplates, (context) => {
    requirePermission(context.get('principal'), 'provider.read');
    return context.json({ data: [...TEMPLATES], nextCursor: null }, 200);
  });
  app.openapi(listProviders, async (context) => {
    const owner = reader(context.get('principal'));
    const { cursor, limit } = context.req.valid('query');
    const found = await providers.list(owner, { afterId: cursor, limit: limit + 1 });
    const data = found.slice(0, limit);
    const nextCursor = found.length > limit ? (data.at(-1)?.id ?? null) : null;
    return context.json({ data, nextCursor }, 200);
  });
  app.openapi(createProvider, async (context) => {
    const owner = writer(context.get('principal'));
    return context.json(await providers.create(owner, context.req.valid('json')), 201);
  });
  app.openapi(showProvider, async (context) => {
    const owner = reader(context.get('principal'));
    return context.json(await providers.get(owner, context.req.valid('param').id), 200);
  });
  app.openapi(updateProvider, async (context) => {
    const owner = writer(context.get('principal'));
    const { id } = context.req.valid('param');
    return context.json(await providers.update(owner, id, context.req.valid('json')), 200);
  });
  app.openapi(removeProvider, async (context) => {
    await providers.remove(writer(context.get('principal')), context.req.valid('param').id);
    return context.body(null, 204);
  });
  app.openapi(testProvider, async (context) => {
    const owner = writer(context.get('principal'));
    return context.json(await providers.test(owner, context.req.valid('param').id), 200);
  });
  app.openapi(rotateMasterKey, async (context) => {
    requirePermission(context.get('principal'), 'master_key.rotate');
    return context.json(await providers.rotateMasterKey(), 200);
  });
  addModelRoutes(app, providers);
  return app;
}
