/** How often a repository was fetched, by day. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { failure, json } from '#tenancy/route-shapes.ts';
import { repositoryKindSchema } from '../api.ts';
import type { Hub } from '../hub.ts';
import { unknownRepository } from '../repositories/repositories.ts';
import { downloadDaysSchema } from './api.ts';

const DAYS_MAX = 90;

const readDays = createRoute({
  method: 'get',
  path: '/cloud/v1/repositories/{kind}/{owner}/{name}/downloads',
  tags: ['Repositories'],
  summary: 'Downloads, different downloaders and bytes of the last days',
  request: {
    params: z.object({
      kind: repositoryKindSchema,
      owner: z.string().max(96),
      name: z.string().max(96),
    }),
    query: z.object({ days: z.coerce.number().int().min(1).max(DAYS_MAX).default(30) }),
  },
  responses: { 200: json(downloadDaysSchema, 'By day.'), default: failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createDownloadRoutes(
  hub: Pick<Hub, 'repositories' | 'downloads'>,
): OpenAPIHono<CloudEnv> {
  const api = createApi<CloudEnv>();
  api.openapi(readDays, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.read');
    const { kind, owner, name } = context.req.valid('param');
    const id = { kind, name: `${owner}/${name}` };
    const found = await hub.repositories.find({ tenantId: principal.tenantId, principal }, id);
    if (found === null) throw unknownRepository(id);
    const days = await hub.downloads.days(found.row, context.req.valid('query').days);
    return context.json({ days: [...days] }, 200);
  });
  return api;
}
