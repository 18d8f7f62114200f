/** What a mirror lacks: commits, their trees, small files and pointers, each once. */
import type { Database } from '#platform/database.ts';
import type { File } from '../api.ts';
import { type ByteSources, readPart } from '../bytes.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';
import { fileOf, selectFiles } from '../store.ts';
import { blobIdOf, pointerText, treesOf } from '../wire/huggingface/git-object.ts';
import { showCovered } from './commit-ids.ts';
import type { GitRefs } from './git-refs.ts';
import { type GitCommitRow, selectCommitLine, selectRevisionsOf } from './git-store.ts';
import type { PackObject } from './pack.ts';

type Parts = ByteSources & Readonly<{ database: Database }>;

/** Adds to `known` the commits whose objects it gives. */
export async function missingObjects(
  parts: Parts,
  key: RepositoryKey,
  { refs, known }: Readonly<{ refs: GitRefs; known: Set<string> }>,
): Promise<readonly PackObject[]> {
  const objects = new Map<string, PackObject>();
  for (const { oid, tagObject } of refs.values()) {
    if (tagObject !== null) objects.set(oid, { kind: 'tag', read: async () => tagObject });
  }
  for (const row of await missingCommits(parts, key, refs, known)) {
    objects.set(row.commitId, { kind: 'commit', read: async () => row.object });
    for (const [oid, object] of await objectsOf(parts, key, row)) {
      if (!objects.has(oid)) objects.set(oid, object);
    }
    known.add(row.commitId);
  }
  return [...objects.values()];
}

/** Along each line, and where lines were merged along those too. */
async function missingCommits(
  parts: Parts,
  key: RepositoryKey,
  refs: GitRefs,
  known: ReadonlySet<string>,
): Promise<readonly GitCommitRow[]> {
  const found = new Map<string, GitCommitRow>();
  let tips = [...refs.values()]
    .filter(({ commitId }) => !known.has(commitId))
    .map((ref) => ref.revisionId);
  while (tips.length > 0) {
    const parents = new Set<string>();
    for (const tip of tips) {
      for (const row of await selectCommitLine(parts.database, key, tip)) {
        if (known.has(row.commitId) || found.has(row.commitId)) break;
        found.set(row.commitId, row);
        for (const parent of parentsOf(row.object)) parents.add(parent);
      }
    }
    const open = [...parents].filter((parent) => !known.has(parent) && !found.has(parent));
    tips = [...(await selectRevisionsOf(parts.database, key, open)).values()];
  }
  return [...found.values()];
}

/** The lines of a commit's head that name the commits it was made from. */
export function parentsOf(commit: Uint8Array): readonly string[] {
  const [head = ''] = Buffer.from(commit).toString('latin1').split('\n\n', 1);
  return head.split('\n').flatMap((line) => /^parent ([0-9a-f]{40})$/.exec(line)?.[1] ?? []);
}

async function objectsOf(
  parts: Parts,
  key: RepositoryKey,
  { revisionId, commitId }: GitCommitRow,
): Promise<ReadonlyMap<string, PackObject>> {
  const rows = await selectFiles(parts.database, { ...key, revisionIds: [revisionId] });
  const files = rows.map((row) => fileOf(row));
  // What was made as a commit is shown as it was made.
  const isPlain = commitId === revisionId;
  const shown = isPlain ? { files, attributes: null } : await showCovered(parts, files);
  const objects = new Map<string, PackObject>();
  for (const { oid, bytes } of treesOf(shown.files).values()) {
    objects.set(oid, { kind: 'tree', read: async () => bytes });
  }
  for (const file of shown.files) {
    const made = file.sha256 === '' ? shown.attributes : null;
    objects.set(blobIdOf(file), {
      kind: 'blob',
      read: async () => made ?? (await blobOf(parts, file)),
    });
  }
  return objects;
}

async function blobOf(parts: Parts, file: File): Promise<Uint8Array> {
  if (file.gitOid === undefined) return Buffer.from(pointerText(file));
  return file.sizeBytes === 0 ? EMPTY : readPart(parts, file.sha256, 0, file.sizeBytes);
}

const EMPTY = new Uint8Array();
