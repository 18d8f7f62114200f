/** How much of some files other files have too, by the chunks that both are made of. */
import type { Database } from '#platform/database.ts';
import { chunksOf, loadXorbs } from './rebuild.ts';
import { decodeTerms } from './reconstruction.ts';
import { selectFileBySha256 } from './store.ts';

/** Some 250 GB of files; a set of more would fill the memory of control. */
const CHUNKS_MAX = 4_000_000;
const TERMS_AT_ONCE = 16;
/** Of a hash; enough to tell millions apart, and half the memory. */
const KEY_LENGTH = 24;

type Chunk = Readonly<{ key: string; sizeBytes: number }>;

/** Bytes of `of` in chunks that `base` has; null when there are too many chunks to say. Files that are not made of chunks count nothing. */
export async function sharedBytes(
  database: Database,
  of: readonly string[],
  base: readonly string[],
): Promise<number | null> {
  const known = new Set<string>();
  for await (const { key } of chunksOfFiles(database, base)) {
    if (known.size >= CHUNKS_MAX) return null;
    known.add(key);
  }
  let bytes = 0;
  if (known.size === 0) return bytes;
  for await (const { key, sizeBytes } of chunksOfFiles(database, of)) {
    if (known.has(key)) bytes += sizeBytes;
  }
  return bytes;
}

async function* chunksOfFiles(
  database: Database,
  sha256s: readonly string[],
): AsyncGenerator<Chunk> {
  for (const sha256 of sha256s) {
    const file = await selectFileBySha256(database, sha256);
    if (file === null) continue;
    const terms = decodeTerms(file.terms);
    for (let at = 0; at < terms.length; at += TERMS_AT_ONCE) {
      const some = terms.slice(at, at + TERMS_AT_ONCE);
      const xorbs = chunksOf(await loadXorbs(database, some));
      for (const { xorb, start, end } of some) {
        for (const { hash, sizeBytes } of (xorbs.get(xorb) ?? []).slice(start, end)) {
          yield { key: hash.slice(0, KEY_LENGTH), sizeBytes };
        }
      }
    }
  }
}
