/**
 * Blobs: bytes addressed by their SHA-256, stored once however many files are made of them. The row
 * in SQL is the lock: whoever adds or removes a blob holds it until the object is in place or gone,
 * so an upload and a removal of the same bytes cannot cross.
 */
import { type Database, transaction } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { deleteUnreferencedBlobs, lockBlobs, selectKnownBlobs } from './store.ts';

export function blobKey(sha256: string): string {
  return `blobs/${sha256.slice(0, 2)}/${sha256.slice(2)}`;
}

/** The SHA-256 in the key of an object; null for what is no blob. */
export function parseBlobKey(key: string): string | null {
  const parts = KEY.exec(key);
  return parts === null ? null : `${parts[1]}${parts[2]}`;
}

const KEY = /^blobs\/([0-9a-f]{2})\/([0-9a-f]{62})$/;

/** A blob without a row may belong to a transaction that is still open; after this long it cannot. */
const ORPHAN_AGE_MS = 60 * 60 * 1000;
const SWEEP_BATCH = 500;

type Stores = Readonly<{ database: Database; objects: ObjectStore }>;

/** Removes those blobs that no file is made of. */
export async function removeUnreferencedBlobs(
  { database, objects }: Stores,
  sha256s: readonly string[],
): Promise<number> {
  if (sha256s.length === 0) return 0;
  return transaction(database, async (tx) => {
    await lockBlobs(
      tx,
      sha256s.map((sha256) => ({ sha256, sizeBytes: 0 })),
    );
    const gone = await deleteUnreferencedBlobs(tx, sha256s);
    for (const sha256 of gone) await objects.remove(blobKey(sha256));
    return gone.length;
  });
}

/** Removes objects that a crash left between the store and the database. */
export async function sweepBlobs(
  stores: Stores,
  options: Readonly<{ nowMs: number; log: Log }>,
): Promise<void> {
  let batch: string[] = [];
  let removed = 0;
  const flush = async (): Promise<void> => {
    const known = await selectKnownBlobs(stores.database, batch);
    const orphans = batch.filter((sha256) => !known.has(sha256));
    removed += await removeUnreferencedBlobs(stores, orphans);
    batch = [];
  };
  for await (const { key, modifiedAtMs } of stores.objects.list('blobs/')) {
    const sha256 = parseBlobKey(key);
    if (sha256 === null || modifiedAtMs > options.nowMs - ORPHAN_AGE_MS) continue;
    batch.push(sha256);
    if (batch.length >= SWEEP_BATCH) await flush();
  }
  await flush();
  if (removed > 0) options.log.info('blobs.swept', { removed });
}
