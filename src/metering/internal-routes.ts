/** For gateways: `POST /internal/v1/usage`. Whoever mounts this asks for the join token first. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { createApi } from '#platform/http.ts';
import type { Metering } from './metering.ts';

type InternalEnv = { Variables: { requestId: string } };

/** Well above what a shipper puts into one shipment, see SHIP_BYTES_MAX. */
const SHIPMENT_BYTES_MAX = 2 * 1024 * 1024;

const count = z.int().min(0);

const shipUsage = createRoute({
  method: 'post',
  path: '/internal/v1/usage',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            gatewayId: z.string().min(1).max(200),
            segment: count,
            fromOffset: count,
            toOffset: count,
            /** Checked one by one inside, so that a bad record stops no other. */
            settled: z.array(z.unknown()).max(10_000),
          }),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'Committed: the gateway may forget everything up to `toOffset`.',
      content: {
        'application/json': {
          schema: z.object({ recorded: count, duplicates: count, quarantined: count }),
        },
      },
    },
  },
});

export function createMeteringInternalRoutes(
  metering: Pick<Metering, 'ingest'>,
): OpenAPIHono<InternalEnv> {
  const app = createApi<InternalEnv>();
  app.use('/internal/v1/usage', bodyLimit({ maxSize: SHIPMENT_BYTES_MAX }));
  app.openapi(shipUsage, async (context) =>
    context.json(await metering.ingest(context.req.valid('json')), 200),
  );
  return app;
}
