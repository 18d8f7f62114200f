/** Which refs a push may move, and how: the rules of the API. Pure. */
import type { RefKind } from '../repositories/commit-store.ts';
import { REFS_MAX, isMain, requireRefName } from '../repositories/refs.ts';
import { failGit } from './errors.ts';
import type { GitRefs } from './git-refs.ts';
import type { RefCommand } from './push-request.ts';

export type RefMove = Readonly<{
  ref: string;
  kind: RefKind;
  name: string;
  /** Null takes it away. */
  revisionId: string | null;
  message: string;
  tagObject: Uint8Array | null;
}>;

export type NamedRef = Readonly<{ kind: RefKind; name: string }>;

/** Raises `git.refused`. Whether it goes forward only is asked of git, see `mustGoForward`. */
export function requireMovable(command: RefCommand, refs: GitRefs): NamedRef {
  const { ref, oldOid, newOid } = command;
  const named = parseRef(ref);
  const now = refs.get(ref)?.oid ?? null;
  if (now !== oldOid) {
    throw refused(`${ref} is not where you saw it: fetch first, then push again.`);
  }
  if (named.kind === 'pull' && (now === null || newOid === null)) {
    throw refused(
      'Pull requests are opened and closed on the page of the repository or over the API.',
    );
  }
  if (named.name === 'main' && named.kind === 'branch' && newOid === null) {
    throw refused('The branch main stays.');
  }
  if (named.kind === 'tag' && now !== null && newOid !== null) {
    throw refused(`There is a tag ${named.name} already; delete it first.`);
  }
  if (now === null && refs.size > REFS_MAX) {
    throw refused(`A repository has ${REFS_MAX} branches and tags at most.`);
  }
  return named;
}

/** Others have built on these. */
export function mustGoForward({ kind, name }: NamedRef): boolean {
  return kind === 'pull' || (kind === 'branch' && name === 'main');
}

function parseRef(ref: string): NamedRef {
  const [, folder = '', name = ''] = /^refs\/(heads|tags|pr)\/(.+)$/.exec(ref) ?? [];
  if (folder === 'pr' && /^\d{1,9}$/.test(name)) return { kind: 'pull', name };
  if (folder !== 'heads' && folder !== 'tags') {
    throw refused(`${JSON.stringify(ref.slice(0, 100))} is no branch, tag or pull request.`);
  }
  if (folder === 'heads' && name === 'main') return { kind: 'branch', name };
  if (isMain(name)) throw refused(`The branch is called main here, not ${name}.`);
  try {
    return { kind: folder === 'heads' ? 'branch' : 'tag', name: requireRefName(name) };
  } catch {
    throw refused(`${JSON.stringify(name.slice(0, 100))} is no name for a branch or a tag here.`);
  }
}

function refused(message: string): Error {
  return failGit('git.refused', message);
}
