/** What ModelScope's clients change: repositories, tags, bytes by LFS, commits of actions. */
import { z } from '@hono/zod-openapi';
import type { Context, Hono } from 'hono';
import { fail as failAuth } from '#tenancy/errors.ts';
import { failHub } from '../errors.ts';
import { originOf, param, readJson } from '../face/address.ts';
import { type InlineFile, commitInline, createInlineFiles } from '../face/inline.ts';
import { type Face, type Seen, authorOf } from '../face/parts.ts';
import type { Change } from '../repositories/commit-plan.ts';
import { enveloped, openEnveloped } from './envelope.ts';
import { repositoryFacts, visibilityFrom } from './facts.ts';
import { KIND_PATTERN, REPOSITORY, changeableBy, idOf, kindOf, revisionOf } from './parts.ts';
import { describeCaller, whoCalls } from './read-routes.ts';

const text = z.string().max(2000);
const createSchema = z.object({
  /** Datasets say `Owner`. */
  Path: text.nullish(),
  Owner: text.nullish(),
  Name: text.min(1),
  Visibility: z.union([z.number(), text]).nullish(),
});
const tagSchema = z.object({
  TagName: text.nullish(),
  Tag: text.nullish(),
  Ref: text.nullish(),
  Revision: text.nullish(),
});
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256');
const batchSchema = z.object({
  objects: z.array(z.object({ oid: sha256, size: z.number().int().nonnegative() })).max(1000),
});
const actionSchema = z.object({
  action: z.enum(['create', 'update', 'delete']),
  path: text.min(1),
  type: z.enum(['normal', 'lfs']).default('normal'),
  size: z.number().int().nonnegative().nullish(),
  sha256: z.string().max(64).nullish(),
  content: z.string().nullish(),
});
const commitSchema = z.object({
  commit_message: z.string().max(10_000).nullish(),
  actions: z.array(actionSchema).min(1).max(10_000),
});
type Action = z.output<typeof actionSchema>;

/** What is over 1 MiB comes by LFS; so this is a commit of some hundred small files. */
const COMMIT_BYTES_MAX = 64 * 1024 * 1024;
/** Their own limit of this way. */
const FORM_FILE_BYTES_MAX = 5 * 1024 * 1024;

export function addWriteRoutes(api: Hono, face: Face): void {
  const { hub } = face;
  const changeable = (context: Context) => changeableBy(face, context, idOf(context), 'write');

  api.post('/api/v1/login', async (context) => {
    const { AccessToken } = await readJson(context, z.object({ AccessToken: text.min(1) }));
    // Older clients have nothing but this body to say who they are.
    const headers = new Headers({ authorization: `Bearer ${AccessToken}` });
    const principal = await face.tenancy.authenticate(headers);
    if (principal === null) throw failAuth('auth.key_invalid', 'This token is unknown or expired.');
    const { username, email } = await describeCaller(face, principal);
    context.header('set-cookie', `m_session_id=${AccessToken}; Path=/; HttpOnly; SameSite=Lax`);
    return context.json(enveloped({ AccessToken, Username: username, Email: email }));
  });
  api.post(`/api/v1/${KIND_PATTERN}`, (context) => create(context, face));
  api.delete(REPOSITORY, async (context) => {
    await hub.repositories.remove(await face.writerOf(context), idOf(context));
    return context.json(enveloped(null));
  });
  api.post(`${REPOSITORY}/repo/tag`, async (context) => {
    const { repository } = await changeable(context);
    const asked = await readJson(context, tagSchema);
    const name = asked.TagName ?? asked.Tag ?? '';
    const from = revisionOf(asked.Ref ?? asked.Revision ?? undefined);
    await hub.history.createRef(repository, { kind: 'tag', name, from, message: '' });
    return context.json(enveloped({ TagName: name, Revision: name }));
  });
  api.post(`/api/v1/repos/${KIND_PATTERN}/:owner/:name/info/lfs/objects/batch`, async (context) => {
    const { viewer } = await changeable(context);
    const { objects } = await readJson(context, batchSchema);
    const files = objects.map(({ oid, size }) => ({ sha256: oid, sizeBytes: size }));
    const ways = await hub.uploads.announce(viewer.tenantId, files, 'whole');
    const origin = originOf(context);
    const answers = objects.map((object, index) => {
      const way = ways[index];
      if (way?.kind !== 'whole') return object;
      return { ...object, actions: { upload: { href: `${origin}/api/lfs/${way.token}` } } };
    });
    return context.json(enveloped({ objects: answers }));
  });
  api.post(`/api/v1/repos/${KIND_PATTERN}/:owner/:name/commit/:revision{.+}`, async (context) => {
    const made = await changeable(context);
    const asked = await readJson(context, commitSchema, COMMIT_BYTES_MAX);
    const revisionId = await commitActions(face, made, {
      revision: revisionOf(param(context, 'revision')),
      message: asked.commit_message ?? 'Upload files',
      actions: asked.actions,
    });
    return context.json(enveloped({ Id: revisionId, CommitId: revisionId, oid: revisionId }));
  });
  const removeFile = async (context: Context): Promise<Response> => {
    const made = await changeable(context);
    const path = context.req.query('FilePath') ?? '';
    const revisionId = await commitActions(face, made, {
      revision: revisionOf(context.req.query('Revision')),
      message: `Delete ${path}`,
      actions: [{ action: 'delete', path, type: 'normal' }],
    });
    return context.json(enveloped({ Id: revisionId }));
  };
  api.delete(`${REPOSITORY}/file`, removeFile);
  api.delete(`${REPOSITORY}/repo`, removeFile);
  api.post('/openapi/v1/files/upload', (context) => uploadForm(context, face));
}

async function create(context: Context, face: Face): Promise<Response> {
  const viewer = await face.writerOf(context);
  const isForm = context.req.header('content-type')?.startsWith('multipart/') === true;
  const asked = isForm
    ? createSchema.parse(await context.req.parseBody())
    : await readJson(context, createSchema);
  const owner = asked.Path ?? asked.Owner ?? (await whoCalls(face, context)).username;
  const repository = await face.hub.repositories.create(viewer, {
    kind: kindOf(context),
    name: `${owner}/${asked.Name}`,
    visibility: visibilityFrom(asked.Visibility),
    author: await authorOf(face, viewer),
  });
  return context.json(
    enveloped(repositoryFacts(await face.hub.repositories.describe(viewer, repository))),
  );
}

async function commitActions(
  face: Face,
  { viewer, repository }: Seen,
  asked: Readonly<{ revision: string; message: string; actions: readonly Action[] }>,
): Promise<string> {
  const inline = createInlineFiles(face, viewer.tenantId);
  try {
    const changes: Change[] = [];
    for (const action of asked.actions) {
      const { path } = action;
      if (action.action === 'delete') changes.push({ kind: 'delete', path });
      else if (action.type === 'normal') await inline.add({ path, content: action.content ?? '' });
      else changes.push(largeFile(action));
    }
    changes.push(...(await inline.keep()));
    const author = await authorOf(face, viewer);
    const { revision, message } = asked;
    const plan = { revision, parentId: null, message, author, changes, target: 'branch' } as const;
    return (await face.hub.history.commit(viewer, repository, plan)).revisionId;
  } finally {
    await inline.discard();
  }
}

function largeFile({ path, sha256: hash, size }: Action): Change {
  if (!sha256.safeParse(hash).success || typeof size !== 'number') {
    throw failHub('commit.invalid', `${path.slice(0, 200)} needs its SHA-256 and its size.`);
  }
  return { kind: 'put', path, sha256: hash ?? '', sizeBytes: size };
}

/** One small file, as a form. */
async function uploadForm(context: Context, face: Face): Promise<Response> {
  const body = await context.req.parseBody();
  const { file, path, repo_id: name, repo_type: type, commit_message: message } = body;
  if (!(file instanceof File) || typeof path !== 'string' || typeof name !== 'string') {
    throw failHub('commit.invalid', 'A form has file, path and repo_id.');
  }
  if (file.size > FORM_FILE_BYTES_MAX) {
    throw failHub('commit.too_large', `A form takes ${FORM_FILE_BYTES_MAX} bytes at most.`);
  }
  const kind = type === 'dataset' ? 'dataset' : type === 'studio' ? 'space' : 'model';
  const made = await changeableBy(face, context, { kind, name }, 'write');
  const content = Buffer.from(await file.arrayBuffer()).toString('base64');
  const files: readonly InlineFile[] = [{ path, content }];
  const author = await authorOf(face, made.viewer);
  await commitInline(face, {
    ...made,
    author,
    files,
    message: typeof message === 'string' && message !== '' ? message : `Upload ${path}`,
  });
  return context.json(openEnveloped({ path, size: file.size }));
}
