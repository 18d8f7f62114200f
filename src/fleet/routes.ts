/** The fleet's part of `/cloud/v1`: deployments of the caller's tenant, and the operator's nodes. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { deploymentCreateSchema, deploymentSchema, nodeSchema } from './api.ts';
import { failFleet } from './errors.ts';
import type { Fleet } from './fleet.ts';
import { streamLogs } from './log-stream.ts';

const PAGE_MAX = 100;

const pageSchema = z.object({
  cursor: z.string().max(100).default(''),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_MAX),
});

const idSchema = z.object({ id: z.string().max(100) });

const logsQuerySchema = z.object({
  follow: z.stringbool().default(false),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

const errors = { default: json(errorSchema, 'What went wrong.') };

const listOf = <T extends z.ZodType>(schema: T) =>
  z.object({ data: z.array(schema), nextCursor: z.string().nullable() });

const listRoute = createRoute({
  method: 'get',
  path: '/cloud/v1/deployments',
  tags: ['Deployments'],
  request: { query: pageSchema },
  responses: { 200: json(listOf(deploymentSchema), "The tenant's deployments."), ...errors },
});

const createRouteOf = createRoute({
  method: 'post',
  path: '/cloud/v1/deployments',
  tags: ['Deployments'],
  request: {
    body: { content: { 'application/json': { schema: deploymentCreateSchema } }, required: true },
  },
  responses: { 201: json(deploymentSchema, 'Created; it starts at once.'), ...errors },
});

const getRoute = createRoute({
  method: 'get',
  path: '/cloud/v1/deployments/{id}',
  tags: ['Deployments'],
  request: { params: idSchema },
  responses: { 200: json(deploymentSchema, 'The deployment.'), ...errors },
});

const removeRoute = createRoute({
  method: 'delete',
  path: '/cloud/v1/deployments/{id}',
  tags: ['Deployments'],
  request: { params: idSchema },
  responses: { 204: { description: 'Removed; what it is answering is finished.' }, ...errors },
});

const logsRoute = createRoute({
  method: 'get',
  path: '/cloud/v1/deployments/{id}/logs',
  tags: ['Deployments'],
  request: {
    params: idSchema,
    query: logsQuerySchema,
  },
  responses: {
    200: {
      description: 'Lines of its engines, oldest first.',
      content: { 'text/plain': { schema: z.string() } },
    },
    ...errors,
  },
});

const nodesRoute = createRoute({
  method: 'get',
  path: '/cloud/v1/nodes',
  tags: ['Nodes'],
  responses: {
    200: json(listOf(nodeSchema), 'Machines that serve; the operator sees them.'),
    ...errors,
  },
});

export function createFleetRoutes(fleet: Fleet): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();

  app.openapi(listRoute, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'deployment.read');
    const { cursor, limit } = context.req.valid('query');
    const found = await fleet.listDeployments({
      tenantId: principal.tenantId,
      afterId: cursor,
      limit: limit + 1,
    });
    const data = found.slice(0, limit);
    const nextCursor = found.length > limit ? (data.at(-1)?.id ?? null) : null;
    return context.json({ data, nextCursor }, 200);
  });

  app.openapi(createRouteOf, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'deployment.write');
    const owner = {
      tenantId: principal.tenantId,
      isOperator: principal.tenantKind === 'operator',
    };
    return context.json(await fleet.createDeployment(owner, context.req.valid('json')), 201);
  });

  app.openapi(getRoute, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'deployment.read');
    const { id } = context.req.valid('param');
    return context.json(await fleet.getDeployment({ tenantId: principal.tenantId, id }), 200);
  });

  app.openapi(removeRoute, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'deployment.write');
    const { id } = context.req.valid('param');
    await fleet.removeDeployment({ tenantId: principal.tenantId, id });
    return context.body(null, 204);
  });

  mountLogs(app, fleet);
  mountNodes(app, fleet);
  return app;
}

/** Routed by hand: the typed router knows no streamed text. */
function mountLogs(app: OpenAPIHono<CloudEnv>, fleet: Fleet): void {
  app.openAPIRegistry.registerPath(logsRoute);
  app.get('/cloud/v1/deployments/:id/logs', async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'deployment.read');
    const query = logsQuerySchema.safeParse(context.req.query());
    if (!query.success) throw failFleet('deployment.query_invalid', query.error.message);
    const stream = await streamLogs(fleet, {
      ...query.data,
      tenantId: principal.tenantId,
      deploymentId: context.req.param('id'),
      signal: context.req.raw.signal,
    });
    return context.body(stream, 200, { 'content-type': 'text/plain; charset=utf-8' });
  });
}

function mountNodes(app: OpenAPIHono<CloudEnv>, fleet: Fleet): void {
  app.openapi(nodesRoute, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'fleet.read');
    // Customers see what serves them through their deployments, not the operator's machines.
    const data = principal.tenantKind === 'operator' ? await fleet.listNodes() : [];
    return context.json({ data: [...data], nextCursor: null }, 200);
  });
}
