/** The HTTP edge of lease modes: `/cloud/v1/ledger/lease-mode`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { leaseModeSchema, leaseModeUpdateSchema } from './api.ts';
import { fail } from './errors.ts';
import type { Ledger } from './ledger.ts';
import { ALL_TENANTS, chooseTenant } from './tenant-choice.ts';

const PATH = '/cloud/v1/ledger/lease-mode';

const failure = {
  description: 'Refused; the body says why.',
  content: { 'application/json': { schema: errorSchema } },
};

const mode = {
  description:
    'Whether gateways set the worst case of a request aside (strict) or an estimate (relaxed).',
  content: { 'application/json': { schema: leaseModeSchema } },
};

const readMode = createRoute({
  method: 'get',
  path: PATH,
  request: { query: z.object({ tenantId: z.string().min(1).max(100).optional() }) },
  responses: { 200: mode, default: failure },
});

const setMode = createRoute({
  method: 'put',
  path: PATH,
  request: {
    body: { required: true, content: { 'application/json': { schema: leaseModeUpdateSchema } } },
  },
  responses: { 200: mode, default: failure },
});

/** Wants the principal middleware on `/cloud/v1/*` in front. */
export function createLeaseModeRoutes(
  ledger: Readonly<{ leases: Pick<Ledger['leases'], 'mode' | 'setMode'> }>,
): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  app.openapi(readMode, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'balance.read');
    // For the operator `all` is the cloud's own mode.
    const tenantId = chooseTenant(principal, context.req.valid('query').tenantId);
    return context.json(await ledger.leases.mode(tenantId), 200);
  });
  app.openapi(setMode, async (context) => {
    requirePermission(context.get('principal'), 'credit.write');
    const { tenantId, mode: wanted } = context.req.valid('json');
    if (tenantId !== null && tenantId !== ALL_TENANTS) {
      return context.json(await ledger.leases.setMode({ tenantId, mode: wanted }), 200);
    }
    if (wanted === null) {
      throw fail('ledger.mode_missing', 'The cloud has a mode: strict or relaxed.', {
        param: 'mode',
      });
    }
    return context.json(await ledger.leases.setMode({ tenantId: null, mode: wanted }), 200);
  });
  return app;
}
