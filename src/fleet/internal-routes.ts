/** What nodes and gateways call. Mounted behind the join token; not part of the public API. */
import { OpenAPIHono } from '@hono/zod-openapi';
import { defineErrors } from '#platform/error.ts';
import type { Fleet } from './fleet.ts';
import { nodeReportSchema } from './sync.ts';

type InternalEnv = { Variables: { requestId: string } };

const fail = defineErrors({ 'node.report_invalid': { status: 400 } });

export function createFleetInternalRoutes(fleet: Fleet): OpenAPIHono<InternalEnv> {
  const app = new OpenAPIHono<InternalEnv>();

  app.post('/internal/v1/nodes/sync', async (context) => {
    const report = nodeReportSchema.safeParse(await context.req.json().catch(() => null));
    if (!report.success) {
      const issue = report.error.issues[0];
      throw fail(
        'node.report_invalid',
        `${issue?.path.join('.') ?? 'report'}: ${issue?.message ?? 'not valid'}. Do the node and control have the same version?`,
      );
    }
    return context.json(await fleet.sync(report.data, context.req.raw.signal));
  });

  app.post('/internal/v1/deployments/:id/wake', async (context) => {
    await fleet.wake(context.req.param('id'));
    return context.body(null, 204);
  });

  return app;
}
