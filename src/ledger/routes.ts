/** The HTTP edge of the ledger: `/cloud/v1/{balance,credits,entries}`. Amounts are decimal strings. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { balanceSchema, creditCreateSchema, entrySchema } from './api.ts';
import { fail } from './errors.ts';
import type { Ledger } from './ledger.ts';
import { createLeaseModeRoutes } from './mode-routes.ts';
import { parseAmount } from './money.ts';
import { chooseTenant } from './tenant-choice.ts';

const failure = {
  description: 'Refused; the body says why.',
  content: { 'application/json': { schema: errorSchema } },
};

const tenantId = z.string().min(1).max(100).optional();

const readBalance = createRoute({
  method: 'get',
  path: '/cloud/v1/balance',
  request: { query: z.object({ tenantId }) },
  responses: {
    200: {
      description: 'What the tenant has, and what of it gateways have set aside.',
      content: { 'application/json': { schema: balanceSchema } },
    },
    default: failure,
  },
});

const createCredit = createRoute({
  method: 'post',
  path: '/cloud/v1/credits',
  request: {
    body: { required: true, content: { 'application/json': { schema: creditCreateSchema } } },
  },
  responses: {
    201: {
      description: 'The entry that gave the credit; the same one for the same idempotency key.',
      content: { 'application/json': { schema: entrySchema } },
    },
    default: failure,
  },
});

const listEntries = createRoute({
  method: 'get',
  path: '/cloud/v1/entries',
  request: {
    query: z.object({
      tenantId,
      cursor: z.coerce.number().int().min(1).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
  },
  responses: {
    200: {
      description: 'Entries, newest first, without what belongs to other tenants.',
      content: {
        'application/json': {
          schema: z.object({ data: z.array(entrySchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    default: failure,
  },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createLedgerRoutes(ledger: Ledger): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(readBalance, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'balance.read');
    const chosen = chooseTenant(principal, context.req.valid('query').tenantId);
    if (chosen === null) {
      throw fail('ledger.tenant_unknown', 'A balance belongs to one tenant.', {
        param: 'tenantId',
      });
    }
    return context.json(await ledger.balance(chosen), 200);
  });
  app.openapi(createCredit, async (context) => {
    requirePermission(context.get('principal'), 'credit.write');
    const { amount, currency, ...credit } = context.req.valid('json');
    const entry = await ledger.credit({
      ...credit,
      ...(currency === undefined ? {} : { currency }),
      amountPico: parseAmount(amount),
    });
    return context.json(entry, 201);
  });
  app.openapi(listEntries, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'balance.read');
    const { cursor = null, limit, tenantId: asked } = context.req.valid('query');
    const entries = await ledger.entries({
      tenantId: chooseTenant(principal, asked),
      beforeId: cursor,
      limit: limit + 1,
    });
    const data = entries.slice(0, limit);
    const last = entries.length > limit ? data.at(-1) : undefined;
    return context.json({ data, nextCursor: last === undefined ? null : String(last.id) }, 200);
  });
  app.route('/', createLeaseModeRoutes(ledger));
  return app;
}
