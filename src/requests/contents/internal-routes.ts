/** For gateways: `POST /internal/v1/contents`. Whoever mounts this asks for the join token first. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { createApi } from '#platform/http.ts';
import { contentPartSchema } from '../api.ts';
import type { Contents } from './contents.ts';

type InternalEnv = { Variables: { requestId: string } };

/** A gateway sends at most half of this at a time, and JSON writes a quote as two. */
const BODY_BYTES_MAX = 8 * 1024 * 1024;
const CONTENTS_MAX = 200;

const id = z.string().min(1).max(200);

const keep = createRoute({
  method: 'post',
  path: '/internal/v1/contents',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            contents: z
              .array(
                z.object({
                  tenantId: id,
                  projectId: id,
                  requestId: id,
                  request: contentPartSchema,
                  answer: contentPartSchema,
                }),
              )
              .max(CONTENTS_MAX),
          }),
        },
      },
    },
  },
  responses: { 204: { description: 'Kept, as far as their projects want it.' } },
});

export function createContentInternalRoutes(
  contents: Pick<Contents, 'keep'>,
): OpenAPIHono<InternalEnv> {
  const app = createApi<InternalEnv>();
  app.use('/internal/v1/contents', bodyLimit({ maxSize: BODY_BYTES_MAX }));
  app.openapi(keep, async (context) => {
    await contents.keep(context.req.valid('json').contents);
    return context.body(null, 204);
  });
  return app;
}
