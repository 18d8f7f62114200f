/** For gateways: kept responses by owner. Whoever mounts this asks for the join token first. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { createApi } from '#platform/http.ts';
import { UNMETERED } from '../body-budget.ts';
import { KEPT_BYTES_MAX, type ResponseMemory } from './kept-response.ts';

type InternalEnv = { Variables: { requestId: string } };

const id = z.string().min(1).max(200);
const owner = z.object({ tenantId: id, projectId: id });
const params = z.object({ id });

export const keptSchema = z.object({
  id,
  previousId: id.nullable(),
  input: z.array(z.unknown()),
  response: z.record(z.string(), z.unknown()),
});

const json = <T extends z.ZodType>(schema: T) => ({ content: { 'application/json': { schema } } });

const keep = createRoute({
  method: 'put',
  path: '/internal/v1/responses/{id}',
  request: { params, query: owner, body: { required: true, ...json(keptSchema) } },
  responses: {
    200: { description: 'Whether it is kept.', ...json(z.object({ isKept: z.boolean() })) },
  },
});

const find = createRoute({
  method: 'get',
  path: '/internal/v1/responses/{id}',
  request: { params, query: owner },
  responses: {
    200: { description: 'Itself.', ...json(z.object({ response: keptSchema.nullable() })) },
  },
});

const conversation = createRoute({
  method: 'get',
  path: '/internal/v1/responses/{id}/conversation',
  request: { params, query: owner },
  responses: {
    200: {
      description: 'Itself and those before it, oldest first; null where one is missing.',
      ...json(z.object({ responses: z.array(keptSchema).nullable() })),
    },
  },
});

const forget = createRoute({
  method: 'delete',
  path: '/internal/v1/responses/{id}',
  request: { params, query: owner },
  responses: {
    200: { description: 'Whether there was one.', ...json(z.object({ isGone: z.boolean() })) },
  },
});

export function createResponseInternalRoutes(memory: ResponseMemory): OpenAPIHono<InternalEnv> {
  const app = createApi<InternalEnv>();
  // A little more than what is kept: the two texts come as one.
  app.use('/internal/v1/responses/*', bodyLimit({ maxSize: 2 * KEPT_BYTES_MAX }));
  app.openapi(keep, async (context) => {
    const isKept = await memory.keep(context.req.valid('query'), context.req.valid('json'));
    return context.json({ isKept }, 200);
  });
  app.openapi(find, async (context) => {
    const found = await memory.find(
      context.req.valid('query'),
      context.req.valid('param').id,
      UNMETERED,
    );
    return context.json(
      { response: found === null ? null : { ...found, input: [...found.input] } },
      200,
    );
  });
  app.openapi(conversation, async (context) => {
    const { id: last } = context.req.valid('param');
    const found = await memory.conversation(context.req.valid('query'), last, UNMETERED);
    const responses = found?.map((kept) => ({ ...kept, input: [...kept.input] })) ?? null;
    return context.json({ responses }, 200);
  });
  app.openapi(forget, async (context) => {
    const isGone = await memory.forget(context.req.valid('query'), context.req.valid('param').id);
    return context.json({ isGone }, 200);
  });
  return app;
}
