/** The HTTP edge of limits: `/cloud/v1/limits`. A limit has no id of its own; its level and scope name it. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { levelSchema, limitSchema, limitSetSchema } from './api.ts';
import type { Limits } from './limits.ts';

const failure = {
  description: 'Refused; the body says why.',
  content: { 'application/json': { schema: errorSchema } },
};

const address = z.object({ level: levelSchema, scopeId: z.string().min(1).max(100) });

const list = createRoute({
  method: 'get',
  tags: ['Limits'],
  path: '/cloud/v1/limits',
  request: { query: z.object({ tenantId: z.string().min(1).max(100).optional() }) },
  responses: {
    200: {
      description: 'Every limit of the tenant with its use, the ceiling of the platform first.',
      content: { 'application/json': { schema: z.object({ data: z.array(limitSchema) }) } },
    },
    default: failure,
  },
});

const set = createRoute({
  method: 'put',
  tags: ['Limits'],
  path: '/cloud/v1/limits/{level}/{scopeId}',
  request: {
    params: address,
    body: { required: true, content: { 'application/json': { schema: limitSetSchema } } },
  },
  responses: {
    200: {
      description: 'The limit as it is now; in force on every gateway within seconds.',
      content: { 'application/json': { schema: limitSchema } },
    },
    default: failure,
  },
});

const remove = createRoute({
  method: 'delete',
  tags: ['Limits'],
  path: '/cloud/v1/limits/{level}/{scopeId}',
  request: { params: address },
  responses: { 204: { description: 'The limit is gone.' }, default: failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createLimitRoutes(limits: Limits): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(list, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'limit.read');
    const data = await limits.list(principal, context.req.valid('query').tenantId);
    return context.json({ data: [...data] }, 200);
  });
  app.openapi(set, async (context) => {
    const principal = context.get('principal');
    const at = context.req.valid('param');
    return context.json(await limits.set(principal, at, context.req.valid('json')), 200);
  });
  app.openapi(remove, async (context) => {
    await limits.remove(context.get('principal'), context.req.valid('param'));
    return context.body(null, 204);
  });
  return app;
}
