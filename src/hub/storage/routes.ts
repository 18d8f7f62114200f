/** What a tenant keeps: `/cloud/v1/hub/storage`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { body, failure, json } from '#tenancy/route-shapes.ts';
import type { Hub } from '../hub.ts';
import { storageQuotaSchema, storageUseSchema } from './api.ts';

const tags = ['Hub storage'];
const params = z.object({ tenantId: z.string().min(1).max(100) });

const readOwn = createRoute({
  method: 'get',
  path: '/cloud/v1/hub/storage',
  tags,
  summary: 'What your tenant keeps in the hub, and how much it may',
  responses: {
    200: json(storageUseSchema, 'In bytes, with the largest repositories.'),
    default: failure,
  },
});

const readOther = createRoute({
  method: 'get',
  path: '/cloud/v1/hub/storage/{tenantId}',
  tags,
  summary: 'What a tenant keeps in the hub; for the operator',
  request: { params },
  responses: {
    200: json(storageUseSchema, 'In bytes, with the largest repositories.'),
    default: failure,
  },
});

const setQuota = createRoute({
  method: 'put',
  path: '/cloud/v1/hub/storage/{tenantId}',
  tags,
  summary: 'Say how much a tenant may keep; for the operator',
  request: { params, body: body(storageQuotaSchema) },
  responses: {
    200: json(storageUseSchema, 'In force at once. What is there already stays.'),
    default: failure,
  },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createStorageRoutes({ storage }: Pick<Hub, 'storage'>): OpenAPIHono<CloudEnv> {
  const api = createApi<CloudEnv>();
  api.openapi(readOwn, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.read');
    return context.json(await storage.use(principal.tenantId), 200);
  });
  api.openapi(readOther, async (context) => {
    requirePermission(context.get('principal'), 'tenant.create');
    return context.json(await storage.use(context.req.valid('param').tenantId), 200);
  });
  api.openapi(setQuota, async (context) => {
    requirePermission(context.get('principal'), 'tenant.create');
    const { bytesMax } = context.req.valid('json');
    return context.json(await storage.setQuota(context.req.valid('param').tenantId, bytesMax), 200);
  });
  return api;
}
