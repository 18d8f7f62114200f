/** Repositories as wholes: create, delete, move, settings, duplicate, and what is said of all of them. */
import { z } from '@hono/zod-openapi';
import type { Context, Hono } from 'hono';
import { FlywheelError } from '#platform/error.ts';
import { type Visibility, repositoryKindSchema } from '../api.ts';
import { checkCard } from '../wire/huggingface/card-check.ts';
import type { RepositoryId } from '../repositories/repositories.ts';
import { REPOSITORY, idOf, originOf, pathOf, readJson } from '../face/address.ts';
import { type Face, authorOf, seen } from '../face/parts.ts';
import { commitInline } from '../face/inline.ts';
import { requireFiles } from '../face/resolve.ts';

const name = z.string().min(1).max(200);
/** Theirs has `protected` for applications whose code is not shown: that is private here. */
const visibility = z.enum(['public', 'internal', 'private', 'protected']).nullish();
const privacy = { private: z.boolean().nullish(), visibility };

const createSchema = z.object({
  name,
  organization: name.nullish(),
  type: repositoryKindSchema.default('model'),
  ...privacy,
  license: z.string().max(100).nullish(),
  sdk: z.string().max(40).nullish(),
  files: z
    .array(
      z.object({ path: z.string().max(2000), content: z.string(), encoding: z.literal('base64') }),
    )
    .max(100)
    .nullish(),
});
const removeSchema = z.object({
  name,
  organization: name.nullish(),
  type: repositoryKindSchema.default('model'),
});
const moveSchema = z.object({
  fromRepo: name,
  toRepo: name,
  type: repositoryKindSchema.default('model'),
});
const settingsSchema = z.object({
  ...privacy,
  gated: z.union([z.enum(['auto', 'manual']), z.literal(false)]).nullish(),
});
const duplicateSchema = z.object({ repository: name, ...privacy });
const cardSchema = z.object({ content: z.string(), repoType: z.string().max(20).nullish() });

export function addRepositoryRoutes(api: Hono, face: Face): void {
  const { hub } = face;
  api.post('/api/repos/create', (context) => create(context, face));
  api.delete('/api/repos/delete', async (context) => {
    const viewer = await face.writerOf(context);
    const asked = await readJson(context, removeSchema);
    await hub.repositories.remove(viewer, {
      kind: asked.type,
      name: await fullName(face, viewer, asked),
    });
    return context.json({});
  });
  api.post('/api/repos/move', async (context) => {
    const viewer = await face.writerOf(context);
    const { fromRepo, toRepo, type: kind } = await readJson(context, moveSchema);
    await hub.repositories.move(viewer, { kind, name: fromRepo }, toRepo);
    return context.json({ url: `${originOf(context)}/${pathOf({ kind, name: toRepo })}` });
  });
  api.put(`${REPOSITORY}/settings`, async (context) => {
    const viewer = await face.writerOf(context);
    const asked = await readJson(context, settingsSchema);
    const { row } = await hub.repositories.update(viewer, idOf(context), {
      visibility: visibilityOf(asked, null),
      gated: asked.gated === false ? 'no' : (asked.gated ?? null),
    });
    return context.json({
      private: row.visibility !== 'public',
      visibility: row.visibility,
      gated: row.gated === 'no' ? false : row.gated,
    });
  });
  api.post(`${REPOSITORY}/duplicate`, (context) => duplicate(context, face));
  api.post('/api/validate-yaml', async (context) =>
    context.json(checkCard((await readJson(context, cardSchema)).content)),
  );
  for (const kinds of ['models', 'datasets']) {
    api.get(`/api/${kinds}-tags-by-type`, async (context) => {
      const viewer = await face.viewerOf(context);
      const kind = kinds === 'models' ? 'model' : 'dataset';
      return context.json(await hub.repositories.tagsByType(viewer, kind));
    });
  }
}

async function create(context: Context, face: Face): Promise<Response> {
  const viewer = await face.writerOf(context);
  const asked = await readJson(context, createSchema, CREATE_BYTES_MAX);
  const id = { kind: asked.type, name: await fullName(face, viewer, asked) };
  const answer = { ...id, id: id.name, url: urlOf(context, id) };
  const author = await authorOf(face, viewer);
  const repositories = face.hub.repositories;
  return answerOnce(context, answer, async () => {
    const repository = await repositories.create(viewer, {
      ...id,
      visibility: visibilityOf(asked, 'public') ?? 'public',
      author,
    });
    const files = [...(asked.files ?? [])];
    const fields = Object.entries({ license: asked.license, sdk: asked.sdk }).filter(
      ([, value]) => typeof value === 'string',
    );
    if (fields.length > 0 && !files.some(({ path }) => path === 'README.md')) {
      const front = fields.map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
      const card = ['---', ...front, '---', ''].join('\n');
      const content = Buffer.from(card).toString('base64');
      files.push({ path: 'README.md', content, encoding: 'base64' });
    }
    const message = 'Add first files';
    if (files.length > 0) await commitInline(face, { viewer, repository, author, files, message });
  });
}

/** The clients' `exist_ok` goes on with the address of what is there. */
async function answerOnce(
  context: Context,
  answer: Readonly<Record<string, string>>,
  make: () => Promise<void>,
): Promise<Response> {
  try {
    await make();
    return context.json(answer);
  } catch (error) {
    if (!(error instanceof FlywheelError) || error.code !== 'repository.exists') throw error;
    return context.json({ ...answer, error: error.message }, 409);
  }
}

/** Some first files in base64; a commit takes more. */
const CREATE_BYTES_MAX = 32 * 1024 * 1024;

async function duplicate(context: Context, face: Face): Promise<Response> {
  const { hub } = face;
  const viewer = await face.writerOf(context);
  const { repository: source } = await seen(face, context);
  requireFiles(source);
  const asked = await readJson(context, duplicateSchema);
  const author = await authorOf(face, viewer);
  const id = { kind: source.row.kind, name: asked.repository };
  const { files } = await hub.history.revision(source, 'main');
  return answerOnce(context, { url: urlOf(context, id), id: id.name }, async () => {
    const target = await hub.repositories.create(viewer, {
      ...id,
      visibility: visibilityOf(asked, source.row.visibility) ?? source.row.visibility,
      author,
    });
    // Who may fetch them has them.
    for (const file of files) await hub.uploads.accept({ tenantId: viewer.tenantId, ...file });
    await hub.history.commit(viewer, target, {
      revision: 'main',
      parentId: null,
      message: `Duplicate of ${source.name}`,
      author,
      changes: files.map((file) => ({ kind: 'put', ...file })),
      target: 'branch',
    });
  });
}

function urlOf(context: Context, id: RepositoryId): string {
  return `${originOf(context)}/${pathOf(id)}`;
}

/** Without an owner it goes to the caller's own namespace. */
async function fullName(
  { hub, tenancy }: Face,
  { principal }: Awaited<ReturnType<Face['writerOf']>>,
  asked: Readonly<{ name: string; organization?: string | null | undefined }>,
): Promise<string> {
  if (typeof asked.organization === 'string') return `${asked.organization}/${asked.name}`;
  if (asked.name.includes('/') || principal === null) return asked.name;
  const { tenant } = await tenancy.me(principal);
  const [own] = await hub.repositories.namespacesOf(tenant);
  return `${own ?? tenant.id}/${asked.name}`;
}

function visibilityOf(
  asked: Readonly<{
    private?: boolean | null | undefined;
    visibility?: Visibility | 'protected' | null | undefined;
  }>,
  otherwise: Visibility | null,
): Visibility | null {
  if (asked.visibility === 'protected') return 'private';
  if (asked.visibility !== null && asked.visibility !== undefined) return asked.visibility;
  if (asked.private === null || asked.private === undefined) return otherwise;
  return asked.private ? 'private' : 'public';
}
