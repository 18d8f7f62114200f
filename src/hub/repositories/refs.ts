/**
 * Branches, tags and heads of pull requests: names for revisions. `main` is the repository's own latest
 * revision and is never made or removed; ModelScope's `master` and git's `HEAD` mean the same.
 */
import { type Database, transaction } from '#platform/database.ts';
import type { RepositoryEvent } from '../community/repository-events.ts';
import { failHub } from '../errors.ts';
import { selectRevisionsOf } from '../git/git-store.ts';
import { type ModelRow, selectRevisions } from '../store.ts';
import { type Ref, type RefKind, deleteRef, insertRef, selectRefs } from './commit-store.ts';
import { type RepositoryKey, lockRepository } from './repository-store.ts';

/** Something that commits move. */
export type Place =
  | Readonly<{ kind: 'main'; name: 'main'; revisionId: string | null }>
  | Readonly<{ kind: 'branch' | 'pull'; name: string; revisionId: string }>;

const MAIN = new Set(['main', 'master', 'HEAD', 'refs/heads/main', 'refs/heads/master']);
const SHA = /^[0-9a-f]{40}$/;
const PULL = /^refs\/pr\/(\d{1,9})$/;
/** A listing in one answer; automation that makes a branch per run removes them too. */
export const REFS_MAX = 2_000;
const NAME_LENGTH_MAX = 200;

export function isMain(name: string): boolean {
  return MAIN.has(name);
}

/** Raises `revision.unknown` for what is no branch and no pull request. */
export async function placeOf(database: Database, row: ModelRow, name: string): Promise<Place> {
  const key = keyOf(row);
  if (isMain(name)) {
    const head = await lockRepository(database, key);
    return { kind: 'main', name: 'main', revisionId: head?.latestRevisionId ?? null };
  }
  const wanted = nameOfRef(name);
  const refs = await selectRefs(database, key);
  for (const ref of refs) {
    if (ref.name !== wanted.name || ref.kind === 'tag') continue;
    if (wanted.kind !== null && wanted.kind !== ref.kind) continue;
    return { kind: ref.kind, name: ref.name, revisionId: ref.revisionId };
  }
  throw unknownRevision(row, name);
}

/** What a name in an address stands for: a branch, a tag, a pull request or a revision itself. */
export async function resolveRevision(
  database: Database,
  row: ModelRow,
  name: string,
): Promise<string> {
  const key = keyOf(row);
  if (isMain(name) && row.latestRevisionId !== null) return row.latestRevisionId;
  const wanted = nameOfRef(name);
  const refs = await selectRefs(database, key);
  const found = refs.find(
    (ref) =>
      ref.name === wanted.name &&
      (wanted.kind === null ? ref.kind !== 'pull' : ref.kind === wanted.kind),
  );
  if (found !== undefined) return found.revisionId;
  if (SHA.test(name)) {
    const [revision] = await selectRevisions(database, { ...key, revisionId: name, limit: 1 });
    if (revision !== undefined) return name;
    const ofCommit = (await selectRevisionsOf(database, key, [name])).get(name);
    if (ofCommit !== undefined) return ofCommit;
  }
  throw unknownRevision(row, name);
}

/** Raises `ref.exists`, `ref.name_invalid`, `revision.unknown`. */
export async function createRef(
  database: Database,
  row: ModelRow,
  asked: Readonly<{ kind: 'branch' | 'tag'; name: string; from: string; message: string }>,
): Promise<void> {
  const { kind, from, message } = asked;
  const name = requireRefName(asked.name);
  if (isMain(name)) throw refExists(kind, name);
  await transaction(database, async (tx) => {
    await lockRepository(tx, keyOf(row));
    const revisionId = await resolveRevision(tx, row, from);
    const refs = await selectRefs(tx, keyOf(row));
    if (refs.length >= REFS_MAX) {
      throw failHub('ref.name_invalid', `A repository has ${REFS_MAX} branches and tags at most.`);
    }
    const isMade = await insertRef(tx, keyOf(row), { kind, name, revisionId, message });
    if (!isMade) throw refExists(kind, name);
  });
}

/** Raises `ref.protected`, `revision.unknown`. */
export async function removeRef(
  database: Database,
  row: ModelRow,
  { kind, name }: Readonly<{ kind: 'branch' | 'tag'; name: string }>,
): Promise<void> {
  if (isMain(name)) throw failHub('ref.protected', 'The branch main stays.');
  if (!(await deleteRef(database, keyOf(row), { kind, name }))) throw unknownRevision(row, name);
}

/** As git spells a ref of each kind. */
export function fullRefName({ kind, name }: Pick<Ref, 'kind' | 'name'>): string {
  return { branch: 'refs/heads/', tag: 'refs/tags/', pull: 'refs/pr/' }[kind] + name;
}

/** What is told when a place goes on to another revision. */
export function changeOf(row: ModelRow, place: Place, revisionId: string): RepositoryEvent {
  const ref = fullRefName({ ...place, kind: place.kind === 'main' ? 'branch' : place.kind });
  return { row, kind: 'content', ref, oldRevisionId: place.revisionId, revisionId };
}

/** Of a pull request's ref; null for any other name. */
export function pullNumber(name: string): number | null {
  const pull = PULL.exec(name)?.[1];
  return pull === undefined ? null : Number(pull);
}

function nameOfRef(name: string): Readonly<{ kind: RefKind | null; name: string }> {
  const pull = PULL.exec(name)?.[1];
  if (pull !== undefined) return { kind: 'pull', name: pull };
  if (name.startsWith('refs/heads/')) return { kind: 'branch', name: name.slice(11) };
  if (name.startsWith('refs/tags/')) return { kind: 'tag', name: name.slice(10) };
  return { kind: null, name };
}

/** As git refuses names: https://git-scm.com/docs/git-check-ref-format; a hash would name two things. */
export function requireRefName(name: string): string {
  const isPlain =
    name.length <= NAME_LENGTH_MAX &&
    /^[\w][\w./+@-]*$/.test(name) &&
    !/\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)|[./]$/.test(name) &&
    !name.startsWith('refs/') &&
    !SHA.test(name);
  if (isPlain) return name;
  throw failHub(
    'ref.name_invalid',
    `${JSON.stringify(name.slice(0, 100))} names no branch or tag.`,
  );
}

function refExists(kind: string, name: string): Error {
  return failHub('ref.exists', `There is a ${kind} ${name} already.`);
}

export function unknownRevision(row: ModelRow, name: string): Error {
  return failHub(
    'revision.unknown',
    `${row.owner}/${row.name} has no revision ${name.slice(0, 100)}.`,
  );
}

function keyOf(row: ModelRow): RepositoryKey {
  return { tenantId: row.tenantId, modelId: row.id };
}
