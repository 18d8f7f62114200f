/**
 * A file of a revision, to be fetched: `HEAD` and `GET /{owner}/{name}/resolve/{revision}/{path}`, whole or
 * from any byte on. What is served was uploaded by strangers and comes from the console's own address, so
 * no browser may take it for a page.
 */
import type { Context } from 'hono';
import { failHub } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { parseRange } from '../range.ts';
import type { FoundRevision } from './find.ts';

const IMMUTABLE = 'public, max-age=31536000, immutable';
const REVALIDATE = 'no-cache';

/** Raises `file.unknown`. */
export async function sendFile(
  context: Context,
  hub: Hub,
  asked: FoundRevision & Readonly<{ path: string; isBySha: boolean }>,
): Promise<Response> {
  const { model, revision, path } = asked;
  const file = revision.files.find((candidate) => candidate.path === path);
  const headers: Record<string, string> = { 'x-repo-commit': revision.id };
  if (file === undefined) {
    context.set('commit', revision.id);
    throw failHub('file.unknown', `There is no ${path.slice(0, 200)} in ${model.name}.`);
  }
  const { sizeBytes, sha256 } = file;
  Object.assign(headers, {
    etag: `"${sha256}"`,
    'x-linked-etag': `"${sha256}"`,
    'x-linked-size': String(sizeBytes),
    'accept-ranges': 'bytes',
    'cache-control': asked.isBySha && model.visibility === 'public' ? IMMUTABLE : REVALIDATE,
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(nameOf(path))}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  });
  const isHead = context.req.method === 'HEAD';
  const range = isHead ? null : parseRange(context.req.header('range'), sizeBytes);
  if (range === 'unsatisfiable') {
    headers['content-range'] = `bytes */${sizeBytes}`;
    return new Response(null, { status: 416, headers });
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  headers['content-length'] = String(end - start);
  if (isHead) return new Response(null, { status: 200, headers });
  if (range !== null) headers['content-range'] = `bytes ${start}-${end - 1}/${sizeBytes}`;
  const bytes = await hub.readBlob(sha256, { start, end });
  return new Response(ReadableStream.from(bytes), { status: range === null ? 200 : 206, headers });
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
