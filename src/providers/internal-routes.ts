/** For gateways: `POST /internal/v1/providers/{id}/key`. Whoever mounts this asks for the join token first. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import type { Providers } from './providers.ts';

type InternalEnv = { Variables: { requestId: string } };

const openKey = createRoute({
  method: 'post',
  path: '/internal/v1/providers/{id}/key',
  request: { params: z.object({ id: z.string().max(100) }) },
  responses: {
    200: {
      description: 'The key, to be held in memory only.',
      content: {
        'application/json': { schema: z.object({ apiKey: z.string(), keyVersion: z.int() }) },
      },
    },
  },
});

export function createProviderInternalRoutes(
  providers: Pick<Providers, 'openKey'>,
): OpenAPIHono<InternalEnv> {
  const app = createApi<InternalEnv>();
  app.openapi(openKey, async (context) => {
    context.header('cache-control', 'no-store');
    return context.json(await providers.openKey(context.req.valid('param').id), 200);
  });
  return app;
}
