/**
 * Which commit of git a revision is. One that was made as a commit is named so; an import, whose name is made
 * of its content, and what is older than git here, get a commit of their own when they are first asked for:
 * made of the revision alone, so that it is the same whoever asks, and kept.
 */
import type { Database } from '#platform/database.ts';
import type { File } from '../api.ts';
import { type ByteSources, readPart } from '../bytes.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';
import { fileOf, selectFiles } from '../store.ts';
import { commitObject, gitObjectId, treeId } from '../wire/huggingface/git-object.ts';
import { ATTRIBUTES_PATH, coverFiles } from './attributes.ts';
import {
  type UnnamedRevision,
  insertGitCommit,
  selectCommitId,
  selectUnnamed,
  updateGitOids,
} from './git-store.ts';
import { REGULAR_BYTES_MAX, isRegular } from './regular.ts';

type Parts = ByteSources & Readonly<{ database: Database }>;

const READS_AT_ONCE = 16;
const UNSIGNED = 'Flywheel';

/** Its commit's id. A revision that is not there has none, and gets none. */
export async function ensureCommit(
  parts: Parts,
  key: RepositoryKey,
  revisionId: string,
): Promise<string> {
  const known = await selectCommitId(parts.database, key, revisionId);
  if (known !== null) return known;
  const line = await selectUnnamed(parts.database, key, revisionId);
  const before = line[0]?.parentId ?? null;
  let parentId = before === null ? null : await selectCommitId(parts.database, key, before);
  for (const revision of line) {
    const files = await settleFiles(parts, key, revision.id);
    const commit = await commitOf(parts, revision, files, parentId);
    await insertGitCommit(parts.database, key, revision.id, commit);
    parentId = commit.id;
  }
  return parentId ?? revisionId;
}

async function commitOf(
  parts: Parts,
  { message, author, createdAt }: UnnamedRevision,
  files: readonly File[],
  parentId: string | null,
) {
  const shown = await showCovered(parts, files);
  return commitObject({
    tree: treeId(shown.files, ''),
    parentId,
    author: author === '' ? UNSIGNED : author,
    timeSeconds: Math.floor(createdAt.getTime() / 1000),
    message: message === '' ? 'Publish' : message,
  });
}

export type ShownFiles = Readonly<{
  files: readonly File[];
  /** What stands in `.gitattributes` there and is no file of the revision; null where that has all it needs. */
  attributes: Uint8Array | null;
}>;

/** The files as a clone shows them: with what LFS has to be told of them. */
export async function showCovered(parts: Parts, files: readonly File[]): Promise<ShownFiles> {
  const text = await readAttributes(parts, files);
  const covered = text === null ? null : coverFiles(text, files);
  if (covered === null || covered === text) return { files, attributes: null };
  const attributes = Buffer.from(covered);
  const gitOid = gitObjectId('blob', attributes);
  const made = { path: ATTRIBUTES_PATH, sha256: '', sizeBytes: attributes.length, gitOid };
  return { files: [...files.filter(({ path }) => path !== ATTRIBUTES_PATH), made], attributes };
}

/** Empty where there are none; null where they are no text to add to. */
export async function readAttributes(
  parts: ByteSources,
  files: readonly File[],
): Promise<string | null> {
  const file = files.find(({ path }) => path === ATTRIBUTES_PATH);
  if (file === undefined) return '';
  if (file.gitOid === undefined || file.sizeBytes > REGULAR_BYTES_MAX) return null;
  const bytes = await readPart(parts, file.sha256, 0, file.sizeBytes);
  return Buffer.from(bytes).toString('utf8');
}

/** Small text becomes what it is to git; so far nobody had looked. */
async function settleFiles(
  parts: Parts,
  key: RepositoryKey,
  revisionId: string,
): Promise<readonly File[]> {
  const rows = await selectFiles(parts.database, { ...key, revisionIds: [revisionId] });
  const files = rows.map((row) => fileOf(row));
  const open = files.filter((file) => {
    return file.gitOid === undefined && file.sizeBytes <= REGULAR_BYTES_MAX;
  });
  const found = new Map<string, string>();
  for (let from = 0; from < open.length; from += READS_AT_ONCE) {
    await Promise.all(
      open.slice(from, from + READS_AT_ONCE).map(async ({ path, sha256, sizeBytes }) => {
        const bytes = sizeBytes === 0 ? EMPTY : await readPart(parts, sha256, 0, sizeBytes);
        if (isRegular(bytes)) found.set(path, gitObjectId('blob', bytes));
      }),
    );
  }
  if (found.size === 0) return files;
  const oids = [...found].map(([path, gitOid]) => ({ path, gitOid }));
  await updateGitOids(parts.database, key, revisionId, oids);
  return files.map((file) => {
    const gitOid = found.get(file.path);
    return gitOid === undefined ? file : { ...file, gitOid };
  });
}

const EMPTY = new Uint8Array();
