/**
 * For gateways: `/internal/v1/tasks`. Whoever mounts this asks for the join token first. A gateway says
 * for which tenant it asks: it has checked the key.
 */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createApi } from '#platform/http.ts';
import { fail } from './errors.ts';
import type { TaskEnd } from './task.ts';
import type { Tasks } from './tasks.ts';

type InternalEnv = { Variables: { requestId: string } };

/** An answer of 16 MiB, its quotes escaped, and the fields around it. */
const BODY_BYTES_MAX = 40 * 1024 * 1024;
const PAGE_MAX = 100;
/** More than a gateway runs at a time. */
const RUNS_MAX = 1_000;

const id = z.string().min(1).max(200);
const named = z.object({ tenantId: id, id });

const createSchema = z.object({
  tenantId: id,
  projectId: id,
  keyId: id,
  keySha256: z.string().regex(/^[0-9a-f]{64}$/),
  modelName: z.string().min(1).max(200),
  path: z.string().startsWith('/').max(500),
  body: z.string(),
});

const instantMs = z.number().min(0).max(8_640_000_000_000_000);

const listSchema = z.object({
  tenantId: id,
  state: z.enum(['pending', 'running', 'succeeded', 'failed', 'canceled']).nullable(),
  modelName: z.string().nullable(),
  keyId: z.string().nullable(),
  fromMs: instantMs,
  toMs: instantMs,
  offset: z.int().min(0),
  limit: z.int().min(1).max(PAGE_MAX),
});

const status = z.int().min(100).max(599);
const endSchema = z.object({
  gatewayId: id,
  id,
  end: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('answered'), status, answer: z.string() }),
    z.object({ kind: z.literal('busy'), retryAfterMs: z.number().min(0) }),
    z.object({ kind: z.literal('broke'), status, answer: z.string() }),
  ]) satisfies z.ZodType<TaskEnd>,
});

const takeSchema = z.object({ gatewayId: id, limit: z.int().min(1).max(RUNS_MAX) });
const renewSchema = z.object({ gatewayId: id, ids: z.array(id).max(RUNS_MAX) });

export function createTasksInternalRoutes(tasks: Tasks): OpenAPIHono<InternalEnv> {
  const app = createApi<InternalEnv>();
  app.use('/internal/v1/tasks/*', bodyLimit({ maxSize: BODY_BYTES_MAX }));

  app.post('/internal/v1/tasks/create', async (context) =>
    context.json(await tasks.create(await read(context, createSchema))),
  );
  app.post('/internal/v1/tasks/find', async (context) =>
    context.json({ task: await tasks.find(await read(context, named)) }),
  );
  app.post('/internal/v1/tasks/list', async (context) => {
    const { fromMs, toMs, ...listing } = await read(context, listSchema);
    const times = { from: new Date(fromMs), to: new Date(toMs) };
    return context.json(await tasks.list({ ...listing, ...times }));
  });
  app.post('/internal/v1/tasks/cancel', async (context) =>
    context.json({ isCanceled: await tasks.cancel(await read(context, named)) }),
  );
  app.post('/internal/v1/tasks/take', async (context) =>
    context.json({ tasks: await tasks.take(await read(context, takeSchema)) }),
  );
  app.post('/internal/v1/tasks/renew', async (context) =>
    context.json({ ids: await tasks.renew(await read(context, renewSchema)) }),
  );
  app.post('/internal/v1/tasks/end', async (context) => {
    const { end, ...run } = await read(context, endSchema);
    return context.json({ wasHeld: await tasks.end(run, end) });
  });
  return app;
}

/** Raises `task.request_invalid`; a message of the parser could quote a body. */
async function read<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(await context.req.json().catch(() => null));
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join('.') ?? '';
  throw fail('task.request_invalid', `This is no request of a gateway: ${at}.`);
}
