/** Writing files: how each is to be sent, and the commit that makes them visible all at once. */
import { z } from '@hono/zod-openapi';
import type { Context, Hono } from 'hono';
import type { File } from '../api.ts';
import { isOwn } from '../community/rights.ts';
import { failHub } from '../errors.ts';
import { REGULAR_BYTES_MAX, isText } from '../git/regular.ts';
import type { Change } from '../repositories/commit-plan.ts';
import { pullNumber } from '../repositories/refs.ts';
import type { Repository } from '../repositories/repositories.ts';
import { type CommitLine, readCommitLines } from '../wire/huggingface/commit-lines.ts';
import { gitObjectId } from '../wire/huggingface/git-object.ts';
import { type IgnoreRules, parseIgnore } from '../wire/huggingface/ignore.ts';
import { REPOSITORY, bodyOf, isSet, originOf, param, pathOf, readJson } from '../face/address.ts';
import { createInlineFiles } from '../face/inline.ts';
import { type Face, type Seen, authorOf, changeable, seen } from '../face/parts.ts';

const preuploadSchema = z.object({
  files: z
    .array(
      z.object({
        path: z.string().max(2000),
        size: z.number().int().nonnegative(),
        sample: z.string().max(2000).default(''),
      }),
    )
    .max(1000),
  gitIgnore: z.string().max(1_000_000).nullish(),
});
type Offered = z.output<typeof preuploadSchema>['files'][number];

/** Files of before that are read to say that they did not change, per request. */
const COMPARED_BYTES_MAX = 32 * 1024 * 1024;

export function addCommitRoutes(api: Hono, face: Face): void {
  api.post(`${REPOSITORY}/preupload/:revision`, async (context) => {
    const needed = await neededFor(face, context);
    const { repository } = await changeable(face, context, needed);
    const { files, gitIgnore } = await readJson(context, preuploadSchema);
    const known = await filesBefore(face, repository, param(context, 'revision'));
    return context.json({ files: await adviseAll(face, { files, gitIgnore, known }) });
  });
  api.post(`${REPOSITORY}/commit/:revision`, async (context) => {
    const found = await changeable(face, context, await neededFor(face, context));
    return commitLines(context, face, found);
  });
}

/**
 * A pull request is open to whoever may read, if it has an account, and goes on by whom it belongs to; a
 * branch is for those who may write.
 */
async function neededFor(face: Face, context: Context): Promise<'read' | 'write'> {
  if (isSet(context.req.query('create_pr'))) return 'read';
  const num = pullNumber(param(context, 'revision'));
  if (num === null) return 'write';
  const viewer = await face.writerOf(context);
  const { repository } = await seen(face, context);
  const { author } = await face.hub.community.discussions.get(repository, num);
  return isOwn(viewer, author) ? 'read' : 'write';
}

async function filesBefore(
  { hub }: Face,
  repository: Repository,
  revision: string,
): Promise<ReadonlyMap<string, File>> {
  const { files } = await hub.history.revision(repository, revision);
  return new Map(files.map((file) => [file.path, file]));
}

async function adviseAll(
  face: Face,
  asked: Readonly<{
    files: readonly Offered[];
    gitIgnore: string | null | undefined;
    known: ReadonlyMap<string, File>;
  }>,
) {
  const ignore = parseIgnore(asked.gitIgnore ?? '');
  const budget = { bytes: COMPARED_BYTES_MAX };
  const advice: Awaited<ReturnType<typeof advise>>[] = [];
  for (const file of asked.files) {
    advice.push(await advise(face, file, { ignore, budget, before: asked.known.get(file.path) }));
  }
  return advice;
}

async function advise(
  { hub }: Face,
  { path, size, sample }: Offered,
  known: Readonly<{ ignore: IgnoreRules; budget: { bytes: number }; before: File | undefined }>,
) {
  const { before, budget } = known;
  const uploadMode = isInline(size, sample) ? 'regular' : 'lfs';
  const advice = { path, uploadMode, shouldIgnore: known.ignore(path) };
  // With it a client that has the same file leaves it out.
  if (before === undefined || before.sizeBytes !== size) return advice;
  if (uploadMode === 'lfs') return { ...advice, oid: before.sha256 };
  budget.bytes -= size;
  if (budget.bytes < 0) return advice;
  if (before.gitOid !== undefined) return { ...advice, oid: before.gitOid };
  const parts: Uint8Array[] = [];
  for await (const part of await hub.readBlob(before.sha256)) parts.push(part);
  return { ...advice, oid: gitObjectId('blob', Buffer.concat(parts)) };
}

function isInline(size: number, sample: string): boolean {
  if (size === 0) return true;
  return size <= REGULAR_BYTES_MAX && isText(Buffer.from(sample, 'base64'));
}

async function commitLines(context: Context, face: Face, { viewer, repository }: Seen) {
  const inline = createInlineFiles(face, viewer.tenantId);
  const lines: Exclude<CommitLine, { key: 'file' | 'header' }>[] = [];
  let header: Extract<CommitLine, { key: 'header' }>['value'] | null = null;
  try {
    for await (const line of readCommitLines(bodyOf(context))) {
      if (line.key === 'header') header = line.value;
      else if (line.key !== 'file') lines.push(line);
      else await inline.add({ path: line.value.path, content: contentOf(line.value) });
    }
    if (header === null) throw failHub('commit.invalid', 'A commit begins with its header.');
    const text = [header.summary, header.description ?? ''].join('\n\n').trim();
    const isPull = isSet(context.req.query('create_pr'));
    const { revisionId, pull } = await face.hub.history.commit(viewer, repository, {
      revision: param(context, 'revision'),
      parentId: header.parentCommit ?? null,
      message: text,
      author: await authorOf(face, viewer),
      changes: await changesOf(face, viewer.tenantId, lines, await inline.keep()),
      target: isPull ? 'pull' : 'branch',
    });
    const url = `${originOf(context)}/${pathOf({ kind: repository.row.kind, name: repository.name })}`;
    return context.json({
      success: true,
      commitOid: revisionId,
      commitUrl: `${url}/commit/${revisionId}`,
      hookOutput: '',
      ...(pull !== null && { pullRequestUrl: `${url}/discussions/${pull}` }),
    });
  } finally {
    await inline.discard();
  }
}

function contentOf({
  content,
  encoding,
}: Readonly<{ content: string; encoding?: string | null | undefined }>) {
  return encoding === 'utf-8' ? Buffer.from(content).toString('base64') : content;
}

/** Deletions first, as the clients mean them: a folder that is replaced is emptied and then filled. */
async function changesOf(
  { hub }: Face,
  tenantId: string,
  lines: readonly Exclude<CommitLine, { key: 'file' | 'header' }>[],
  inline: readonly Change[],
): Promise<readonly Change[]> {
  const large = lines.filter((line) => line.key === 'lfsFile').map(({ value }) => value);
  const unsized = large.filter(({ size }) => typeof size !== 'number').map(({ oid }) => oid);
  const sizes = unsized.length === 0 ? new Map() : await hub.uploads.held(tenantId, unsized);
  const changes: Change[] = [];
  for (const { key, value } of lines) {
    if (key === 'deletedFile') changes.push({ kind: 'delete', path: value.path });
    if (key === 'deletedFolder') changes.push({ kind: 'delete_folder', path: value.path });
    if (key === 'copyFile') changes.push({ kind: 'copy', path: value.path, from: value.srcPath });
  }
  changes.push(...inline);
  for (const { path, oid, size } of large) {
    changes.push({ kind: 'put', path, sha256: oid, sizeBytes: size ?? sizes.get(oid) ?? -1 });
  }
  return changes;
}
