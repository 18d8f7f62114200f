/**
 * The HTTP edge of credits: what a tenant has, grants, free quotas and the order in which sources pay.
 * Everybody sees their own tenant's; the operator defines, and whoever may buy sets what is the tenant's.
 */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { chooseTenant } from '#ledger/tenant-choice.ts';
import { pageQuerySchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import {
  creditSettingsSchema,
  creditSummarySchema,
  freeQuotaRuleSchema,
  freeQuotaRuleSetSchema,
  freeQuotaSchema,
  grantCreateSchema,
  grantSchema,
  orderCreateSchema,
  orderSchema,
} from './api.ts';
import { createCouponRoutes } from './coupon-routes.ts';
import type { Credits } from './credits.ts';
import { createPlanRoutes } from './plan-routes.ts';
import {
  actorOf,
  answer,
  body,
  failure,
  idParam,
  oneTenant,
  pageOf,
  tenantQuery,
  viewerOf,
} from './route-parts.ts';
import { createSubscriptionRoutes } from './subscription-routes.ts';

const tags = ['Credits'];
const listOf = <Schema extends z.ZodType>(schema: Schema) => z.object({ data: z.array(schema) });

const readSummary = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/credits',
  request: { query: tenantQuery },
  responses: {
    200: answer('What may pay besides cash, source by source.', creditSummarySchema),
    default: failure,
  },
});

const setSettings = createRoute({
  method: 'put',
  tags,
  path: '/cloud/v1/credits/settings',
  request: { body: body(creditSettingsSchema) },
  responses: {
    200: answer('What may pay besides cash, as it is now.', creditSummarySchema),
    default: failure,
  },
});

const listGrants = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/grants',
  request: { query: pageQuerySchema.extend(tenantQuery.shape) },
  responses: {
    200: answer(
      'Grants, the newest first; the operator may ask for `all` tenants.',
      z.object({ data: z.array(grantSchema), nextCursor: z.string().nullable() }),
    ),
    default: failure,
  },
});

const createGrant = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/grants',
  request: { body: body(grantCreateSchema) },
  responses: {
    201: answer('The grant; the same one for the same idempotency key.', grantSchema),
    default: failure,
  },
});

const revokeGrant = createRoute({
  method: 'delete',
  tags,
  path: '/cloud/v1/grants/{id}',
  request: { params: idParam, query: tenantQuery },
  responses: {
    200: answer('It pays for calls that are under way, and for nothing new.', grantSchema),
    default: failure,
  },
});

const listRules = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/free-quota-rules',
  responses: {
    200: answer('What a new tenant gets of each model.', listOf(freeQuotaRuleSchema)),
    default: failure,
  },
});

const setRule = createRoute({
  method: 'put',
  tags,
  path: '/cloud/v1/free-quota-rules',
  request: { body: body(freeQuotaRuleSetSchema) },
  responses: {
    200: answer(
      'All rules as they are now. Tenants keep what they have.',
      listOf(freeQuotaRuleSchema),
    ),
    default: failure,
  },
});

const giveQuotas = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/free-quotas',
  request: { body: body(z.strictObject({ tenantId: z.string().min(1).max(100) })) },
  responses: {
    200: answer(
      'Free quotas of the tenant: what the rules say and it did not have was added.',
      listOf(freeQuotaSchema),
    ),
    default: failure,
  },
});

const listOrders = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/deduction-orders',
  responses: {
    200: answer('Orders in which sources pay, the latest first.', listOf(orderSchema)),
    default: failure,
  },
});

const createOrder = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/deduction-orders',
  request: { body: body(orderCreateSchema) },
  responses: {
    201: answer('In force for calls that are let in from then on.', orderSchema),
    default: failure,
  },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createCreditRoutes(credits: Credits): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  addTenantRoutes(app, credits);
  addOperatorRoutes(app, credits);
  app.route('/', createCouponRoutes(credits));
  app.route('/', createPlanRoutes(credits));
  app.route('/', createSubscriptionRoutes(credits));
  return app;
}

function addTenantRoutes(app: OpenAPIHono<CloudEnv>, credits: Credits): void {
  app.openapi(readSummary, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'plan.read');
    const tenantId = oneTenant(principal, context.req.valid('query').tenantId);
    return context.json(await credits.summary(tenantId), 200);
  });
  app.openapi(setSettings, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'plan.buy');
    const { tenantId } = principal;
    await credits.quotas.setFreeOnly(tenantId, context.req.valid('json').freeQuotaOnly);
    return context.json(await credits.summary(tenantId), 200);
  });
  app.openapi(listGrants, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'plan.read');
    const { tenantId: asked, cursor = null, limit } = context.req.valid('query');
    const tenantId = chooseTenant(principal, asked);
    const page = { tenantId, isLiveOnly: false, beforeId: cursor, limit: limit + 1 };
    return context.json(pageOf(await credits.grants.list(page), limit), 200);
  });
  app.openapi(listOrders, async (context) => {
    requirePermission(context.get('principal'), 'plan.read');
    return context.json({ data: [...(await credits.orders.list())] }, 200);
  });
}

function addOperatorRoutes(app: OpenAPIHono<CloudEnv>, credits: Credits): void {
  app.openapi(createGrant, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'credit.write');
    const wanted = context.req.valid('json');
    const by = actorOf(principal);
    return context.json(await credits.grants.give(viewerOf(principal), by, wanted), 201);
  });
  app.openapi(revokeGrant, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'credit.write');
    const tenantId = oneTenant(principal, context.req.valid('query').tenantId);
    const { id } = context.req.valid('param');
    return context.json(await credits.grants.revoke({ tenantId, id }), 200);
  });
  app.openapi(listRules, async (context) => {
    requirePermission(context.get('principal'), 'plan.read');
    return context.json({ data: [...(await credits.quotas.rules())] }, 200);
  });
  app.openapi(setRule, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'credit.write');
    const wanted = context.req.valid('json');
    const by = actorOf(principal);
    const rules = await credits.quotas.setRule(viewerOf(principal), by, wanted);
    return context.json({ data: [...rules] }, 200);
  });
  app.openapi(giveQuotas, async (context) => {
    requirePermission(context.get('principal'), 'credit.write');
    const { tenantId } = context.req.valid('json');
    return context.json({ data: [...(await credits.quotas.give(tenantId))] }, 200);
  });
  app.openapi(createOrder, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'credit.write');
    const order = await credits.orders.publish(actorOf(principal), context.req.valid('json'));
    return context.json(order, 201);
  });
}
