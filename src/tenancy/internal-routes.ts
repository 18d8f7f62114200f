/** For gateways: `POST /internal/v1/keys/lookup`. Whoever mounts this asks for the join token first. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { roleSchema } from './api.ts';
import type { Tenancy } from './tenancy.ts';

type InternalEnv = { Variables: { requestId: string } };

const lookupSchema = z.object({ secretSha256: z.string().regex(/^[0-9a-f]{64}$/) });

const foundSchema = z.object({
  key: z
    .object({
      id: z.string(),
      tenantId: z.string(),
      projectId: z.string(),
      /** In which its tenant is charged. */
      currency: z.string(),
      models: z.array(z.string()).readonly().nullable(),
      expiresAtMs: z.number().nullable(),
      role: roleSchema,
      actsFor: z.literal('batch').optional(),
    })
    .nullable(),
  /** Whose it was, so that its owner can be told that it is refused; absent where nobody's. */
  stopped: z
    .object({
      stopped: z.enum(['revoked', 'expired']),
      id: z.string(),
      tenantId: z.string(),
      projectId: z.string(),
    })
    .optional(),
});

const lookup = createRoute({
  method: 'post',
  path: '/internal/v1/keys/lookup',
  request: { body: { required: true, content: { 'application/json': { schema: lookupSchema } } } },
  responses: {
    200: {
      description: 'The key, or null when it is unknown, revoked or expired.',
      content: { 'application/json': { schema: foundSchema } },
    },
  },
});

export function createTenancyInternalRoutes(
  tenancy: Pick<Tenancy, 'lookupKey' | 'findStoppedKey'>,
): OpenAPIHono<InternalEnv> {
  const app = createApi<InternalEnv>();
  app.openapi(lookup, async (context) => {
    const { secretSha256 } = context.req.valid('json');
    const found = await tenancy.lookupKey(secretSha256);
    const stopped = found.key === null ? await tenancy.findStoppedKey(secretSha256) : null;
    return context.json({ ...found, ...(stopped !== null && { stopped }) }, 200);
  });
  return app;
}
