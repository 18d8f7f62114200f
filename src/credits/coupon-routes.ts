/** The HTTP edge of coupons: defined by the operator, redeemed by whoever may buy for a tenant. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { pageQuerySchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { couponCreateSchema, couponSchema, redeemSchema, redemptionSchema } from './api.ts';
import type { Credits } from './credits.ts';
import { actorOf, answer, body, failure, idParam, pageOf, viewerOf } from './route-parts.ts';

const tags = ['Credits'];

const list = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/coupons',
  request: { query: pageQuerySchema },
  responses: {
    200: answer(
      'Coupons, the newest first.',
      z.object({ data: z.array(couponSchema), nextCursor: z.string().nullable() }),
    ),
    default: failure,
  },
});

const create = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/coupons',
  request: { body: body(couponCreateSchema) },
  responses: { 201: answer('The coupon.', couponSchema), default: failure },
});

const archive = createRoute({
  method: 'delete',
  tags,
  path: '/cloud/v1/coupons/{id}',
  request: { params: idParam },
  responses: {
    204: { description: 'Nobody redeems it any more; what was redeemed stays.' },
    default: failure,
  },
});

const redeem = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/coupons/redemptions',
  request: { body: body(redeemSchema) },
  responses: {
    201: answer('What it gives, or that it waits for a top-up.', redemptionSchema),
    default: failure,
  },
});

export function createCouponRoutes({ coupons }: Pick<Credits, 'coupons'>): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(list, async (context) => {
    // A code is worth money to whoever reads it.
    requirePermission(context.get('principal'), 'credit.write');
    const { cursor = null, limit } = context.req.valid('query');
    const found = await coupons.list({ beforeId: cursor, limit: limit + 1 });
    return context.json(pageOf(found, limit), 200);
  });
  app.openapi(create, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'credit.write');
    const wanted = context.req.valid('json');
    const coupon = await coupons.create(viewerOf(principal), actorOf(principal), wanted);
    return context.json(coupon, 201);
  });
  app.openapi(archive, async (context) => {
    requirePermission(context.get('principal'), 'credit.write');
    await coupons.archive(context.req.valid('param').id);
    return context.body(null, 204);
  });
  app.openapi(redeem, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'plan.buy');
    const { tenantId } = principal;
    const { code } = context.req.valid('json');
    return context.json(await coupons.redeem({ tenantId, by: actorOf(principal), code }), 201);
  });
  return app;
}
