/**
 * What nodes pull: which files make a revision, and their bytes. Mounted behind the join token;
 * these routes know no tenant.
 */
import { Hono } from 'hono';
import type { ByteRange } from '#platform/objects.ts';
import { failHub } from './errors.ts';
import type { Hub } from './hub.ts';
import { parseRange } from './range.ts';

/** A blob never changes under its name. */
const FOREVER = 'private, max-age=31536000, immutable';

/** Mounted as it is: the paths are whole. Errors are thrown for the app around it to answer. */
export function createHubInternalRoutes(hub: Hub): Hono {
  const api = new Hono();

  api.get('/internal/v1/revisions/:modelId/:revisionId', async (context) => {
    const { modelId, revisionId } = context.req.param();
    const { files } = await hub.getRevision(modelId, revisionId);
    return context.json({ files, ...(await hub.resolveWeights(modelId, revisionId)) });
  });

  api.get('/internal/v1/blobs/:sha256', async (context) => {
    const { sha256 } = context.req.param();
    const sizeBytes = /^[0-9a-f]{64}$/.test(sha256) ? await hub.blobSize(sha256) : null;
    if (sizeBytes === null) throw failHub('blob.unknown', `There is no blob ${sha256}.`);
    const range = parseRange(context.req.header('range'), sizeBytes);
    if (range === 'unsatisfiable') {
      return new Response(null, {
        status: 416,
        headers: { 'content-range': `bytes */${sizeBytes}` },
      });
    }
    const bytes = await hub.readBlob(sha256, range ?? { start: 0 });
    return new Response(streamOf(bytes), blobHeaders(sha256, sizeBytes, range));
  });

  return api;
}

function blobHeaders(sha256: string, sizeBytes: number, range: ByteRange | null): ResponseInit {
  const { start, end } = { start: range?.start ?? 0, end: range?.end ?? sizeBytes };
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    'cache-control': FOREVER,
    'content-length': String(end - start),
    'content-type': 'application/octet-stream',
    etag: `"${sha256}"`,
  };
  if (range === null) return { status: 200, headers };
  headers['content-range'] = `bytes ${start}-${end - 1}/${sizeBytes}`;
  return { status: 206, headers };
}

function streamOf(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  // Node and the DOM declare the same stream under two names.
  return ReadableStream.from(bytes);
}
