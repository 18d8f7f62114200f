/**
 * A file of a revision, to be fetched: `HEAD` and `GET /{owner}/{name}/resolve/{revision}/{path}`, whole or
 * from any byte on. What is served was uploaded by strangers and comes from the console's own address, so
 * no browser may take it for a page.
 */
import type { Context } from 'hono';
import { casUrl } from '#xet/routes.ts';
import { failHub } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { parseRange } from '../range.ts';
import type { Repository } from '../repositories/repositories.ts';
import { originOf } from './address.ts';
import type { FoundRevision } from '../huggingface/answers.ts';

const IMMUTABLE = 'public, max-age=31536000, immutable';
const REVALIDATE = 'no-cache';

/** Raises `file.unknown`, `repository.gated`. */
export async function sendFile(
  context: Context,
  hub: Hub,
  asked: FoundRevision & Readonly<{ path: string; isBySha: boolean }>,
): Promise<Response> {
  const { repository, revision, path } = asked;
  requireFiles(repository);
  const file = revision.files.find((candidate) => candidate.path === path);
  const headers: Record<string, string> = { 'x-repo-commit': revision.id };
  if (file === undefined) {
    context.set('commit', revision.id);
    throw failHub('file.unknown', `There is no ${path.slice(0, 200)} in ${repository.name}.`);
  }
  const { sizeBytes, sha256 } = file;
  // As at the original hub: git's own name of a file that git keeps, else the SHA-256.
  const etag = `"${file.gitOid ?? sha256}"`;
  Object.assign(headers, {
    etag,
    'x-linked-etag': etag,
    'x-linked-size': String(sizeBytes),
    'accept-ranges': 'bytes',
    'cache-control': asked.isBySha && isOpen(repository.row) ? IMMUTABLE : REVALIDATE,
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(nameOf(path))}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  });
  const xetHash = (await hub.xetHashesOf([sha256])).get(sha256);
  if (xetHash !== undefined) Object.assign(headers, xetHeaders(context, asked, xetHash));
  const isHead = context.req.method === 'HEAD';
  const range = isHead ? null : parseRange(context.req.header('range'), sizeBytes);
  if (range === 'unsatisfiable') {
    headers['content-range'] = `bytes */${sizeBytes}`;
    return new Response(null, { status: 416, headers });
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  headers['content-length'] = String(end - start);
  countDownload(context, hub, asked, isHead ? 0 : end - start);
  if (isHead) return new Response(null, { status: 200, headers });
  if (range !== null) headers['content-range'] = `bytes ${start}-${end - 1}/${sizeBytes}`;
  const bytes = await hub.readBlob(sha256, { start, end });
  return new Response(ReadableStream.from(bytes), { status: range === null ? 200 : 206, headers });
}

function countDownload(
  context: Context,
  { downloads }: Hub,
  { viewer, repository, path }: FoundRevision & Readonly<{ path: string }>,
  bytes: number,
): void {
  const address = context.req.header('x-forwarded-for') ?? 'control';
  const client = viewer.tenantId === '' ? address : viewer.tenantId;
  downloads.count({ row: repository.row, path, client, bytes });
}

/** Where a client that speaks Xet gets the same bytes in chunks; others take no notice. */
function xetHeaders(
  context: Context,
  { repository, revision }: FoundRevision,
  xetHash: string,
): Readonly<Record<string, string>> {
  const id = `${repository.row.kind}s/${repository.name}`;
  const token = `${originOf(context)}/api/${id}/xet-read-token/${revision.id}`;
  const info = `${casUrl(context)}/v2/reconstructions/${xetHash}`;
  return {
    'x-xet-hash': xetHash,
    link: `<${token}>; rel="xet-auth", <${info}>; rel="xet-reconstruction-info"`,
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Raises `repository.gated`. */
export function requireFiles({ mayReadFiles, name }: Repository): void {
  if (mayReadFiles) return;
  throw failHub(
    'repository.gated',
    `Access to ${name} is restricted. Ask for it on its page, and send a token.`,
  );
}

function isOpen({ visibility, gated }: Repository['row']): boolean {
  return visibility === 'public' && gated === 'no';
}
