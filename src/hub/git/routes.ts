/**
 * Git over HTTP: `git clone http://this.cloud/owner/name.git` and of datasets and spaces, with any name and a
 * token of the hub as password. What is private answers a stranger as what is not there: with a question for
 * a token. https://git-scm.com/docs/gitprotocol-http
 */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Context, Hono } from 'hono';
import { FlywheelError } from '#platform/error.ts';
import { fail as failAuth } from '#tenancy/errors.ts';
import { bodyOf, idOf } from '../face/address.ts';
import { type Face, type HuggingFaceParts, actorOf } from '../face/parts.ts';
import { requireFiles } from '../face/resolve.ts';
import { createReadViewer, createWriteViewer } from '../face/viewer.ts';
import { type RepositoryId, unknownRepository } from '../repositories/repositories.ts';
import { failGit } from './errors.ts';

/** What a clone says that it has and wants: 160,000 names. */
const WANTED_BYTES_MAX = 8 * 1024 * 1024;
/** As the front door; a push that is compressed again unfolds to no more. */
const PUSHED_BYTES_MAX = 256 * 1024 * 1024;
const ASK = { 'www-authenticate': 'Basic realm="Flywheel: any name, and a token as password"' };
const NEVER_KEPT = { 'cache-control': 'no-cache, max-age=0, must-revalidate' };

export function createGitRoutes(parts: HuggingFaceParts): Hono {
  const api = new Hono();
  const viewerOf = createReadViewer(parts.tenancy, parts.clock);
  const face: Face = { ...parts, viewerOf, writerOf: createWriteViewer(viewerOf, parts.tenancy) };
  api.onError((error, context) => refuse(error, context));
  for (const prefix of ['', '/:kinds{(?:models|datasets|spaces)}']) {
    const repository = `${prefix}/:owner/:name`;
    api.get(`${repository}/info/refs`, (context) => advertise(context, face));
    api.post(`${repository}/git-upload-pack`, (context) => upload(context, face));
    api.post(`${repository}/git-receive-pack`, (context) => receive(context, face));
  }
  return api;
}

async function advertise(context: Context, face: Face): Promise<Response> {
  const { git } = face.hub;
  const service = context.req.query('service');
  if (service === 'git-upload-pack') {
    const key = await readable(context, face);
    const protocol = context.req.header('git-protocol') ?? '';
    const refs = await git.advertise(key, { protocol, signal: context.req.raw.signal });
    return answer(refs, 'application/x-git-upload-pack-advertisement');
  }
  if (service !== 'git-receive-pack') {
    throw failGit('git.request_invalid', 'This hub speaks git by its smart protocol only.');
  }
  const { key } = await writable(context, face);
  const refs = await git.advertisePush(key);
  return answer([refs], 'application/x-git-receive-pack-advertisement');
}

async function upload(context: Context, face: Face): Promise<Response> {
  const key = await readable(context, face);
  const protocol = context.req.header('git-protocol') ?? '';
  const { signal } = context.req.raw;
  const body = plainBody(context, WANTED_BYTES_MAX);
  const packed = await face.hub.git.upload(key, { protocol, signal, body });
  return answer(packed, 'application/x-git-upload-pack-result');
}

async function receive(context: Context, face: Face): Promise<Response> {
  const { viewer, repository } = await writable(context, face);
  const { name: author } = await actorOf(face, viewer);
  const body = plainBody(context, PUSHED_BYTES_MAX);
  const { signal } = context.req.raw;
  const report = await face.hub.git.receive({ viewer, repository, author, body, signal });
  return answer(report, 'application/x-git-receive-pack-result');
}

function answer(body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, type: string): Response {
  return new Response(ReadableStream.from(body), {
    headers: { 'content-type': type, ...NEVER_KEPT },
  });
}

/** Raises `model.unknown`, `repository.gated`. */
async function readable(context: Context, face: Face) {
  const viewer = await face.viewerOf(context);
  const id = gitId(context);
  const repository = await face.hub.repositories.find(viewer, id);
  if (repository === null) throw unknownRepository(id);
  requireFiles(repository);
  return { tenantId: repository.row.tenantId, modelId: repository.row.id };
}

/** Raises `auth.missing`, `model.unknown`, `model.not_yours`. */
async function writable(context: Context, face: Face) {
  const viewer = await face.writerOf(context);
  const repository = await face.hub.repositories.require(viewer, gitId(context), 'write');
  const { row } = repository;
  return { viewer, repository, key: { tenantId: row.tenantId, modelId: row.id } };
}

/** With `.git` after it or without. */
export function gitId(context: Context): RepositoryId {
  const { kind, name } = idOf(context);
  return { kind, name: name.replace(/\.git$/, '') };
}

/** Raises `git.too_large`: what is compressed may unfold to far more than was sent. */
async function* plainBody(context: Context, bytesMax: number): AsyncGenerator<Uint8Array> {
  const isPacked = /^(?:x-)?gzip$/i.test(context.req.header('content-encoding') ?? '');
  const body = bodyOf(context);
  let bytes = 0;
  for await (const part of isPacked ? unpacked(body) : body) {
    bytes += part.length;
    if (bytes > bytesMax)
      throw failGit('git.too_large', `A request has ${bytesMax} bytes at most.`);
    yield part;
  }
}

async function* unpacked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(body, { objectMode: false });
  const plain = createGunzip();
  source.on('error', (error) => plain.destroy(error));
  try {
    for await (const part of source.pipe(plain)) yield part;
  } catch (error) {
    throw failGit('git.request_invalid', 'This is no gzip.', { cause: error });
  } finally {
    source.destroy();
    plain.destroy();
  }
}

/** Git shows plain text to the person who called it, and asks for a token after a 401. */
function refuse(error: Error, context: Context): Response {
  if (!(error instanceof FlywheelError)) throw error;
  const isStranger = context.req.header('authorization') === undefined;
  const isHidden = /^(?:model\.(?:unknown|name_invalid)|repository\.gated)$/.test(error.code);
  const shown =
    isStranger && isHidden
      ? failAuth('auth.missing', 'Send a token, or there is no such thing.')
      : error;
  const { status, message, retryAfterMs } = shown;
  return new Response(`${message}\n`, {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...NEVER_KEPT,
      ...(status === 401 && ASK),
      ...(retryAfterMs !== null && { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
    },
  });
}
