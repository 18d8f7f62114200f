/**
 * A file that came whole, made into chunks here: cut at the borders where every client cuts, each chunk that
 * the tenant may use already left where it is, the others packed into xorbs. The file counts once it was
 * rebuilt from what is stored and has its SHA-256. Cut short, nothing is lost: the xorbs that were stored are
 * found again by the next try.
 */
import { type Database } from '#platform/database.ts';
import type { Bytes, ObjectStore } from '#platform/objects.ts';
import { failXet } from './errors.ts';
import { type StoredFile, storeFile } from './files.ts';
import type { Hashes, Sized } from './hash.ts';
import { CUT_BYTES_MAX } from './packer.ts';
import { createPlacement } from './placement.ts';
import { readPacked } from './rebuild.ts';
import type { Term } from './shard.ts';
import type { Usable } from './usable.ts';
import type { Workers, WorkerSession } from './workers.ts';
import { storeXorb } from './xorbs.ts';

export type CutDeps = Readonly<{
  database: Database;
  objects: ObjectStore;
  workers: Workers;
  hashes: Promise<Hashes>;
  usable: Usable;
}>;

export type WholeFile = Readonly<{
  sha256: string;
  sizeBytes: number;
  read: () => Promise<Bytes>;
}>;

/** The list of a file's chunks is held in memory: some 150 bytes for each 64 KiB. */
export const CUT_FILE_BYTES_MAX = 64 * 1024 ** 3;

/** Makes xorbs of the file and registers it. Raises `xet.data_damaged` when it does not rebuild. */
export async function cutFile(
  deps: CutDeps,
  tenantId: string,
  file: WholeFile,
  signal: AbortSignal,
): Promise<StoredFile> {
  const session = deps.workers.open();
  try {
    const { terms, chunks } = await packFile(deps, tenantId, { file, session, signal });
    await requireRebuilt(deps, { file, terms, session, signal });
    const { sha256, sizeBytes } = file;
    const stored = { hash: (await deps.hashes).file(chunks), sha256, sizeBytes };
    const [first] = chunks;
    const [term] = terms;
    const keys = first && term ? [{ chunk: first.hash, xorb: term.xorb }] : [];
    await storeFile(deps.database, { ...stored, terms }, keys);
    return stored;
  } finally {
    await session.forget();
  }
}

type Cutting = Readonly<{ file: WholeFile; session: WorkerSession; signal: AbortSignal }>;

async function packFile(
  deps: CutDeps,
  tenantId: string,
  { file, session, signal }: Cutting,
): Promise<Readonly<{ terms: readonly Term[]; chunks: readonly Sized[] }>> {
  const placement = createPlacement(deps, tenantId);
  for await (const { bytes, isLast } of batches(await file.read(), file.sizeBytes)) {
    signal.throwIfAborted();
    const { chunks } = await session.cut({ bytes, isLast });
    const wanted = await placement.place(chunks);
    const packed = await session.pack({ wanted, isLast });
    if (packed.xorb === null || packed.bytes === null) continue;
    await storeXorb(deps, tenantId, { xorb: packed.xorb, bytes: new Uint8Array(packed.bytes) });
    placement.close(packed.xorb.hash);
  }
  return placement.end();
}

/** Pieces of one length, each in a buffer of its own that may be given away. */
async function* batches(
  source: Bytes,
  sizeBytes: number,
): AsyncGenerator<Readonly<{ bytes: ArrayBuffer; isLast: boolean }>> {
  let left = sizeBytes;
  let batch = new Uint8Array(Math.min(left, CUT_BYTES_MAX));
  let filled = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length;) {
      const taken = piece.subarray(at, at + batch.length - filled);
      if (taken.length === 0) throw wrongSize();
      batch.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < batch.length) continue;
      left -= filled;
      yield { bytes: batch.buffer, isLast: left === 0 };
      batch = new Uint8Array(Math.min(left, CUT_BYTES_MAX));
      filled = 0;
    }
  }
  if (left > 0) throw wrongSize();
}

function wrongSize(): Error {
  return failXet('xet.data_damaged', 'The bytes of a file are not as many as it has.');
}

async function requireRebuilt(
  { database, objects }: CutDeps,
  { file, terms, session, signal }: Cutting & Readonly<{ terms: readonly Term[] }>,
): Promise<void> {
  for await (const packed of readPacked({ database, objects }, terms)) {
    signal.throwIfAborted();
    await session.sum(packed.buffer);
  }
  if ((await session.sumEnd()) === file.sha256) return;
  throw failXet('xet.data_damaged', `The file ${file.sha256} does not come back from its chunks.`);
}
