/** The HTTP edge of webhooks: `/cloud/v1/webhooks`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { pageQuerySchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { body, failure, json } from '#tenancy/route-shapes.ts';
import {
  deliverySchema,
  webhookCreateSchema,
  webhookCreatedSchema,
  webhookSchema,
  webhookUpdateSchema,
} from './api.ts';
import type { Notices } from './notices.ts';

const tags = ['Webhooks'];
const params = z.object({ id: z.string().min(1).max(100) });
const deliveryParams = params.extend({ deliveryId: z.string().min(1).max(100) });

const list = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/webhooks',
  responses: {
    200: json(z.object({ data: z.array(webhookSchema) }), 'Every webhook of the tenant.'),
    default: failure,
  },
});

const create = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/webhooks',
  request: { body: body(webhookCreateSchema) },
  responses: {
    201: json(webhookCreatedSchema, 'The webhook, with its secret this once.'),
    default: failure,
  },
});

const update = createRoute({
  method: 'patch',
  tags,
  path: '/cloud/v1/webhooks/{id}',
  request: { params, body: body(webhookUpdateSchema) },
  responses: { 200: json(webhookSchema, 'The webhook as it is now.'), default: failure },
});

const remove = createRoute({
  method: 'delete',
  tags,
  path: '/cloud/v1/webhooks/{id}',
  request: { params },
  responses: { 204: { description: 'It is gone, with its deliveries.' }, default: failure },
});

const rotate = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/webhooks/{id}/rotate',
  request: { params },
  responses: {
    200: json(webhookCreatedSchema, 'A new secret; the one before signs too for a day.'),
    default: failure,
  },
});

const test = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/webhooks/{id}/test',
  request: { params },
  responses: { 202: json(deliverySchema, 'A test notice is on its way.'), default: failure },
});

const deliveries = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/webhooks/{id}/deliveries',
  request: { params, query: pageQuerySchema },
  responses: {
    200: json(
      z.object({ data: z.array(deliverySchema), nextCursor: z.string().nullable() }),
      'Deliveries of the last month with every attempt, newest first.',
    ),
    default: failure,
  },
});

const redeliver = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/webhooks/{id}/deliveries/{deliveryId}/redeliver',
  request: { params: deliveryParams },
  responses: { 202: json(deliverySchema, 'It is on its way again.'), default: failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createNoticeRoutes({ webhooks }: Pick<Notices, 'webhooks'>): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(list, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'webhook.read');
    return context.json({ data: [...(await webhooks.list(principal))] }, 200);
  });
  app.openapi(create, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'webhook.write');
    return context.json(await webhooks.create(principal, context.req.valid('json')), 201);
  });
  app.openapi(update, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'webhook.write');
    const { id } = context.req.valid('param');
    return context.json(await webhooks.update(principal, id, context.req.valid('json')), 200);
  });
  app.openapi(remove, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'webhook.write');
    await webhooks.remove(principal, context.req.valid('param').id);
    return context.body(null, 204);
  });
  app.openapi(rotate, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'webhook.write');
    return context.json(await webhooks.rotate(principal, context.req.valid('param').id), 200);
  });
  app.openapi(test, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'webhook.write');
    return context.json(await webhooks.test(principal, context.req.valid('param').id), 202);
  });
  app.openapi(deliveries, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'webhook.read');
    const { cursor = null, limit } = context.req.valid('query');
    const { id } = context.req.valid('param');
    return context.json(await webhooks.deliveries(principal, id, { cursor, limit }), 200);
  });
  app.openapi(redeliver, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'webhook.write');
    const { id, deliveryId } = context.req.valid('param');
    return context.json(await webhooks.redeliver(principal, id, deliveryId), 202);
  });
  return app;
}
