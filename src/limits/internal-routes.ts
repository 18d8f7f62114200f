/**
 * For gateways: what limits a key, shares of limits, and that a gateway starts anew. Whoever mounts
 * this asks for the join token first. Amounts are whole numbers in text: pico do not fit a number.
 */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { levelSchema } from './api.ts';
import { limitOf } from './definition.ts';
import type { Limits } from './limits.ts';
import { METRICS } from './metric.ts';

type InternalEnv = { Variables: { requestId: string } };

const id = z.string().min(1).max(200);
const amount = z
  .string()
  .regex(/^\d{1,38}$/)
  .transform(BigInt);
/** More than a gateway's batch ever holds, see its share-asker. */
const REQUESTS_MAX = 1_000;

const policySchema = z.object({
  version: z.number(),
  levels: z.array(
    z.object({
      level: levelSchema,
      scopeId: z.string(),
      metrics: z.record(z.string(), z.string()),
      models: z.array(z.string()).nullable(),
      regions: z.array(z.string()).nullable(),
      networks: z.array(z.string()).nullable(),
    }),
  ),
});

const readPolicy = createRoute({
  method: 'post',
  path: '/internal/v1/limits/policy',
  request: {
    body: {
      required: true,
      content: {
        'application/json': { schema: z.object({ tenantId: id, projectId: id, keyId: id }) },
      },
    },
  },
  responses: {
    200: {
      description: 'Everything that limits the key.',
      content: { 'application/json': { schema: policySchema } },
    },
  },
});

const askShares = createRoute({
  method: 'post',
  path: '/internal/v1/limits/shares',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            gatewayId: id,
            requests: z
              .array(
                z.object({
                  tenantId: id,
                  level: levelSchema,
                  scopeId: id,
                  metric: z.enum(METRICS),
                  shareId: id.nullable(),
                  used: amount,
                  want: amount,
                  least: amount,
                }),
              )
              .max(REQUESTS_MAX),
          }),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'The shares as they are now, in the order they were asked for.',
      content: {
        'application/json': {
          schema: z.object({
            shares: z.array(
              z.object({
                shareId: z.string().nullable(),
                amount: z.string(),
                limit: z.string().nullable(),
                others: z.string(),
                fair: z.string().nullable(),
                ttlMs: z.number(),
                resetsInMs: z.number().nullable(),
              }),
            ),
          }),
        },
      },
    },
  },
});

const endShares = createRoute({
  method: 'post',
  path: '/internal/v1/limits/shares/end',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.object({ gatewayId: id }) } },
    },
  },
  responses: {
    200: {
      description: 'Shares of budgets that wait for the journal of the process before.',
      content: { 'application/json': { schema: z.object({ ids: z.array(z.string()) }) } },
    },
  },
});

const closeShares = createRoute({
  method: 'post',
  path: '/internal/v1/limits/shares/close',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({ gatewayId: id, shareIds: z.array(id).max(REQUESTS_MAX) }),
        },
      },
    },
  },
  responses: { 204: { description: 'They count no more.' } },
});

export function createLimitInternalRoutes(
  limits: Pick<Limits, 'policyOf' | 'shares'>,
): OpenAPIHono<InternalEnv> {
  const app = createApi<InternalEnv>();
  app.openapi(readPolicy, async (context) => {
    const { version, limits: levels } = await limits.policyOf(context.req.valid('json'));
    return context.json(
      {
        version,
        levels: levels.map((each) => ({
          level: each.level,
          scopeId: each.scopeId,
          metrics: Object.fromEntries(
            METRICS.flatMap((metric) => {
              const limit = limitOf(each, metric);
              return limit === null ? [] : [[metric, limit.toString()]];
            }),
          ),
          models: each.models === null ? null : [...each.models],
          regions: each.regions === null ? null : [...each.regions],
          networks: each.networks === null ? null : [...each.networks],
        })),
      },
      200,
    );
  });
  app.openapi(askShares, async (context) => {
    const { gatewayId, requests } = context.req.valid('json');
    const answers = await limits.shares.ask(gatewayId, requests);
    const shares = answers.map(({ amount: held, limit, others, fair, ...rest }) => ({
      ...rest,
      fair: fair?.toString() ?? null,
      amount: held.toString(),
      limit: limit?.toString() ?? null,
      others: others.toString(),
    }));
    return context.json({ shares }, 200);
  });
  app.openapi(endShares, async (context) => {
    const ids = await limits.shares.endOf(context.req.valid('json').gatewayId);
    return context.json({ ids: [...ids] }, 200);
  });
  app.openapi(closeShares, async (context) => {
    const { gatewayId, shareIds } = context.req.valid('json');
    await limits.shares.closeShipped(gatewayId, shareIds);
    return context.body(null, 204);
  });
  return app;
}
