/** The HTTP edge of budgets: `/cloud/v1/budgets`, and of tags: `/cloud/v1/tags`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { body, failure, json } from '#tenancy/route-shapes.ts';
import {
  budgetForecastSchema,
  budgetSchema,
  budgetSetSchema,
  tagSchema,
  tagsSetSchema,
} from './api.ts';
import type { Budgets } from './budgets.ts';

const tags = ['Budgets'];
const params = z.object({ id: z.string().min(1).max(100) });

const list = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/budgets',
  responses: {
    200: json(z.object({ data: z.array(budgetSchema) }), 'Every budget and how it stands.'),
    default: failure,
  },
});

const create = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/budgets',
  request: { body: body(budgetSetSchema) },
  responses: { 201: json(budgetSchema, 'The budget.'), default: failure },
});

const replace = createRoute({
  method: 'put',
  tags,
  path: '/cloud/v1/budgets/{id}',
  request: { params, body: body(budgetSetSchema) },
  responses: { 200: json(budgetSchema, 'The budget as it is now.'), default: failure },
});

const remove = createRoute({
  method: 'delete',
  tags,
  path: '/cloud/v1/budgets/{id}',
  request: { params },
  responses: { 204: { description: 'The budget is gone.' }, default: failure },
});

const forecast = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/budgets/{id}/forecast',
  request: { params },
  responses: {
    200: json(budgetForecastSchema, 'The period as a line: spent, then foretold.'),
    default: failure,
  },
});

const listTags = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/tags',
  responses: {
    200: json(z.object({ data: z.array(tagSchema) }), 'Tags of projects and keys.'),
    default: failure,
  },
});

const setTags = createRoute({
  method: 'put',
  tags,
  path: '/cloud/v1/tags/{level}/{scopeId}',
  request: {
    params: z.object({ level: z.enum(['project', 'key']), scopeId: z.string().min(1).max(100) }),
    body: body(tagsSetSchema),
  },
  responses: { 204: { description: 'It carries these tags now.' }, default: failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createBudgetRoutes(budgets: Budgets): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(list, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'budget.read');
    return context.json({ data: [...(await budgets.list(principal))] }, 200);
  });
  app.openapi(create, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'budget.write');
    return context.json(await budgets.create(principal, context.req.valid('json')), 201);
  });
  app.openapi(replace, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'budget.write');
    const { id } = context.req.valid('param');
    return context.json(await budgets.replace(principal, id, context.req.valid('json')), 200);
  });
  app.openapi(remove, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'budget.write');
    await budgets.remove(principal, context.req.valid('param').id);
    return context.body(null, 204);
  });
  app.openapi(forecast, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'budget.read');
    return context.json(await budgets.forecast(principal, context.req.valid('param').id), 200);
  });
  app.openapi(listTags, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'budget.read');
    return context.json({ data: [...(await budgets.tags(principal))] }, 200);
  });
  app.openapi(setTags, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'budget.write');
    await budgets.setTags(principal, context.req.valid('param'), context.req.valid('json'));
    return context.body(null, 204);
  });
  return app;
}
