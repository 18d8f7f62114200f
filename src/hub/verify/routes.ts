/** The HTTP edge of the scrub: `/cloud/v1/hub/integrity` and checks, for the operator alone. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { body, failure, json } from '#tenancy/route-shapes.ts';
import type { Hub } from '../hub.ts';
import { hubCheckCreateSchema, hubCheckSchema, hubIntegritySchema } from './api.ts';

const tags = ['Hub storage'];

const readIntegrity = createRoute({
  method: 'get',
  path: '/cloud/v1/hub/integrity',
  tags,
  summary: 'Whether what the hub keeps is whole, as far as it was read',
  responses: {
    200: json(hubIntegritySchema, 'What the scrub knows, with every object that is not sound.'),
    default: failure,
  },
});

const startCheck = createRoute({
  method: 'post',
  path: '/cloud/v1/hub/checks',
  tags,
  summary: 'Read everything, or one repository, now',
  request: { body: body(hubCheckCreateSchema) },
  responses: {
    202: json(hubCheckSchema, 'It runs in the background; where one runs already, that one.'),
    default: failure,
  },
});

const readCheck = createRoute({
  method: 'get',
  path: '/cloud/v1/hub/checks/{id}',
  tags,
  summary: 'How far a check is, and what it found',
  request: { params: z.object({ id: z.string().min(1).max(100) }) },
  responses: { 200: json(hubCheckSchema, 'The check.'), default: failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createVerifyRoutes(hub: Hub): OpenAPIHono<CloudEnv> {
  const api = createApi<CloudEnv>();
  api.openapi(readIntegrity, async (context) => {
    requirePermission(context.get('principal'), 'ledger.verify');
    return context.json(await hub.verify.integrity(), 200);
  });
  api.openapi(startCheck, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'ledger.verify');
    const { repository } = context.req.valid('json');
    const request = { repository: repository ?? null, startedBy: principal.userId };
    return context.json(await hub.verify.check(request), 202);
  });
  api.openapi(readCheck, async (context) => {
    requirePermission(context.get('principal'), 'ledger.verify');
    return context.json(await hub.verify.checkOf(context.req.valid('param').id), 200);
  });
  return api;
}
