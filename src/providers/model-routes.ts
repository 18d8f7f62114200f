/** The models of a provider and their costs, beneath `/cloud/v1/providers/{id}`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import {
  providerCostCreateSchema,
  providerCostSchema,
  providerModelCreateSchema,
  providerModelSchema,
  upstreamModelSchema,
} from './api.ts';
import type { Providers } from './providers.ts';
import { errors, idParams, json, listOf, reader, tags, writer } from './route-parts.ts';

const modelParams = idParams.extend({ modelId: z.string().max(100) });

const listUpstream = createRoute({
  method: 'get',
  path: '/cloud/v1/providers/{id}/upstream-models',
  tags,
  request: { params: idParams },
  responses: { 200: json(listOf(upstreamModelSchema), 'What the provider lists now.'), ...errors },
});

const addModel = createRoute({
  method: 'post',
  path: '/cloud/v1/providers/{id}/models',
  tags,
  request: {
    params: idParams,
    body: {
      required: true,
      content: { 'application/json': { schema: providerModelCreateSchema } },
    },
  },
  responses: { 201: json(providerModelSchema, 'Served from now on.'), ...errors },
});

const removeModel = createRoute({
  method: 'delete',
  path: '/cloud/v1/providers/{id}/models/{modelId}',
  tags,
  request: { params: modelParams },
  responses: { 204: { description: 'No longer served by this provider.' }, ...errors },
});

const listCosts = createRoute({
  method: 'get',
  path: '/cloud/v1/providers/{id}/models/{modelId}/costs',
  tags,
  request: { params: modelParams },
  responses: {
    200: json(listOf(providerCostSchema), 'Every version, oldest first; the operator sees them.'),
    ...errors,
  },
});

const addCost = createRoute({
  method: 'post',
  path: '/cloud/v1/providers/{id}/models/{modelId}/costs',
  tags,
  request: {
    params: modelParams,
    body: { required: true, content: { 'application/json': { schema: providerCostCreateSchema } } },
  },
  responses: {
    201: json(providerCostSchema, 'The new version, which holds until the next one begins.'),
    ...errors,
  },
});

export function addModelRoutes(app: OpenAPIHono<CloudEnv>, providers: Providers): void {
  app.openapi(listUpstream, async (context) => {
    // It makes a call with the tenant's key, so reading is not enough.
    const owner = writer(context.get('principal'));
    const data = await providers.upstreamModels(owner, context.req.valid('param').id);
    return context.json({ data: [...data], nextCursor: null }, 200);
  });
  app.openapi(addModel, async (context) => {
    const owner = writer(context.get('principal'));
    const { id } = context.req.valid('param');
    return context.json(await providers.addModel(owner, id, context.req.valid('json')), 201);
  });
  app.openapi(removeModel, async (context) => {
    const owner = writer(context.get('principal'));
    const { id, modelId } = context.req.valid('param');
    await providers.removeModel(owner, id, modelId);
    return context.body(null, 204);
  });
  app.openapi(listCosts, async (context) => {
    const owner = reader(context.get('principal'));
    const { id, modelId } = context.req.valid('param');
    const data = await providers.listCosts(owner, { providerId: id, modelId });
    return context.json({ data: [...data], nextCursor: null }, 200);
  });
  app.openapi(addCost, async (context) => {
    const principal = context.get('principal');
    const owner = reader(principal);
    requirePermission(principal, 'cost.write');
    const { id, modelId } = context.req.valid('param');
    const { effectiveFrom, ...amounts } = context.req.valid('json');
    const cost = await providers.addCost(
      owner,
      { providerId: id, modelId },
      {
        ...amounts,
        effectiveFromMs: effectiveFrom === undefined ? null : Date.parse(effectiveFrom),
        createdBy: principal.userId ?? principal.keyId,
      },
    );
    return context.json(cost, 201);
  });
}
