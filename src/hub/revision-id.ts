/** A revision is named by what is in it, so that the same files are the same revision everywhere. */
import { createHash } from 'node:crypto';

/** As long as a git commit, because hub clients expect that shape. */
const ID_LENGTH = 40;

/** Independent of the order in which the files are listed. */
export function revisionIdOf(files: readonly Readonly<{ path: string; sha256: string }>[]): string {
  const hash = createHash('sha256');
  for (const { path, sha256 } of files.toSorted(byPath)) hash.update(`${path}\0${sha256}\n`);
  return hash.digest('hex').slice(0, ID_LENGTH);
}

/** By UTF-8 bytes: the order must not depend on a locale. */
function byPath(left: Readonly<{ path: string }>, right: Readonly<{ path: string }>): number {
  return Buffer.compare(Buffer.from(left.path), Buffer.from(right.path));
}
