/**
 * Large files by Git LFS: announced in a batch, sent to signed addresses in one piece or in parts, verified.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md; `multipart` is Hugging Face's own
 * (huggingface_hub: lfs.py).
 */
import { z } from '@hono/zod-openapi';
import type { Context, Hono } from 'hono';
import { FlywheelError } from '#platform/error.ts';
import { failHub } from '../errors.ts';
import { parseRange } from '../range.ts';
import { gitId } from '../git/routes.ts';
import { unknownRepository } from '../repositories/repositories.ts';
import type { UploadWay } from '../repositories/uploads.ts';
import { bodyOf, originOf, param, readJson } from '../face/address.ts';
import type { Face } from '../face/parts.ts';
import { requireFiles } from '../face/resolve.ts';

const batchSchema = z.object({
  operation: z.enum(['upload', 'download']),
  transfers: z.array(z.string().max(40)).max(20).default(['basic']),
  objects: z
    .array(
      z.object({
        oid: z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256'),
        size: z.number().int().nonnegative(),
      }),
    )
    .max(1000),
  hash_algo: z.enum(['sha256', 'sha_256']).nullish(),
});
type Batch = z.output<typeof batchSchema>;

const completionSchema = z.object({
  parts: z
    .array(z.object({ partNumber: z.number().int().min(1).max(10_000), etag: z.string().max(200) }))
    .min(1)
    .max(10_000),
});

const CONTENT_TYPE = 'application/vnd.git-lfs+json';

export function addLfsRoutes(api: Hono, face: Face): void {
  const { uploads } = face.hub;
  for (const prefix of ['', '/:kinds{(?:datasets|spaces)}']) {
    const lfs = `${prefix}/:owner/:name{[^/]+\\.git}/info/lfs`;
    api.post(`${lfs}/objects/batch`, (context) => askingForToken(context, batch(context, face)));
    // git-lfs takes it as a hub that keeps no locks, and pushes.
    for (const path of [`${lfs}/locks`, `${lfs}/locks/:rest{.+}`]) {
      api.all(path, (context) =>
        context.json({ message: 'This hub keeps no locks.' }, 404, {
          'content-type': CONTENT_TYPE,
        }),
      );
    }
  }
  api.get('/api/lfs/:token', (context) => sendLarge(context, face));
  api.put('/api/lfs/:token', async (context) => {
    await uploads.receive(param(context, 'token'), bodyOf(context));
    return context.body(null, 200);
  });
  api.put('/api/lfs/:token/:part{[0-9]+}', async (context) => {
    const part = Number(param(context, 'part'));
    const etag = await uploads.receivePart(param(context, 'token'), part, bodyOf(context));
    return context.body(null, 200, { etag: `"${etag}"` });
  });
  api.post('/api/lfs/:token/complete', async (context) => {
    const { parts } = await readJson(context, completionSchema);
    const sorted = parts.toSorted((left, right) => left.partNumber - right.partNumber);
    await uploads.complete(
      param(context, 'token'),
      sorted.map(({ etag }) => etag),
    );
    return context.json({ success: true });
  });
  api.post('/api/lfs/:token/verify', async (context) => {
    await uploads.verify(param(context, 'token'));
    return context.json({});
  });
}

/** Whoever showed no token is asked for one, whether the repository is there or not. */
async function askingForToken(context: Context, answer: Promise<Response>): Promise<Response> {
  try {
    return await answer;
  } catch (error) {
    const isHidden = error instanceof FlywheelError && HIDDEN.has(error.code);
    if (!isHidden || context.req.header('authorization') !== undefined) throw error;
    const asks = 'Basic realm="Flywheel: any name, and a token as password"';
    return context.json({ message: 'Send a token, or there is no such thing.' }, 401, {
      'content-type': CONTENT_TYPE,
      'lfs-authenticate': asks,
      'www-authenticate': asks,
    });
  }
}

const HIDDEN = new Set(['auth.missing', 'model.unknown', 'model.name_invalid', 'repository.gated']);

async function batch(context: Context, face: Face): Promise<Response> {
  const asked = await readJson(context, batchSchema);
  if (asked.operation === 'download') return download(context, face, asked);
  const viewer = await face.writerOf(context);
  // Whoever may open a pull request sends its files here too.
  await face.hub.repositories.require(viewer, gitId(context), 'read');
  const files = asked.objects.map(({ oid, size }) => ({ sha256: oid, sizeBytes: size }));
  const mayBeParts = asked.transfers.includes('multipart') ? 'parts' : 'whole';
  const ways = await face.hub.uploads.announce(viewer.tenantId, files, mayBeParts);
  const origin = originOf(context);
  return context.json(
    {
      transfer: ways.some(({ kind }) => kind === 'parts') ? 'multipart' : 'basic',
      objects: asked.objects.map((object, index) => ({
        ...object,
        authenticated: true,
        ...actionsOf(origin, ways[index]),
      })),
      hash_algo: 'sha256',
    },
    200,
    { 'content-type': CONTENT_TYPE },
  );
}

/** None for what is stored: that is how LFS says that there is nothing to send. */
function actionsOf(origin: string, way: UploadWay | undefined) {
  if (way === undefined || way.kind === 'stored') return {};
  const href = `${origin}/api/lfs/${way.token}`;
  const verify = { href: `${href}/verify` };
  if (way.kind === 'whole') return { actions: { upload: { href }, verify } };
  const numbers = Array.from({ length: way.count }, (_, index) => String(index + 1));
  const header = {
    chunk_size: String(way.partBytes),
    ...Object.fromEntries(
      numbers.map((number) => [number.padStart(5, '0'), `${href}/${Number(number)}`]),
    ),
  };
  return { actions: { upload: { href: `${href}/complete`, header }, verify } };
}

/** Any file of any revision, from a signed address: what git checks out may be long gone from main. */
async function download(context: Context, face: Face, asked: Batch): Promise<Response> {
  const viewer = await face.viewerOf(context);
  const id = gitId(context);
  const repository = await face.hub.repositories.find(viewer, id);
  if (repository === null) throw unknownRepository(id);
  requireFiles(repository);
  const { git } = face.hub;
  const { tenantId, id: modelId } = repository.row;
  const oids = asked.objects.map(({ oid }) => oid);
  const sizes = await git.contents({ tenantId, modelId }, oids);
  const origin = originOf(context);
  const objects = await Promise.all(
    asked.objects.map(async (object) => {
      const sizeBytes = sizes.get(object.oid);
      if (sizeBytes === undefined) return { ...object, error: { code: 404, message: 'Not here.' } };
      const word = await git.signDownload({ sha256: object.oid, sizeBytes });
      const href = `${origin}/api/lfs/${word}`;
      return { ...object, authenticated: true, actions: { download: { href } } };
    }),
  );
  return context.json({ transfer: 'basic', objects }, 200, { 'content-type': CONTENT_TYPE });
}

/** `GET /api/lfs/{word}`, whole or from any byte on. Raises `upload.refused`. */
async function sendLarge(context: Context, { hub }: Face): Promise<Response> {
  const file = await hub.git.openDownload(param(context, 'token'));
  if (file === null) throw failHub('upload.refused', 'This address is not ours, or has expired.');
  const range = parseRange(context.req.header('range'), file.sizeBytes);
  const headers = { ...AS_BYTES, 'accept-ranges': 'bytes' };
  if (range === 'unsatisfiable') {
    const past = { ...headers, 'content-range': `bytes */${file.sizeBytes}` };
    return new Response(null, { status: 416, headers: past });
  }
  const { start, end } = range ?? { start: 0, end: file.sizeBytes };
  const bytes = await hub.readBlob(file.sha256, { start, end });
  return new Response(ReadableStream.from(bytes), {
    status: range === null ? 200 : 206,
    headers: {
      ...headers,
      'content-length': String(end - start),
      ...(range !== null && { 'content-range': `bytes ${start}-${end - 1}/${file.sizeBytes}` }),
    },
  });
}

const AS_BYTES = {
  'content-type': 'application/octet-stream',
  'content-disposition': 'attachment',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
};
