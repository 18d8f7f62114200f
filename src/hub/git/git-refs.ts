/** The refs of a repository as git knows them. */
import type { Database } from '#platform/database.ts';
import type { ByteSources } from '../bytes.ts';
import { fullRefName } from '../repositories/refs.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';
import { gitObjectId } from '../wire/huggingface/git-object.ts';
import { ensureCommit } from './commit-ids.ts';
import { selectGitRefs } from './git-store.ts';

export type GitRef = Readonly<{
  /** Of the commit, or of the tag that names it. */
  oid: string;
  commitId: string;
  revisionId: string;
  tagObject: Uint8Array | null;
}>;

/** By full name. */
export type GitRefs = ReadonlyMap<string, GitRef>;

export async function readGitRefs(
  parts: ByteSources & Readonly<{ database: Database }>,
  key: RepositoryKey,
): Promise<GitRefs> {
  const refs = new Map<string, GitRef>();
  for (const { kind, name, revisionId, tagObject } of await selectGitRefs(parts.database, key)) {
    const commitId = await ensureCommit(parts, key, revisionId);
    // A tag object that names another commit is one of before its revision was renamed.
    const isTag = tagObject !== null && Buffer.from(tagObject).includes(`object ${commitId}\n`);
    const oid = isTag ? gitObjectId('tag', tagObject) : commitId;
    refs.set(fullRefName({ kind, name }), {
      oid,
      commitId,
      revisionId,
      tagObject: isTag ? tagObject : null,
    });
  }
  return refs;
}
