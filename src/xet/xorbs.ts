/**
 * Xorbs as objects and rows. A xorb counts for a tenant once its bytes are durable and the tenant has sent
 * them. The same chunks may be packed in two ways at the same moment: the row says which packing is meant,
 * each has an object of its own, and a packing whose object is lost is replaced by one that is there.
 */
import { randomBytes } from 'node:crypto';
import type { Database } from '#platform/database.ts';
import type { Bytes, ObjectStore } from '#platform/objects.ts';
import { failXet } from './errors.ts';
import { isIndexKey } from './hash.ts';
import type { Span } from './reconstruction.ts';
import { type XorbRow, insertChunkKeys, insertHolder, replaceLayout, upsertXorb } from './store.ts';
import type { PackedXorb } from './worker-jobs.ts';
import { decodeChunks } from './xorb.ts';

type Stores = Readonly<{ database: Database; objects: ObjectStore }>;

/** Where the object of a xorb lies. */
export function xorbKey({ hash, layout }: Pick<XorbRow, 'hash' | 'layout'>): string {
  return `xorbs/${hash.slice(0, 2)}/${hash.slice(2)}-${layout}`;
}

/** The xorb and its layout from the key of an object; null for what is none. */
export function parseXorbKey(key: string): Pick<XorbRow, 'hash' | 'layout'> | null {
  const parts = /^xorbs\/([0-9a-f]{2})\/([0-9a-f]{62})-([0-9a-f]+)$/.exec(key);
  return parts === null ? null : { hash: `${parts[1]}${parts[2]}`, layout: parts[3] ?? '' };
}

/** Two writers who overtake each other forever would be a mistake here, not bad luck. */
const ATTEMPTS_MAX = 5;

/** Stores a xorb whose content was checked; whether the tenant had not sent it before. */
export async function storeXorb(
  { database, objects }: Stores,
  tenantId: string,
  { xorb, bytes }: Readonly<{ xorb: PackedXorb; bytes: Uint8Array }>,
): Promise<boolean> {
  const row: XorbRow = {
    hash: xorb.hash,
    // Never again the name of another object: what is collected can be removed at any later time.
    layout: randomBytes(8).toString('hex'),
    packedBytes: bytes.length,
    contentBytes: xorb.contentBytes,
    chunks: Buffer.from(xorb.index),
  };
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    // From here on the row is young, and nobody removes it or its object.
    const known = await upsertXorb(database, row);
    const isThere = (await objects.stat(xorbKey({ hash: row.hash, layout: known }))) !== null;
    if (!isThere) {
      await writeObject(objects, row, bytes);
      if (known !== row.layout) await replaceLayout(database, row, known);
    }
    const layout = isThere ? known : row.layout;
    const isNew = await insertHolder(database, { tenantId, hash: row.hash, layout });
    // Null: another packing took the row meanwhile. Its object is there by now, or soon.
    if (isNew === null) continue;
    await insertChunkKeys(database, keysOf(row));
    return isNew;
  }
  throw failXet('xet.busy', 'This xorb is being written by several at once; try again.');
}

function keysOf({ hash, chunks }: XorbRow) {
  return decodeChunks(chunks)
    .filter((chunk) => isIndexKey(chunk.hash))
    .map((chunk) => ({ chunk: chunk.hash, xorb: hash }));
}

async function writeObject(objects: ObjectStore, row: XorbRow, bytes: Uint8Array): Promise<void> {
  // A name of its own: two may write the same xorb at once.
  const stage = await objects.stage(`xorb-${randomBytes(12).toString('hex')}`, bytes.length);
  try {
    await stage.append(pieces(bytes));
    await stage.commit(xorbKey(row));
  } catch (error) {
    await stage.discard();
    throw error;
  }
}

/** Small enough that others get a turn between two of them. */
const WRITE_BYTES = 1024 * 1024;

async function* pieces(bytes: Uint8Array): Bytes {
  for (let at = 0; at < bytes.length; at += WRITE_BYTES) yield bytes.subarray(at, at + WRITE_BYTES);
}

/** Bytes of a xorb, whole in memory. Raises `xet.data_damaged` when the object lacks them. */
export async function readXorb(
  objects: ObjectStore,
  xorb: Pick<XorbRow, 'hash' | 'layout'>,
  span: Span,
): Promise<Uint8Array<ArrayBuffer>> {
  const found = await objects.read(xorbKey(xorb), span);
  const bytes = new Uint8Array(span.end - span.start);
  let filled = 0;
  if (found !== null) {
    for await (const piece of found) {
      if (filled + piece.length > bytes.length) break;
      bytes.set(piece, filled);
      filled += piece.length;
    }
  }
  if (filled === bytes.length) return bytes;
  throw failXet('xet.data_damaged', `The xorb ${xorb.hash} is not whole in the object store.`);
}
