/** The HTTP edge of routes: `GET`, `POST /cloud/v1/routes` and `DELETE /cloud/v1/routes/{id}`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema, pageQuerySchema } from '#tenancy/api.ts';
import { type CloudEnv, type Principal, requirePermission } from '#tenancy/principal.ts';
import { routeSchema, routeSetSchema } from './api.ts';
import type { RouteOwner, Routing } from './routing.ts';

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

const errors = { default: json(errorSchema, 'What went wrong.') };

const listRoute = createRoute({
  method: 'get',
  path: '/cloud/v1/routes',
  tags: ['Routes'],
  request: { query: pageQuerySchema },
  responses: {
    200: json(
      z.object({ data: z.array(routeSchema), nextCursor: z.string().nullable() }),
      "The tenant's routes, and the operator's that hold for everybody.",
    ),
    ...errors,
  },
});

const setRoute = createRoute({
  method: 'post',
  path: '/cloud/v1/routes',
  tags: ['Routes'],
  request: {
    body: { required: true, content: { 'application/json': { schema: routeSetSchema } } },
  },
  responses: {
    200: json(routeSchema, 'Replaced; gateways follow within seconds.'),
    201: json(routeSchema, 'Created; gateways follow within seconds.'),
    ...errors,
  },
});

const removeRoute = createRoute({
  method: 'delete',
  path: '/cloud/v1/routes/{id}',
  tags: ['Routes'],
  request: { params: z.object({ id: z.string().max(100) }) },
  responses: { 204: { description: 'Removed; requests under way are finished.' }, ...errors },
});

/** Whoever may deploy decides where requests go. */
export function createRoutingRoutes(routing: Routing): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();

  app.openapi(listRoute, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'deployment.read');
    const { cursor = '', limit } = context.req.valid('query');
    const page = { afterId: cursor, limit: limit + 1 };
    const found = await routing.list(ownerOf(principal), page);
    const data = found.slice(0, limit);
    const nextCursor = found.length > limit ? (data.at(-1)?.id ?? null) : null;
    return context.json({ data, nextCursor }, 200);
  });

  app.openapi(setRoute, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'deployment.write');
    const { route, isNew } = await routing.set(ownerOf(principal), context.req.valid('json'));
    return context.json(route, isNew ? 201 : 200);
  });

  app.openapi(removeRoute, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'deployment.write');
    await routing.remove({ tenantId: principal.tenantId, id: context.req.valid('param').id });
    return context.body(null, 204);
  });

  return app;
}

function ownerOf({ tenantId, tenantKind }: Principal): RouteOwner {
  return { tenantId, isOperator: tenantKind === 'operator' };
}
