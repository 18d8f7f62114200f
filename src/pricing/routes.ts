/** The HTTP edge of pricing: `GET` and `POST /cloud/v1/prices`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema, pageQuerySchema } from '#tenancy/api.ts';
import { type CloudEnv, type Principal, requirePermission } from '#tenancy/principal.ts';
import { priceCreateSchema, priceSchema } from './api.ts';
import { fail } from './errors.ts';
import type { Pricing, Viewer } from './pricing.ts';

const failure = {
  description: 'Refused; the body says why.',
  content: { 'application/json': { schema: errorSchema } },
};

const listPrices = createRoute({
  method: 'get',
  path: '/cloud/v1/prices',
  request: {
    query: pageQuerySchema.extend({
      /** `owner/name`; without it the prices of every model the caller may see. */
      model: z.string().min(3).max(200).optional(),
    }),
  },
  responses: {
    200: {
      description: 'Price versions, the last published first.',
      content: {
        'application/json': {
          schema: z.object({ data: z.array(priceSchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    default: failure,
  },
});

const createPrice = createRoute({
  method: 'post',
  path: '/cloud/v1/prices',
  request: {
    body: { required: true, content: { 'application/json': { schema: priceCreateSchema } } },
  },
  responses: {
    201: {
      description:
        'The new version. It never changes; the next one replaces it from its own start.',
      content: { 'application/json': { schema: priceSchema } },
    },
    default: failure,
  },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createPricingRoutes(pricing: Pricing): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(listPrices, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'price.read');
    const { model = null, cursor = null, limit } = context.req.valid('query');
    const query = { model, beforeId: cursor, limit: limit + 1 };
    const prices = await pricing.list(viewerOf(principal), query);
    const data = prices.slice(0, limit);
    const nextCursor = prices.length > limit ? (data.at(-1)?.id ?? null) : null;
    return context.json({ data, nextCursor }, 200);
  });
  app.openapi(createPrice, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'price.write');
    const { model, currency, effectiveFrom, ...amounts } = context.req.valid('json');
    const published = await pricing.publish(viewerOf(principal), {
      ...priceOf(amounts),
      model,
      currency,
      effectiveFromMs: effectiveFrom === undefined ? null : Date.parse(effectiveFrom),
      createdBy: principal.userId ?? principal.keyId,
    });
    return context.json(published, 201);
  });
  return app;
}

/** Raises `price.terms_missing`. */
function priceOf({
  terms,
  inputPerMillion,
  outputPerMillion,
  ...rest
}: Omit<z.output<typeof priceCreateSchema>, 'model' | 'currency' | 'effectiveFrom'>) {
  if (terms !== undefined) return { terms };
  if (inputPerMillion !== undefined && outputPerMillion !== undefined) {
    return { inputPerMillion, outputPerMillion, ...rest };
  }
  throw fail('price.terms_missing', 'A price says what input and output cost, or its terms.', {
    param: inputPerMillion === undefined ? 'inputPerMillion' : 'outputPerMillion',
  });
}

function viewerOf(principal: Principal): Viewer {
  return { tenantId: principal.tenantId, isOperator: principal.tenantKind === 'operator' };
}
