/** Commits, tags and trees as they came in a push. Pure. https://git-scm.com/docs/gitformat-pack */
import { failGit } from './errors.ts';

export type ParsedCommit = Readonly<{
  tree: string;
  parents: readonly string[];
  author: string;
  message: string;
}>;

const MESSAGE_LENGTH_MAX = 10_000;
const AUTHOR_LENGTH_MAX = 200;

/** Raises `git.refused`. */
export function parseCommit(bytes: Uint8Array): ParsedCommit {
  const text = Buffer.from(bytes).toString('utf8').replaceAll('\0', ' ');
  const cut = text.indexOf('\n\n');
  const head = cut === -1 ? text : text.slice(0, cut);
  const lines = head.split('\n');
  const tree = /^tree ([0-9a-f]{40})$/.exec(lines[0] ?? '')?.[1];
  if (tree === undefined) throw failGit('git.refused', 'A commit of this push is damaged.');
  const who = lines.find((line) => line.startsWith('author ')) ?? '';
  return {
    tree,
    parents: lines.flatMap((line) => /^parent ([0-9a-f]{40})$/.exec(line)?.[1] ?? []),
    author: (/^author (.*?) ?</.exec(who)?.[1] ?? '').slice(0, AUTHOR_LENGTH_MAX),
    message:
      cut === -1
        ? ''
        : text
            .slice(cut + 2)
            .trim()
            .slice(0, MESSAGE_LENGTH_MAX),
  };
}

export type ParsedTag = Readonly<{ object: string; kind: string; message: string }>;

/** Raises `git.refused`. */
export function parseTag(bytes: Uint8Array): ParsedTag {
  const text = Buffer.from(bytes).toString('utf8').replaceAll('\0', ' ');
  const [, object = '', kind = ''] = /^object ([0-9a-f]{40})\ntype ([a-z]+)\n/.exec(text) ?? [];
  if (object === '') throw failGit('git.refused', 'A tag of this push is damaged.');
  const cut = text.indexOf('\n\n');
  const message =
    cut === -1
      ? ''
      : text
          .slice(cut + 2)
          .trim()
          .slice(0, MESSAGE_LENGTH_MAX);
  return { object, kind, message };
}

export type TreeItem = Readonly<{ mode: string; name: string; oid: string }>;

/** Raises `git.refused` for a name that is no UTF-8. */
export function parseTree(bytes: Uint8Array): readonly TreeItem[] {
  const items: TreeItem[] = [];
  const all = Buffer.from(bytes);
  for (let at = 0; at < all.length;) {
    const space = all.indexOf(32, at);
    const end = all.indexOf(0, space);
    if (space === -1 || end === -1 || end + 21 > all.length) {
      throw failGit('git.refused', 'A folder of this push is damaged.');
    }
    items.push({
      mode: all.toString('latin1', at, space),
      name: nameOf(all.subarray(space + 1, end)),
      oid: all.toString('hex', end + 1, end + 21),
    });
    at = end + 21;
  }
  return items;
}

function nameOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw failGit('git.refused', 'A file of this push has a name that is not UTF-8.');
  }
}

const POINTER =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:([0-9a-f]{64})\nsize ([1-9]\d{0,14})\n$/;
const POINTER_BYTES_MAX = 200;

/** Null for any other file. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
export function parsePointer(
  bytes: Uint8Array,
): Readonly<{ sha256: string; sizeBytes: number }> | null {
  if (bytes.length > POINTER_BYTES_MAX) return null;
  const found = POINTER.exec(Buffer.from(bytes).toString('latin1'));
  return found === null ? null : { sha256: found[1] ?? '', sizeBytes: Number(found[2]) };
}
