/** The HTTP edge of reports: `/cloud/v1/spend`, `/cloud/v1/spending-summary` and `/cloud/v1/ledger/find`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import type { Clock } from '#platform/clock.ts';
import { createApi } from '#platform/http.ts';
import { chooseScope } from '#ledger/tenant-choice.ts';
import { errorSchema } from '#tenancy/api.ts';
import { currencySchema } from '#tenancy/currency.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { SPEND_GROUPS, ledgerHitSchema, spendSchema, spendingSummarySchema } from './api.ts';
import { fail } from './errors.ts';
import type { Finance } from './finance.ts';

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

const failure = { default: json(errorSchema, 'Refused; the body says why.') };
const tags = ['Finance'];

/** The operator may name a tenant, or `all`. */
const tenantId = z.string().min(1).max(100).optional();
const id = z.string().min(1).max(100).optional();

const DAY_MS = 24 * 60 * 60_000;
const DAYS_DEFAULT = 30;

const readSpend = createRoute({
  method: 'get',
  path: '/cloud/v1/spend',
  tags,
  request: {
    query: z.object({
      /** Half open, widened to whole hours or days of UTC; the last 30 days. */
      from: z.iso.datetime().optional(),
      to: z.iso.datetime().optional(),
      interval: z.enum(['hour', 'day', 'month', 'none']).default('day'),
      groupBy: z.enum(SPEND_GROUPS).default('none'),
      model: z.string().min(1).max(200).optional(),
      keyId: id,
      projectId: id,
      /** Only of keys that carry it, themselves or by their project. */
      tag: id,
      tenantId,
      /** The tenant's; over all tenants the operator's. */
      currency: currencySchema.optional(),
    }),
  },
  responses: { 200: json(spendSchema, 'What was spent, from roll-ups.'), ...failure },
});

const readSummary = createRoute({
  method: 'get',
  path: '/cloud/v1/spending-summary',
  tags,
  request: { query: z.object({ tenantId }) },
  responses: {
    200: json(spendingSummarySchema, 'How long the money lasts, and where the month ends.'),
    ...failure,
  },
});

const findInLedger = createRoute({
  method: 'get',
  path: '/cloud/v1/ledger/find',
  tags,
  request: { query: z.object({ q: z.string().max(300).default('') }) },
  responses: {
    200: json(z.object({ data: z.array(ledgerHitSchema) }), 'What it leads to.'),
    ...failure,
  },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createFinanceRoutes(
  parts: Readonly<{ finance: Finance; clock: Clock }>,
): OpenAPIHono<CloudEnv> {
  const { finance, clock } = parts;
  const app = createApi<CloudEnv>();
  app.openapi(readSpend, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'usage.read');
    const query = context.req.valid('query');
    const { model, keyId, projectId, tag } = query;
    const toMs = query.to === undefined ? clock.nowMs() + 1 : Date.parse(query.to);
    const fromMs = query.from === undefined ? toMs - DAYS_DEFAULT * DAY_MS : Date.parse(query.from);
    const spend = await finance.spend({
      scope: chooseScope(principal, query.tenantId),
      range: { fromMs, toMs },
      interval: query.interval,
      groupBy: query.groupBy,
      currency: query.currency ?? null,
      filter: {
        ...(model === undefined ? {} : { model }),
        ...(keyId === undefined ? {} : { keyId }),
        ...(projectId === undefined ? {} : { projectId }),
        ...(tag === undefined ? {} : { tag }),
      },
      showsCost: principal.tenantKind === 'operator',
    });
    return context.json(spend, 200);
  });
  app.openapi(readSummary, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'balance.read');
    const { tenantId: chosen, projectId } = chooseScope(
      principal,
      context.req.valid('query').tenantId,
    );
    if (chosen === null) {
      throw fail('finance.tenant_unknown', 'A balance belongs to one tenant.', {
        param: 'tenantId',
      });
    }
    return context.json(await finance.summary({ tenantId: chosen, projectId }), 200);
  });
  app.openapi(findInLedger, async (context) => {
    requirePermission(context.get('principal'), 'finance.read');
    const { q } = context.req.valid('query');
    return context.json({ data: [...(await finance.find(q))] }, 200);
  });
  return app;
}
