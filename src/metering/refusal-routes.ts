/** For gateways: `POST /internal/v1/refusals`. Whoever mounts this asks for the join token first. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { createApi } from '#platform/http.ts';
import type { Metering } from './metering.ts';

type InternalEnv = { Variables: { requestId: string } };

/** Twice what a gateway puts into one call. */
const REFUSALS_MAX = 1_000;
const BODY_BYTES_MAX = 1024 * 1024;

const id = z.string().min(1).max(200);
const timeMs = z.number().min(0);

const refusalSchema = z.object({
  tenantId: id,
  projectId: id,
  keyId: id,
  requestId: id,
  modelName: z.string().max(200),
  status: z.int().min(100).max(599),
  errorCode: z.string().max(100),
  repeats: z.int().min(0),
  startedAtMs: timeMs,
  endedAtMs: timeMs,
});

const keepRefusals = createRoute({
  method: 'post',
  path: '/internal/v1/refusals',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({ refusals: z.array(refusalSchema).max(REFUSALS_MAX) }),
        },
      },
    },
  },
  responses: { 204: { description: 'Kept, those of keys that there are.' } },
});

export function createRefusalRoutes(
  metering: Pick<Metering, 'keepRefusals'>,
): OpenAPIHono<InternalEnv> {
  const app = createApi<InternalEnv>();
  app.use('/internal/v1/refusals', bodyLimit({ maxSize: BODY_BYTES_MAX }));
  app.openapi(keepRefusals, async (context) => {
    await metering.keepRefusals(context.req.valid('json').refusals);
    return context.body(null, 204);
  });
  return app;
}
