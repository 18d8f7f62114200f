/** The HTTP edge of plans and savings plans as they are offered, and of buying savings plans. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import {
  grantSchema,
  planCreateSchema,
  planSchema,
  savingsPlanCreateSchema,
  savingsPlanSchema,
  savingsPurchaseSchema,
} from './api.ts';
import type { Credits } from './credits.ts';
import { actorOf, answer, body, failure, idParam, viewerOf } from './route-parts.ts';

const tags = ['Plans'];

const listPlans = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/plans',
  responses: {
    200: answer('Plans, the cheapest first.', z.object({ data: z.array(planSchema) })),
    default: failure,
  },
});

const createPlan = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/plans',
  request: { body: body(planCreateSchema) },
  responses: {
    201: answer('The plan. It never changes: another price is another plan.', planSchema),
    default: failure,
  },
});

const archivePlan = createRoute({
  method: 'delete',
  tags,
  path: '/cloud/v1/plans/{id}',
  request: { params: idParam },
  responses: {
    204: { description: 'Nobody subscribes to it any more; who has it keeps it.' },
    default: failure,
  },
});

const listSavings = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/savings-plans',
  responses: {
    200: answer(
      'Savings plans, the smallest first.',
      z.object({ data: z.array(savingsPlanSchema) }),
    ),
    default: failure,
  },
});

const createSavings = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/savings-plans',
  request: { body: body(savingsPlanCreateSchema) },
  responses: { 201: answer('The savings plan.', savingsPlanSchema), default: failure },
});

const archiveSavings = createRoute({
  method: 'delete',
  tags,
  path: '/cloud/v1/savings-plans/{id}',
  request: { params: idParam },
  responses: {
    204: { description: 'Nobody buys it any more; who has it keeps it.' },
    default: failure,
  },
});

const buySavings = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/savings-plans/{id}/purchases',
  request: { params: idParam, body: body(savingsPurchaseSchema) },
  responses: {
    201: answer('What may be spent; paid from the balance.', grantSchema),
    default: failure,
  },
});

export function createPlanRoutes({
  plans,
  savingsPlans,
}: Pick<Credits, 'plans' | 'savingsPlans'>): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(listPlans, async (context) => {
    requirePermission(context.get('principal'), 'plan.read');
    return context.json({ data: [...(await plans.list())] }, 200);
  });
  app.openapi(createPlan, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'credit.write');
    const wanted = context.req.valid('json');
    const plan = await plans.create(viewerOf(principal), actorOf(principal), wanted);
    return context.json(plan, 201);
  });
  app.openapi(archivePlan, async (context) => {
    requirePermission(context.get('principal'), 'credit.write');
    await plans.archive(context.req.valid('param').id);
    return context.body(null, 204);
  });
  app.openapi(listSavings, async (context) => {
    requirePermission(context.get('principal'), 'plan.read');
    return context.json({ data: [...(await savingsPlans.list())] }, 200);
  });
  app.openapi(createSavings, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'credit.write');
    const wanted = context.req.valid('json');
    const plan = await savingsPlans.create(viewerOf(principal), actorOf(principal), wanted);
    return context.json(plan, 201);
  });
  app.openapi(archiveSavings, async (context) => {
    requirePermission(context.get('principal'), 'credit.write');
    await savingsPlans.archive(context.req.valid('param').id);
    return context.body(null, 204);
  });
  app.openapi(buySavings, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'plan.buy');
    const { tenantId } = principal;
    const { id } = context.req.valid('param');
    const bought = { ...context.req.valid('json'), tenantId, id, by: actorOf(principal) };
    return context.json(await savingsPlans.buy(bought), 201);
  });
  return app;
}
