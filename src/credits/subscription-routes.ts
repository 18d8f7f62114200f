/** The HTTP edge of subscriptions: a tenant has one, so it needs no id. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { pageQuerySchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import {
  planChangeSchema,
  planChoiceSchema,
  planPreviewSchema,
  purchaseSchema,
  subscriptionSchema,
} from './api.ts';
import type { Credits } from './credits.ts';
import { actorOf, answer, body, failure, oneTenant, pageOf, tenantQuery } from './route-parts.ts';

const tags = ['Plans'];
const path = '/cloud/v1/subscription';

const read = createRoute({
  method: 'get',
  tags,
  path,
  request: { query: tenantQuery },
  responses: {
    200: answer(
      'The plan of the tenant and its meters; null where it has none.',
      z.object({ subscription: subscriptionSchema.nullable() }),
    ),
    default: failure,
  },
});

const preview = createRoute({
  method: 'post',
  tags,
  path: `${path}/preview`,
  request: { body: body(planChoiceSchema) },
  responses: {
    200: answer('What choosing the plan costs now, line by line.', planPreviewSchema),
    default: failure,
  },
});

const subscribe = createRoute({
  method: 'post',
  tags,
  path,
  request: { body: body(planChoiceSchema) },
  responses: {
    201: answer('Paid from the balance for a month.', subscriptionSchema),
    default: failure,
  },
});

const change = createRoute({
  method: 'post',
  tags,
  path: `${path}/change`,
  request: { body: body(planChangeSchema) },
  responses: {
    200: answer(
      'A dearer plan is in force now, a cheaper one follows when the period ends.',
      subscriptionSchema,
    ),
    default: failure,
  },
});

const cancel = createRoute({
  method: 'post',
  tags,
  path: `${path}/cancel`,
  responses: { 200: answer('It ends when the period does.', subscriptionSchema), default: failure },
});

const undo = createRoute({
  method: 'post',
  tags,
  path: `${path}/undo`,
  responses: {
    200: answer('Nothing happens when the period ends but its renewal.', subscriptionSchema),
    default: failure,
  },
});

const listPurchases = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/purchases',
  request: { query: pageQuerySchema.extend(tenantQuery.shape) },
  responses: {
    200: answer(
      'What was bought, line by line, the newest first.',
      z.object({ data: z.array(purchaseSchema), nextCursor: z.string().nullable() }),
    ),
    default: failure,
  },
});

export function createSubscriptionRoutes(
  credits: Pick<Credits, 'subscriptions' | 'purchases'>,
): OpenAPIHono<CloudEnv> {
  const { subscriptions } = credits;
  const app = createApi<CloudEnv>();
  app.openapi(read, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'plan.read');
    const tenantId = oneTenant(principal, context.req.valid('query').tenantId);
    return context.json({ subscription: await subscriptions.current(tenantId) }, 200);
  });
  app.openapi(preview, async (context) => {
    const { tenantId } = context.get('principal');
    requirePermission(context.get('principal'), 'plan.read');
    const { planId } = context.req.valid('json');
    return context.json(await subscriptions.preview({ tenantId, planId }), 200);
  });
  app.openapi(subscribe, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'plan.buy');
    const { planId } = context.req.valid('json');
    const choice = { tenantId: principal.tenantId, planId, by: actorOf(principal) };
    return context.json(await subscriptions.subscribe(choice), 201);
  });
  app.openapi(change, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'plan.buy');
    const choice = { tenantId: principal.tenantId, by: actorOf(principal) };
    const wanted = { ...choice, ...context.req.valid('json') };
    return context.json(await subscriptions.change(wanted), 200);
  });
  app.openapi(cancel, async (context) => {
    requirePermission(context.get('principal'), 'plan.buy');
    return context.json(await subscriptions.cancel(context.get('principal').tenantId), 200);
  });
  app.openapi(undo, async (context) => {
    requirePermission(context.get('principal'), 'plan.buy');
    return context.json(await subscriptions.undo(context.get('principal').tenantId), 200);
  });
  app.openapi(listPurchases, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'plan.read');
    const { tenantId: asked, cursor = null, limit } = context.req.valid('query');
    const tenantId = oneTenant(principal, asked);
    const page = { tenantId, beforeId: cursor, limit: limit + 1 };
    return context.json(pageOf(await credits.purchases(page), limit), 200);
  });
  return app;
}
