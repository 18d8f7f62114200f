/** Who else has a role in a repository; for those who may change its settings. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { type CloudEnv, type Principal, requirePermission } from '#tenancy/principal.ts';
import { body, failure, json } from '#tenancy/route-shapes.ts';
import { repositoryKindSchema } from '../api.ts';
import type { Hub } from '../hub.ts';
import { grantSetSchema, repositoryGrantsSchema } from './api.ts';

const at = '/cloud/v1/repositories/{kind}/{owner}/{name}/grants';
const tags = ['Repositories'];
const params = z.object({
  kind: repositoryKindSchema,
  owner: z.string().max(96),
  name: z.string().max(96),
});
const granteeParams = params.extend({ grantee: z.string().min(1).max(96) });
const answers = { 200: json(repositoryGrantsSchema, 'All that there are.'), default: failure };

const listGrants = createRoute({
  method: 'get',
  path: at,
  tags,
  summary: 'Which other tenants have a role in this repository',
  request: { params },
  responses: answers,
});

const setGrant = createRoute({
  method: 'put',
  path: `${at}/{grantee}`,
  tags,
  summary: 'Give another tenant a role in this repository, by a name it holds',
  request: { params: granteeParams, body: body(grantSetSchema) },
  responses: answers,
});

const removeGrant = createRoute({
  method: 'delete',
  path: `${at}/{grantee}`,
  tags,
  summary: 'Take that role away; in force at once',
  request: { params: granteeParams },
  responses: answers,
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createGrantRoutes({
  repositories,
  grants,
}: Pick<Hub, 'repositories' | 'grants'>): OpenAPIHono<CloudEnv> {
  const api = createApi<CloudEnv>();
  const governed = async (principal: Principal, { kind, owner, name }: z.infer<typeof params>) => {
    requirePermission(principal, 'model.read');
    const viewer = { tenantId: principal.tenantId, principal };
    const { row } = await repositories.require(viewer, { kind, name: `${owner}/${name}` }, 'admin');
    return row;
  };
  api.openapi(listGrants, async (context) => {
    const row = await governed(context.get('principal'), context.req.valid('param'));
    return context.json({ data: [...(await grants.list(row))] }, 200);
  });
  api.openapi(setGrant, async (context) => {
    const asked = context.req.valid('param');
    const row = await governed(context.get('principal'), asked);
    const { role } = context.req.valid('json');
    return context.json({ data: [...(await grants.set(row, asked.grantee, role))] }, 200);
  });
  api.openapi(removeGrant, async (context) => {
    const asked = context.req.valid('param');
    const row = await governed(context.get('principal'), asked);
    return context.json({ data: [...(await grants.remove(row, asked.grantee))] }, 200);
  });
  return api;
}
