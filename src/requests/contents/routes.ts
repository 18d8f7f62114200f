/** Kept prompts and answers on our own API: of a project, and of one request. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { projectOf } from '../routes.ts';
import {
  projectContentsSchema,
  projectContentsUpdateSchema,
  requestContentSchema,
} from '../api.ts';
import type { Contents } from './contents.ts';

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const errors = { default: json(errorSchema, 'Refused; the body says why.') };
const tags = ['Requests'];
const ofProject = z.object({ projectId: z.string().min(1).max(100) });
const ofRequest = z.object({ requestId: z.string().min(1).max(200) });
const projectPath = '/cloud/v1/projects/{projectId}/contents';
const requestPath = '/cloud/v1/requests/{requestId}/content';

const showSettings = createRoute({
  method: 'get',
  path: projectPath,
  tags,
  request: { params: ofProject },
  responses: { 200: json(projectContentsSchema, 'What the project keeps.'), ...errors },
});

const updateSettings = createRoute({
  method: 'patch',
  path: projectPath,
  tags,
  request: {
    params: ofProject,
    body: { required: true, ...json(projectContentsUpdateSchema, '') },
  },
  responses: { 200: json(projectContentsSchema, 'As it is now.'), ...errors },
});

const forgetAll = createRoute({
  method: 'delete',
  path: projectPath,
  tags,
  request: { params: ofProject },
  responses: { 204: { description: 'Nothing is kept any more of what was.' }, ...errors },
});

const showContent = createRoute({
  method: 'get',
  path: requestPath,
  tags,
  request: { params: ofRequest },
  responses: { 200: json(requestContentSchema, 'The prompt and the answer.'), ...errors },
});

const forgetContent = createRoute({
  method: 'delete',
  path: requestPath,
  tags,
  request: { params: ofRequest },
  responses: { 204: { description: 'Forgotten.' }, ...errors },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createContentRoutes(contents: Contents): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(showSettings, async (context) => {
    const key = projectOf(context.get('principal'), 'tenant.read', context.req.valid('param'));
    return context.json(await contents.settings(key), 200);
  });
  app.openapi(updateSettings, async (context) => {
    const principal = context.get('principal');
    const key = projectOf(principal, 'content.write', context.req.valid('param'));
    const updatedBy = principal.userId ?? principal.keyId;
    const change = { ...context.req.valid('json'), updatedBy };
    return context.json(await contents.update(key, change), 200);
  });
  app.openapi(forgetAll, async (context) => {
    const key = projectOf(context.get('principal'), 'content.write', context.req.valid('param'));
    await contents.forgetAll(key);
    return context.body(null, 204);
  });
  app.openapi(showContent, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'content.read');
    const { tenantId, projectId } = principal;
    const { requestId } = context.req.valid('param');
    context.header('cache-control', 'no-store');
    return context.json(await contents.read({ tenantId, projectId, requestId }), 200);
  });
  app.openapi(forgetContent, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'content.write');
    const { tenantId, projectId } = principal;
    await contents.forget({ tenantId, projectId, requestId: context.req.valid('param').requestId });
    return context.body(null, 204);
  });
  return app;
}
