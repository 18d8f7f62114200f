/** The family of a model on our own API. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { failure, json } from '#tenancy/route-shapes.ts';
import type { Hub } from '../hub.ts';
import { unknownRepository } from '../repositories/repositories.ts';
import { familySchema } from './api.ts';

const readFamily = createRoute({
  method: 'get',
  path: '/cloud/v1/models/{owner}/{name}/family',
  tags: ['Models'],
  summary: 'What a model was made from, and what was made from it, with how much they share',
  request: { params: z.object({ owner: z.string().max(96), name: z.string().max(96) }) },
  responses: { 200: json(familySchema, 'As far as you may see it.'), default: failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createLineageRoutes(
  hub: Pick<Hub, 'repositories' | 'lineage'>,
): OpenAPIHono<CloudEnv> {
  const api = createApi<CloudEnv>();
  api.openapi(readFamily, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.read');
    const { owner, name } = context.req.valid('param');
    const id = { kind: 'model', name: `${owner}/${name}` } as const;
    const { tenantId } = principal;
    const found = await hub.repositories.find({ tenantId, principal }, id);
    if (found === null) throw unknownRepository(id);
    return context.json(await hub.lineage.family(tenantId, found.row), 200);
  });
  return api;
}
