/** A project's cache on our own API: `/cloud/v1/projects/{projectId}/cache`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema } from '#tenancy/api.ts';
import {
  type CloudEnv,
  type Permission,
  type Principal,
  requirePermission,
} from '#tenancy/principal.ts';
import { projectCacheSchema, projectCacheUpdateSchema } from './api.ts';
import { fail } from './errors.ts';
import type { Requests } from './requests.ts';
import type { ProjectKey } from './store.ts';

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const errors = { default: json(errorSchema, 'Refused; the body says why.') };
const tags = ['Projects'];
const params = z.object({ projectId: z.string().min(1).max(100) });
const path = '/cloud/v1/projects/{projectId}/cache';

const showCache = createRoute({
  method: 'get',
  path,
  tags,
  request: { params },
  responses: { 200: json(projectCacheSchema, "The project's cache."), ...errors },
});

const updateCache = createRoute({
  method: 'patch',
  path,
  tags,
  request: {
    params,
    body: { required: true, content: { 'application/json': { schema: projectCacheUpdateSchema } } },
  },
  responses: { 200: json(projectCacheSchema, 'As it is now.'), ...errors },
});

const emptyCache = createRoute({
  method: 'delete',
  path,
  tags,
  request: { params },
  responses: { 204: { description: 'Every answer is forgotten.' }, ...errors },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createRequestRoutes(requests: Requests): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(showCache, async (context) => {
    const key = projectOf(context.get('principal'), 'tenant.read', context.req.valid('param'));
    return context.json(await requests.getCache(key), 200);
  });
  app.openapi(updateCache, async (context) => {
    const key = projectOf(context.get('principal'), 'cache.write', context.req.valid('param'));
    return context.json(await requests.updateCache(key, context.req.valid('json')), 200);
  });
  app.openapi(emptyCache, async (context) => {
    const key = projectOf(context.get('principal'), 'cache.write', context.req.valid('param'));
    await requests.emptyCache(key);
    return context.body(null, 204);
  });
  return app;
}

/** A key speaks for its own project. */
export function projectOf(
  principal: Principal,
  permission: Permission,
  { projectId }: Readonly<{ projectId: string }>,
): ProjectKey {
  requirePermission(principal, permission);
  if (principal.projectId !== null && principal.projectId !== projectId) {
    throw fail('project.unknown', `There is no project ${projectId}.`);
  }
  return { tenantId: principal.tenantId, projectId };
}
