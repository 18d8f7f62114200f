/**
 * Large files by Git LFS: announced in a batch, sent to signed addresses in one piece or in parts, verified.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md; `multipart` is Hugging Face's own
 * (huggingface_hub: lfs.py).
 */
import { z } from '@hono/zod-openapi';
import type { Context, Hono } from 'hono';
import { type RepositoryId, unknownRepository } from '../repositories/repositories.ts';
import type { UploadWay } from '../repositories/uploads.ts';
import { bodyOf, idOf, originOf, param, readJson } from '../face/address.ts';
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
    api.post(`${prefix}/:owner/:name{[^/]+\\.git}/info/lfs/objects/batch`, (context) =>
      batch(context, face),
    );
  }
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

/** The address ends with `.git`, as git's own does. */
function plainId(context: Context): RepositoryId {
  const { kind, name } = idOf(context);
  return { kind, name: name.replace(/\.git$/, '') };
}

async function batch(context: Context, face: Face): Promise<Response> {
  const asked = await readJson(context, batchSchema);
  if (asked.operation === 'download') return download(context, face, asked);
  const viewer = await face.writerOf(context);
  // Whoever may open a pull request sends its files here too.
  await face.hub.repositories.require(viewer, plainId(context), 'read');
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

async function download(context: Context, face: Face, asked: Batch): Promise<Response> {
  const viewer = await face.viewerOf(context);
  const id = plainId(context);
  const repository = await face.hub.repositories.find(viewer, id);
  if (repository === null) throw unknownRepository(id);
  requireFiles(repository);
  const { files } = await face.hub.history.revision(repository, 'main');
  const origin = originOf(context);
  const objects = asked.objects.map((object) => {
    const file = files.find(({ sha256 }) => sha256 === object.oid);
    if (file === undefined) return { ...object, error: { code: 404, message: 'Not here.' } };
    const path = file.path.split('/').map(encodeURIComponent).join('/');
    const prefix = id.kind === 'model' ? '' : `${id.kind}s/`;
    const href = `${origin}/${prefix}${repository.name}/resolve/main/${path}`;
    return { ...object, actions: { download: { href } } };
  });
  return context.json({ transfer: 'basic', objects }, 200, { 'content-type': CONTENT_TYPE });
}
