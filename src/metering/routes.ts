/** The HTTP edge of metering: `/cloud/v1/usage`, `/cloud/v1/usage/events` and `/cloud/v1/overview`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import type { Clock } from '#platform/clock.ts';
import { createApi } from '#platform/http.ts';
import { chooseScope } from '#ledger/tenant-choice.ts';
import { errorSchema } from '#tenancy/api.ts';
import { currencySchema } from '#tenancy/currency.ts';
import { type CloudEnv, type Principal, requirePermission } from '#tenancy/principal.ts';
import { overviewSchema, usageEventSchema, usageReportSchema } from './api.ts';
import { formatCursor, parseCursor } from './event-cursor.ts';
import type { Metering } from './metering.ts';
import type { Range, Scope } from './rollup-store.ts';

const failure = {
  description: 'Refused; the body says why.',
  content: { 'application/json': { schema: errorSchema } },
};

const range = {
  /** Half open: from ≤ settled < to. */
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  /** The operator may name a tenant, or `all`. */
  tenantId: z.string().min(1).max(100).optional(),
};

/** Only calls of keys that carry it, themselves or by their project. */
const tag = z.string().min(1).max(100).optional();

const DAY_MS = 24 * 60 * 60_000;

/** What is shown when the caller names no start. */
const REPORT_DAYS = 7;
const EVENTS_DAYS = 31;

/** `to` defaults to a little ahead, so that an event of this very moment is in. */
const AHEAD_MS = 60_000;

const readUsage = createRoute({
  method: 'get',
  path: '/cloud/v1/usage',
  request: {
    query: z.object({
      ...range,
      interval: z.enum(['hour', 'day']).default('day'),
      groupBy: z.enum(['model', 'key', 'project', 'tag', 'none']).default('none'),
      tag,
      /** The tenant's; over all tenants the operator's. */
      currency: currencySchema.optional(),
    }),
  },
  responses: {
    200: {
      description: 'Sums over time, in UTC hours or days.',
      content: { 'application/json': { schema: usageReportSchema } },
    },
    default: failure,
  },
});

const listEvents = createRoute({
  method: 'get',
  path: '/cloud/v1/usage/events',
  request: {
    query: z.object({
      ...range,
      keyId: z.string().min(1).max(100).optional(),
      model: z.string().min(1).max(200).optional(),
      outcome: usageEventSchema.shape.outcome.optional(),
      /** One status (429), or all that begin with a digit (4). */
      status: z.coerce.number().int().min(1).max(599).optional(),
      cache: z.enum(['hit', 'miss']).optional(),
      /** Those that this entry of the ledger was posted for. */
      entryId: z.coerce.number().int().min(1).optional(),
      tag,
      cursor: z.string().max(300).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
  },
  responses: {
    200: {
      description: 'Measured calls and refused ones, newest first.',
      content: {
        'application/json': {
          schema: z.object({ data: z.array(usageEventSchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    default: failure,
  },
});

const readEvent = createRoute({
  method: 'get',
  path: '/cloud/v1/usage/events/{requestId}',
  request: {
    params: z.object({ requestId: z.string().min(1).max(200) }),
    query: z.object({ tenantId: range.tenantId }),
  },
  responses: {
    200: {
      description: 'The last attempt of a call, by the `x-request-id` of its answer.',
      content: { 'application/json': { schema: usageEventSchema } },
    },
    default: failure,
  },
});

const readOverview = createRoute({
  method: 'get',
  path: '/cloud/v1/overview',
  responses: {
    200: {
      description:
        'The flywheel in numbers: of the whole cloud for the operator, else of the tenant.',
      content: { 'application/json': { schema: overviewSchema } },
    },
    default: failure,
  },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createMeteringRoutes(
  parts: Readonly<{ metering: Metering; clock: Clock }>,
): OpenAPIHono<CloudEnv> {
  const { metering, clock } = parts;
  const app = createApi<CloudEnv>();
  app.openapi(readUsage, async (context) => {
    const query = context.req.valid('query');
    const scope = scopeOf(context.get('principal'), query.tenantId);
    const { interval, groupBy } = query;
    const report = await metering.report({
      scope,
      range: rangeOf(query, clock.nowMs(), REPORT_DAYS),
      interval,
      groupBy,
      currency: query.currency ?? null,
      tag: query.tag ?? null,
      showsCost: seesCost(context.get('principal')),
    });
    return context.json(report, 200);
  });
  app.openapi(listEvents, async (context) => {
    const query = context.req.valid('query');
    const scope = scopeOf(context.get('principal'), query.tenantId);
    const events = await metering.events({
      scope,
      range: rangeOf(query, clock.nowMs(), EVENTS_DAYS),
      filter: {
        keyId: query.keyId ?? null,
        modelName: query.model ?? null,
        outcome: query.outcome ?? null,
        status: query.status ?? null,
        cache: query.cache ?? null,
        entryId: query.entryId ?? null,
        tag: query.tag ?? null,
      },
      showsCost: seesCost(context.get('principal')),
      after: query.cursor === undefined ? null : parseCursor(query.cursor),
      limit: query.limit + 1,
    });
    const data = events.slice(0, query.limit);
    const last = events.length > query.limit ? data.at(-1) : undefined;
    return context.json({ data, nextCursor: last === undefined ? null : formatCursor(last) }, 200);
  });
  app.openapi(readEvent, async (context) => {
    const { tenantId } = context.req.valid('query');
    const scope = scopeOf(context.get('principal'), tenantId);
    const { requestId } = context.req.valid('param');
    const showsCost = seesCost(context.get('principal'));
    return context.json(await metering.event({ scope, requestId, showsCost }), 200);
  });
  app.openapi(readOverview, async (context) => {
    const principal = context.get('principal');
    const scope =
      principal.tenantKind === 'operator' ? wholeCloud(principal) : scopeOf(principal, undefined);
    return context.json(await metering.overview(scope), 200);
  });
  return app;
}

/** A key sees its own project; a member sees the tenant. Raises `access.denied`, `ledger.tenant_unknown`. */
function scopeOf(principal: Principal, asked: string | undefined): Scope {
  requirePermission(principal, 'usage.read');
  return chooseScope(principal, asked);
}

/** What calls cost is the operator's business with its providers. */
function seesCost({ tenantKind }: Principal): boolean {
  return tenantKind === 'operator';
}

function wholeCloud(principal: Principal): Scope {
  requirePermission(principal, 'usage.read');
  return { tenantId: null, projectId: null };
}

function rangeOf(
  query: Readonly<{ from?: string | undefined; to?: string | undefined }>,
  nowMs: number,
  days: number,
): Range {
  const toMs = query.to === undefined ? nowMs + AHEAD_MS : Date.parse(query.to);
  const fromMs = query.from === undefined ? toMs - days * DAY_MS : Date.parse(query.from);
  return { fromMs, toMs };
}
