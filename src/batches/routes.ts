/**
 * The HTTP edge of files and batches, in OpenAI's shapes at OpenAI's addresses, and under
 * `/compatible-mode` where Model Studio has them. Only keys call it: a batch acts as one, and a key knows
 * its project. Wants the principal middleware in front.
 */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { API_BODY_LIMIT_BYTES, createApi } from '#platform/http.ts';
import { parseRange } from '#hub/range.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { type File, batchCreateSchema } from './api.ts';
import { presentBatch, seconds } from './batch.ts';
import type { Batches, Caller } from './batches.ts';
import { describeBatches } from './description.ts';
import { fail } from './errors.ts';
import type { StoredFile } from './file.ts';
import { boundaryOf } from './multipart.ts';

const FILES_PER_PAGE_MAX = 10_000;
const BATCHES_PER_PAGE = 20;
const BATCHES_PER_PAGE_MAX = 100;

const cursor = z.string().min(1).max(100).optional();

const filesQuery = z.object({
  after: cursor,
  limit: z.coerce.number().int().min(1).max(FILES_PER_PAGE_MAX).default(1_000),
  order: z.enum(['asc', 'desc']).default('desc'),
  purpose: z.enum(['batch', 'batch_output', 'user_data']).optional(),
});

const batchesQuery = z.object({
  after: cursor,
  limit: z.coerce.number().int().min(1).max(BATCHES_PER_PAGE_MAX).default(BATCHES_PER_PAGE),
});

export function createBatchRoutes(batches: Batches): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  for (const prefix of ['/v1', '/compatible-mode/v1']) {
    fileRoutes(app, `${prefix}/files`, batches);
    batchRoutes(app, `${prefix}/batches`, batches);
  }
  describeBatches(app);
  return app;
}

type Env = Context<CloudEnv>;

function fileRoutes(app: OpenAPIHono<CloudEnv>, path: string, { files }: Batches): void {
  app.post(path, async (context) => {
    const caller = callerOf(context);
    const boundary = boundaryOf(context.req.header('content-type'));
    const declared = context.req.header('content-length');
    const declaredBytes = declared === undefined ? null : Number(declared);
    const { body } = context.req.raw;
    if (body === null) throw fail('upload_invalid', 'The request has no body.');
    const file = await files.receive(caller, { body, boundary, declaredBytes });
    return context.json(presentFile(file), 200);
  });
  app.get(path, async (context) => {
    const { after = null, purpose = null, limit, order } = read(filesQuery, context.req.query());
    const place = callerOf(context);
    const found = await files.list(place, { after, purpose, order, limit: limit + 1 });
    return context.json(listOf(found.slice(0, limit).map(presentFile), found.length > limit), 200);
  });
  app.get(`${path}/:id`, async (context) =>
    context.json(presentFile(await files.find(callerOf(context), context.req.param('id'))), 200),
  );
  app.delete(`${path}/:id`, async (context) => {
    const id = context.req.param('id');
    await files.remove(callerOf(context), id);
    return context.json({ id, object: 'file', deleted: true }, 200);
  });
  app.get(`${path}/:id/content`, async (context) => {
    const file = await files.find(callerOf(context), context.req.param('id'));
    const range = parseRange(context.req.header('range'), file.sizeBytes);
    if (range === 'unsatisfiable') {
      context.header('content-range', `bytes */${file.sizeBytes}`);
      throw fail('file_range_invalid', `The file has ${file.sizeBytes} bytes.`);
    }
    const bytes = await files.read(file, range ?? undefined);
    const { start = 0, end = file.sizeBytes } = range ?? {};
    return new Response(ReadableStream.from(bytes), {
      status: range === null ? 200 : 206,
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(end - start),
        'accept-ranges': 'bytes',
        'cache-control': 'private, no-store',
        'x-content-type-options': 'nosniff',
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
        ...(range === null
          ? {}
          : { 'content-range': `bytes ${start}-${end - 1}/${file.sizeBytes}` }),
      },
    });
  });
}

function batchRoutes(app: OpenAPIHono<CloudEnv>, path: string, batches: Batches): void {
  app.post(path, bodyLimit({ maxSize: API_BODY_LIMIT_BYTES }), async (context) => {
    const caller = callerOf(context);
    const wish = read(batchCreateSchema, await context.req.json().catch(() => null));
    return context.json(presentBatch(await batches.create(caller, wish)), 200);
  });
  app.get(path, async (context) => {
    const { after = null, limit } = read(batchesQuery, context.req.query());
    const found = await batches.list(callerOf(context), { after, limit: limit + 1 });
    return context.json(listOf(found.slice(0, limit).map(presentBatch), found.length > limit), 200);
  });
  app.get(`${path}/:id`, async (context) => {
    const batch = await batches.find(callerOf(context), context.req.param('id'));
    return context.json(presentBatch(batch), 200);
  });
  app.post(`${path}/:id/cancel`, async (context) => {
    const batch = await batches.cancel(callerOf(context), context.req.param('id'));
    return context.json(presentBatch(batch), 200);
  });
}

/** Raises `batch_key_needed` or `access.denied`. */
function callerOf(context: Env): Caller {
  const principal = context.get('principal');
  requirePermission(principal, 'model.call');
  const { tenantId, projectId, keyId } = principal;
  if (projectId === null || keyId === null) {
    throw fail('batch_key_needed', 'Files and batches belong to a project: call with an API key.');
  }
  return { tenantId, projectId, keyId };
}

/** Raises `batch_input_invalid`. */
function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const param = issue?.path.join('.') ?? '';
  const message = `${param || 'body'}: ${issue?.message ?? 'is not valid'}`;
  throw fail('batch_input_invalid', message, param === '' ? {} : { param });
}

function listOf<Item extends Readonly<{ id: string }>>(data: readonly Item[], hasMore: boolean) {
  return {
    object: 'list' as const,
    data: [...data],
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: hasMore,
  };
}

function presentFile(file: StoredFile): File {
  return {
    id: file.id,
    object: 'file',
    bytes: file.sizeBytes,
    created_at: seconds(file.createdAt),
    expires_at: file.expiresAt === null ? null : seconds(file.expiresAt),
    filename: file.name,
    purpose: file.purpose,
    status: 'processed',
  };
}
