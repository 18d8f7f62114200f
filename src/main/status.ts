/** `GET /cloud/v1/status`: what this cloud runs on, for `flywheel status` and the console. */
import { type OpenAPIHono, createRoute } from '@hono/zod-openapi';
import type { GatewaySeen } from '#gateway/internal-routes.ts';
import { statusSchema } from '#metering/api.ts';
import type { Clock } from '#platform/clock.ts';
import { type DatabaseHandle, sql } from '#platform/database.ts';
import { createApi } from '#platform/http.ts';
import { errorSchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { type ProcessOptions, VERSION } from './options.ts';

const statusRoute = createRoute({
  method: 'get',
  path: '/cloud/v1/status',
  tags: ['Status'],
  responses: {
    200: {
      description: 'Version, database and gateways. Only the operator sees gateways.',
      content: { 'application/json': { schema: statusSchema } },
    },
    default: {
      description: 'What went wrong.',
      content: { 'application/json': { schema: errorSchema } },
    },
  },
});

export function createStatusRoutes(
  parts: Readonly<{ handle: DatabaseHandle; clock: Clock; options: ProcessOptions }>,
  listGateways: () => GatewaySeen[],
): OpenAPIHono<CloudEnv> {
  const { handle, clock, options } = parts;
  const startedAt = new Date(clock.nowMs()).toISOString();
  const kind = options.settings.FLYWHEEL_DATABASE_URL === null ? 'embedded' : 'postgresql';
  const app = createApi<CloudEnv>();
  app.openapi(statusRoute, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'tenant.read');
    const { rows } = await sql<{
      version: string;
    }>`select current_setting('server_version') as version`.execute(handle.database);
    return context.json(
      {
        version: VERSION,
        startedAt,
        database: { kind, version: rows[0]?.version ?? '' } as const,
        gateways: principal.tenantKind === 'operator' ? listGateways() : [],
      },
      200,
    );
  });
  return app;
}
