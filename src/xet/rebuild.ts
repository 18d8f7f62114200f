/**
 * A file's bytes out of its xorbs, as a stream: a few megabytes of chunks at a time, whatever the file's
 * size, from any byte to any byte.
 */
import type { Database } from '#platform/database.ts';
import type { Bytes, ObjectStore } from '#platform/objects.ts';
import { failXet } from './errors.ts';
import type { XetHash } from './hash.ts';
import { type Span, bytesOf, decodeTerms, reconstruct, termsWithin } from './reconstruction.ts';
import type { Term } from './shard.ts';
import { type FileRow, type XorbRow, selectXorbs } from './store.ts';
import { readXorb } from './xorbs.ts';
import { type PlacedChunk, decodeChunks, readFrames, unpack } from './xorb.ts';

type Stores = Readonly<{ database: Database; objects: ObjectStore }>;

export type LoadedXorb = Pick<XorbRow, 'hash' | 'layout'> &
  Readonly<{ chunks: readonly PlacedChunk[] }>;

/** Enough for large reads, little enough for many readers at once. */
const BATCH_BYTES = 2 * 1024 * 1024;
/** Chunks are joined up to about this: each piece costs whoever sends it more than the copy does. */
const PIECE_BYTES = 256 * 1024;
/** Of the xorbs of a file so many are looked up at once; each has some 50 KB of index. */
const XORBS_AT_ONCE = 16;

/** Packed chunks in the file's order, as they lie in the object store. */
export async function* readPacked(
  stores: Stores,
  terms: readonly Term[],
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < terms.length; at += XORBS_AT_ONCE) {
    const some = terms.slice(at, at + XORBS_AT_ONCE);
    const xorbs = await loadXorbs(stores.database, some);
    for (const term of some) {
      const xorb = xorbs.get(term.xorb);
      if (xorb !== undefined) yield* readTerm(stores.objects, term, xorb);
    }
  }
}

async function* readTerm(
  objects: ObjectStore,
  term: Term,
  xorb: LoadedXorb,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let start = term.start; start < term.end;) {
    const end = batchEnd(xorb.chunks, start, term.end);
    yield await readXorb(objects, xorb, bytesOf(xorb.chunks, { start, end }));
    start = end;
  }
}

/** Bytes `[start, end)` of the file. */
export async function* rebuild(stores: Stores, file: FileRow, range: Span): Bytes {
  const within = termsWithin(decodeTerms(file.terms), range);
  let skip = range.start - startOf(file, range);
  let left = range.end - range.start;
  for (let at = 0; at < within.length && left > 0; at += XORBS_AT_ONCE) {
    const some = within.slice(at, at + XORBS_AT_ONCE);
    const size = some.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const xorbs = await loadXorbs(stores.database, some);
    const plan = reconstruct(
      some,
      { start: skip, end: Math.min(size, skip + left) },
      chunksOf(xorbs),
    );
    skip = plan.skippedBytes;
    for await (const packed of readPacked(stores, plan.terms)) {
      let held: Uint8Array[] = [];
      let heldBytes = 0;
      for (const frame of readFrames(packed)) {
        const chunk = unpack(frame).subarray(skip, skip + left);
        skip = 0;
        left -= chunk.length;
        held.push(chunk);
        heldBytes += chunk.length;
        if (heldBytes < PIECE_BYTES) continue;
        yield Buffer.concat(held);
        held = [];
        heldBytes = 0;
      }
      if (heldBytes > 0) yield Buffer.concat(held);
    }
  }
  if (left > 0)
    throw failXet('xet.data_damaged', `The file ${file.hash} has no chunks for all of it.`);
}

/** Where the first term within the range starts in the file. */
function startOf(file: FileRow, range: Span): number {
  let at = 0;
  for (const { sizeBytes } of decodeTerms(file.terms)) {
    if (at + sizeBytes > range.start) return at;
    at += sizeBytes;
  }
  return at;
}

/** Raises `xet.data_damaged` when a xorb of these terms is not known. */
export async function loadXorbs(
  database: Database,
  terms: readonly Term[],
): Promise<ReadonlyMap<XetHash, LoadedXorb>> {
  const hashes = [...new Set(terms.map(({ xorb }) => xorb))];
  const rows = await selectXorbs(database, hashes);
  if (rows.length < hashes.length) {
    throw failXet('xet.data_damaged', 'A xorb of this file is not known.');
  }
  return new Map(
    rows.map(({ hash, layout, chunks }) => [hash, { hash, layout, chunks: decodeChunks(chunks) }]),
  );
}

export function chunksOf(
  xorbs: ReadonlyMap<XetHash, LoadedXorb>,
): ReadonlyMap<XetHash, readonly PlacedChunk[]> {
  return new Map([...xorbs].map(([hash, { chunks }]) => [hash, chunks]));
}

/** As many chunks as fit into a batch, one at least. */
function batchEnd(chunks: readonly PlacedChunk[], start: number, last: number): number {
  const from = bytesOf(chunks, { start, end: start + 1 }).start;
  let end = start + 1;
  while (end < last && (chunks[end]?.end ?? 0) - from <= BATCH_BYTES) end += 1;
  return end;
}
