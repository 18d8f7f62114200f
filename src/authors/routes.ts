/**
 * The HTTP edge of authors: `/cloud/v1/authors`, `/cloud/v1/author-shares`, `/cloud/v1/author-statement`,
 * `/cloud/v1/author-earnings` and `/cloud/v1/author-payouts`. An author sees its own; the rest is the
 * operator's.
 */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import type { Clock } from '#platform/clock.ts';
import { createApi } from '#platform/http.ts';
import { currencySchema } from '#tenancy/currency.ts';
import { parseAmount } from '#ledger/money.ts';
import { chooseTenant } from '#ledger/tenant-choice.ts';
import { errorSchema, pageQuerySchema } from '#tenancy/api.ts';
import { type CloudEnv, type Principal, requirePermission } from '#tenancy/principal.ts';
import {
  authorEarningsSchema,
  authorSchema,
  authorStatementSchema,
  payoutCreateSchema,
  payoutSchema,
  shareRuleCreateSchema,
  shareRuleSchema,
} from './api.ts';
import type { Authors } from './authors.ts';
import { fail } from './errors.ts';
import { monthOf } from './statement.ts';

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

const listOf = <T extends z.ZodType>(schema: T) =>
  z.object({ data: z.array(schema), nextCursor: z.string().nullable() });

const failure = { default: json(errorSchema, 'Refused; the body says why.') };
const tags = ['Authors'];
/** The author's own where it is missing. */
const currency = currencySchema.optional();

/** The operator may name a tenant. */
const tenantId = z.string().min(1).max(100).optional();

const listAuthors = createRoute({
  method: 'get',
  path: '/cloud/v1/authors',
  tags,
  responses: { 200: json(listOf(authorSchema), 'Authors, by what is owed to them.'), ...failure },
});

const listShares = createRoute({
  method: 'get',
  path: '/cloud/v1/author-shares',
  tags,
  responses: {
    200: json(listOf(shareRuleSchema), 'Rules; for an author those of its models.'),
    ...failure,
  },
});

const setShare = createRoute({
  method: 'post',
  path: '/cloud/v1/author-shares',
  tags,
  request: {
    body: { required: true, content: { 'application/json': { schema: shareRuleCreateSchema } } },
  },
  responses: {
    201: json(shareRuleSchema, 'The new version; it never changes, the next one replaces it.'),
    ...failure,
  },
});

const readStatement = createRoute({
  method: 'get',
  path: '/cloud/v1/author-statement',
  tags,
  request: { query: z.object({ tenantId, currency, month: z.string().max(7).optional() }) },
  responses: {
    200: json(authorStatementSchema, "An author's month; this one, in UTC."),
    ...failure,
  },
});

const readEarnings = createRoute({
  method: 'get',
  path: '/cloud/v1/author-earnings',
  tags,
  request: { query: z.object({ tenantId, currency }) },
  responses: { 200: json(authorEarningsSchema, 'What a tenant has earned.'), ...failure },
});

const listPayouts = createRoute({
  method: 'get',
  path: '/cloud/v1/author-payouts',
  tags,
  request: { query: pageQuerySchema.extend({ tenantId }) },
  responses: { 200: json(listOf(payoutSchema), 'Payouts, newest first.'), ...failure },
});

const recordPayout = createRoute({
  method: 'post',
  path: '/cloud/v1/author-payouts',
  tags,
  request: {
    body: { required: true, content: { 'application/json': { schema: payoutCreateSchema } } },
  },
  responses: { 201: json(payoutSchema, 'Recorded; nothing is sent by this.'), ...failure },
});

const reversePayout = createRoute({
  method: 'post',
  path: '/cloud/v1/author-payouts/{id}/reverse',
  tags,
  request: {
    params: z.object({ id: z.string().min(1).max(100) }),
    body: {
      required: true,
      content: {
        'application/json': { schema: z.strictObject({ note: z.string().max(500).default('') }) },
      },
    },
  },
  responses: { 200: json(payoutSchema, 'The money came back; it is owed again.'), ...failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createAuthorRoutes(
  parts: Readonly<{ authors: Authors; clock: Clock }>,
): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  addRules(app, parts.authors);
  addReports(app, parts);
  addPayouts(app, parts.authors);
  return app;
}

function addRules(app: OpenAPIHono<CloudEnv>, authors: Authors): void {
  app.openapi(listShares, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'balance.read');
    const isOperator = principal.tenantKind === 'operator';
    const data = await authors.rules(isOperator ? null : principal.tenantId);
    return context.json({ data: [...data], nextCursor: null }, 200);
  });
  app.openapi(setShare, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'share.write');
    const { model, authorTenantId, effectiveFrom, ...rest } = context.req.valid('json');
    const rule = await authors.setRule({
      ...rest,
      model: model ?? null,
      authorTenantId: authorTenantId ?? null,
      effectiveFromMs: effectiveFrom === undefined ? null : Date.parse(effectiveFrom),
      createdBy: writerOf(principal),
    });
    return context.json(rule, 201);
  });
}

function addReports(
  app: OpenAPIHono<CloudEnv>,
  { authors, clock }: Readonly<{ authors: Authors; clock: Clock }>,
): void {
  app.openapi(listAuthors, async (context) => {
    requirePermission(context.get('principal'), 'finance.read');
    return context.json({ data: [...(await authors.list())], nextCursor: null }, 200);
  });
  app.openapi(readStatement, async (context) => {
    const asked = context.req.valid('query');
    const { currency: of = null, month = monthOf(clock.nowMs()) } = asked;
    const author = authorOf(context.get('principal'), asked.tenantId);
    const query = { tenantId: author, currency: of, month };
    return context.json(await authors.statement(query), 200);
  });
  app.openapi(readEarnings, async (context) => {
    const { tenantId: asked, currency: of = null } = context.req.valid('query');
    const query = { tenantId: authorOf(context.get('principal'), asked), currency: of };
    return context.json(await authors.earnings(query), 200);
  });
}

function addPayouts(app: OpenAPIHono<CloudEnv>, authors: Authors): void {
  app.openapi(listPayouts, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'balance.read');
    const { tenantId: asked, cursor = null, limit } = context.req.valid('query');
    const whose = chooseTenant(principal, asked);
    const found = await authors.payouts.list({
      tenantId: whose,
      beforeId: cursor,
      limit: limit + 1,
    });
    const data = found.slice(0, limit);
    const nextCursor = found.length > limit ? (data.at(-1)?.id ?? null) : null;
    return context.json({ data, nextCursor }, 200);
  });
  app.openapi(recordPayout, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'payout.write');
    const { amount, ...payout } = context.req.valid('json');
    const recorded = await authors.payouts.record({
      ...payout,
      amountPico: parseAmount(amount),
      createdBy: writerOf(principal),
    });
    return context.json(recorded, 201);
  });
  app.openapi(reversePayout, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'payout.write');
    const { id } = context.req.valid('param');
    const { note } = context.req.valid('json');
    const reversal = { id, note, reversedBy: writerOf(principal) };
    return context.json(await authors.payouts.reverse(reversal), 200);
  });
}

/** One tenant: the caller's own, or whom the operator names. Raises `ledger.tenant_unknown`. */
function authorOf(principal: Principal, asked: string | undefined): string {
  requirePermission(principal, 'balance.read');
  const chosen = chooseTenant(principal, asked);
  if (chosen === null) {
    throw fail('author.unknown', 'A statement belongs to one author.', { param: 'tenantId' });
  }
  return chosen;
}

function writerOf({ userId, keyId }: Principal): string | null {
  return userId ?? keyId;
}
