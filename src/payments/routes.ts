/** The HTTP edge of payments: `/cloud/v1/payments`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { pageQuerySchema } from '#tenancy/api.ts';
import { type CloudEnv, type Principal, isAllowed, requirePermission } from '#tenancy/principal.ts';
import { body, failure, json } from '#tenancy/route-shapes.ts';
import {
  autoTopUpSetSchema,
  checkoutCreateSchema,
  checkoutSchema,
  paymentOptionsSchema,
  paymentRecordSchema,
  paymentSchema,
  paymentSettingsSchema,
  paymentSettingsSetSchema,
  paymentStateSchema,
  refundCreateSchema,
} from './api.ts';
import { fail } from './errors.ts';
import type { Payments } from './payments.ts';

const tags = ['Payments'];
const params = z.object({ id: z.string().regex(/^pay_[0-9a-z]{1,60}$/) });
const none = { 204: { description: 'It is gone.' }, default: failure };

const list = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/payments',
  request: {
    query: pageQuerySchema.extend({
      /** Another tenant's, or `all`; for the operator. */
      tenantId: z.string().min(1).max(100).optional(),
      state: paymentStateSchema.optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ data: z.array(paymentSchema), nextCursor: z.string().nullable() }),
      'Payments, newest first.',
    ),
    default: failure,
  },
});

const options = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/payments/options',
  responses: { 200: json(paymentOptionsSchema, 'How one can pay here.'), default: failure },
});

const find = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/payments/{id}',
  request: { params },
  responses: { 200: json(paymentSchema, 'The payment.'), default: failure },
});

const checkout = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/payments/checkout',
  request: { body: body(checkoutCreateSchema) },
  responses: {
    201: json(checkoutSchema, 'Where to pay, or how to transfer.'),
    default: failure,
  },
});

const record = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/payments/record',
  request: { body: body(paymentRecordSchema) },
  responses: {
    201: json(paymentSchema, 'The transfer as it is booked; the same for the same key.'),
    default: failure,
  },
});

const refund = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/payments/{id}/refund',
  request: { params, body: body(refundCreateSchema) },
  responses: { 200: json(paymentSchema, 'The payment as it is now.'), default: failure },
});

const accept = createRoute({
  method: 'post',
  tags,
  path: '/cloud/v1/payments/{id}/accept',
  request: { params },
  responses: {
    200: json(paymentSchema, 'Money that was set aside, booked as it came.'),
    default: failure,
  },
});

const setAutoTopUp = createRoute({
  method: 'put',
  tags,
  path: '/cloud/v1/payments/auto-top-up',
  request: { body: body(autoTopUpSetSchema) },
  responses: { 200: json(paymentOptionsSchema, 'As it is now.'), default: failure },
});

const removeAutoTopUp = createRoute({
  method: 'delete',
  tags,
  path: '/cloud/v1/payments/auto-top-up',
  responses: none,
});

const removeMethod = createRoute({
  method: 'delete',
  tags,
  path: '/cloud/v1/payments/method',
  responses: none,
});

const readSettings = createRoute({
  method: 'get',
  tags,
  path: '/cloud/v1/payments/settings',
  responses: { 200: json(paymentSettingsSchema, 'How this cloud is paid.'), default: failure },
});

const setSettings = createRoute({
  method: 'patch',
  tags,
  path: '/cloud/v1/payments/settings',
  request: { body: body(paymentSettingsSetSchema) },
  responses: { 200: json(paymentSettingsSchema, 'As it is now.'), default: failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createPaymentRoutes(payments: Payments): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(options, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'payment.read');
    return context.json(await payments.options(principal.tenantId), 200);
  });
  app.openapi(readSettings, async (context) => {
    requirePermission(context.get('principal'), 'payment.record');
    return context.json(await payments.settings.present(), 200);
  });
  app.openapi(setSettings, async (context) => {
    requirePermission(context.get('principal'), 'payment.record');
    return context.json(await payments.settings.set(context.req.valid('json')), 200);
  });
  app.openapi(setAutoTopUp, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'payment.write');
    const wish = context.req.valid('json');
    return context.json(await payments.setAutoTopUp(principal.tenantId, wish), 200);
  });
  app.openapi(removeAutoTopUp, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'payment.write');
    await payments.removeAutoTopUp(principal.tenantId);
    return context.body(null, 204);
  });
  app.openapi(removeMethod, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'payment.write');
    await payments.removeMethod(principal.tenantId);
    return context.body(null, 204);
  });
  addPaymentRoutes(app, payments);
  return app;
}

function addPaymentRoutes(app: OpenAPIHono<CloudEnv>, payments: Payments): void {
  app.openapi(list, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'payment.read');
    const { cursor = null, limit, state = null, tenantId } = context.req.valid('query');
    const query = { tenantId: chooseTenant(principal, tenantId), state, cursor, limit };
    return context.json(await payments.list(query), 200);
  });
  app.openapi(checkout, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'payment.write');
    const wish = context.req.valid('json');
    return context.json(await payments.checkout(principal.tenantId, wish), 201);
  });
  app.openapi(record, async (context) => {
    requirePermission(context.get('principal'), 'payment.record');
    return context.json(await payments.record(context.req.valid('json')), 201);
  });
  app.openapi(refund, async (context) => {
    requirePermission(context.get('principal'), 'payment.record');
    const { id } = context.req.valid('param');
    return context.json(await payments.refund(id, context.req.valid('json')), 200);
  });
  app.openapi(accept, async (context) => {
    requirePermission(context.get('principal'), 'payment.record');
    return context.json(await payments.accept(context.req.valid('param').id), 200);
  });
  app.openapi(find, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'payment.read');
    const { id } = context.req.valid('param');
    const tenantId = isAllowed(principal, 'payment.record') ? null : principal.tenantId;
    return context.json(await payments.find({ tenantId, id }), 200);
  });
}

/** Null means every tenant. */
function chooseTenant(principal: Principal, asked: string | undefined): string | null {
  if (asked === undefined || asked === principal.tenantId) return principal.tenantId;
  if (!isAllowed(principal, 'payment.record')) {
    throw fail('payment.unknown', 'There is no such tenant.', { param: 'tenantId' });
  }
  return asked === 'all' ? null : asked;
}
