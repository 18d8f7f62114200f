/**
 * Whether xorbs in the object store are what their rows say, chunk by chunk, and what is made of them: for
 * whoever looks for damage that no reader has met yet.
 */
import { setImmediate as otherWork } from 'node:timers/promises';
import { type Database, sql } from '#platform/database.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { codeOf } from '#platform/error.ts';
import type { Hashes, XetHash } from './hash.ts';
import { type Span, decodeTerms } from './reconstruction.ts';
import { type XorbRow, selectFileBySha256, selectXorbs } from './store.ts';
import { decodeChunks, readFrames, unpack } from './xorb.ts';
import { parseXorbKey, xorbKey, readXorb } from './xorbs.ts';

export type XorbFault = Readonly<{
  says: 'damaged' | 'missing';
  detail: string;
  /** The first chunk that is wrong. */
  chunk: number | null;
  /** Where it lies in the object. */
  range: Span | null;
}>;

type Stores = Readonly<{ database: Database; objects: ObjectStore; hashes: Hashes }>;

/** Hashes of the xorbs after one, in order. */
export async function listXorbs(
  database: Database,
  after: XetHash | null,
  limit: number,
): Promise<readonly XetHash[]> {
  const { rows } = await sql<{ hash: XetHash }>`
    select encode(hash, 'hex') as hash from xet_xorbs
    where ${after}::text is null or hash > decode(${after}, 'hex')
    order by xet_xorbs.hash limit ${limit}`.execute(database);
  return rows.map(({ hash }) => hash);
}

/** Those that these files, by their SHA-256, are made of. */
export async function xorbsOf(
  database: Database,
  sha256s: readonly string[],
): Promise<readonly XetHash[]> {
  const { rows } = await sql<{ hash: XetHash }>`
    select distinct encode(u.xorb_hash, 'hex') as hash
    from xet_files f join xet_file_xorbs u on u.file_hash = f.hash
    where f.sha256 in (select decode(s, 'hex') from unnest(${sha256s}::text[]) as given (s))
    order by 1`.execute(database);
  return rows.map(({ hash }) => hash);
}

/** SHA-256 of files that a xorb, or one chunk of it, is in. */
export async function filesOfXorb(
  database: Database,
  xorb: XetHash,
  chunk: number | null,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ sha256: string; terms: Buffer }>`
    select encode(f.sha256, 'hex') as sha256, f.terms
    from xet_file_xorbs u join xet_files f on f.hash = u.file_hash
    where u.xorb_hash = decode(${xorb}, 'hex') limit ${limit}`.execute(database);
  const hit = rows.filter(
    ({ terms }) =>
      chunk === null ||
      decodeTerms(terms).some(
        (term) => term.xorb === xorb && term.start <= chunk && chunk < term.end,
      ),
  );
  return hit.map(({ sha256 }) => sha256);
}

/** Null when the file is not made of xorbs; else those of its xorbs that have no row. */
export async function missingXorbs(
  database: Database,
  sha256: string,
): Promise<readonly XetHash[] | null> {
  const file = await selectFileBySha256(database, sha256);
  if (file === null) return null;
  const named = [...new Set(decodeTerms(file.terms).map(({ xorb }) => xorb))];
  const known = new Set((await selectXorbs(database, named)).map(({ hash }) => hash));
  return named.filter((hash) => !known.has(hash));
}

/** Of these keys of objects, the xorbs that no row means. */
export async function strangeXorbs(
  database: Database,
  keys: readonly string[],
): Promise<readonly string[]> {
  const named = keys.map((key) => ({ key, xorb: parseXorbKey(key) }));
  const hashes = named.flatMap(({ xorb }) => (xorb === null ? [] : [xorb.hash]));
  const known = new Set((await selectXorbs(database, hashes)).map((row) => xorbKey(row)));
  return named.filter(({ key }) => !known.has(key)).map(({ key }) => key);
}

/** Reads a xorb whole and hashes every chunk; null when it is sound, or gone with its row. */
export async function checkXorb(
  stores: Stores,
  hash: XetHash,
): Promise<Readonly<{ bytes: number; fault: XorbFault | null }>> {
  const [row] = await selectXorbs(stores.database, [hash]);
  if (row === undefined) return { bytes: 0, fault: null };
  const found = await stores.objects.stat(xorbKey(row));
  if (found === null) {
    const detail = `The object ${xorbKey(row)} is not in the store.`;
    return { bytes: 0, fault: { says: 'missing', detail, chunk: null, range: null } };
  }
  const fault = await checkChunks(stores, row, found.sizeBytes);
  return { bytes: found.sizeBytes, fault };
}

/** A few milliseconds of hashing at a time. */
const BATCH_BYTES = 1024 * 1024;

async function checkChunks(
  { objects, hashes }: Stores,
  row: XorbRow,
  actualBytes: number,
): Promise<XorbFault | null> {
  const chunks = decodeChunks(row.chunks);
  let bad: Readonly<{ index: number; range: Span; why: string }> | null = null;
  let count = 0;
  for (let index = 0; index < chunks.length;) {
    const from = index;
    const start = chunks[from - 1]?.end ?? 0;
    while (index < chunks.length && (chunks[index]?.end ?? 0) - start <= BATCH_BYTES) index += 1;
    index = Math.max(index, from + 1);
    const bytes = await readOrNull(objects, row, { start, end: chunks[index - 1]?.end ?? start });
    for (let at = from; at < index; at += 1) {
      const range = { start: chunks[at - 1]?.end ?? 0, end: chunks[at]?.end ?? 0 };
      const frame = bytes?.subarray(range.start - start, range.end - start);
      const why = frame === undefined ? 'is cut off' : faultOf(hashes, frame, chunks[at]?.hash);
      if (why === null) continue;
      count += 1;
      bad ??= { index: at, range, why };
    }
    await otherWork();
  }
  if (bad !== null) {
    const { index, range, why } = bad;
    const others = count === 1 ? '' : ` So are ${count - 1} more of its ${chunks.length} chunks.`;
    const where = `bytes ${range.start}-${range.end - 1} of ${xorbKey(row)}`;
    const detail = `Chunk ${index} (${chunks[index]?.hash}) ${why}: ${where}.${others}`;
    return { says: 'damaged', detail, chunk: index, range };
  }
  if (actualBytes === row.packedBytes) return null;
  const detail = `The object ${xorbKey(row)} has ${actualBytes} bytes and should have ${row.packedBytes}.`;
  return { says: 'damaged', detail, chunk: null, range: null };
}

async function readOrNull(
  objects: ObjectStore,
  row: XorbRow,
  span: Span,
): Promise<Uint8Array | null> {
  try {
    return await readXorb(objects, row, span);
  } catch (error) {
    if (codeOf(error) === 'xet.data_damaged') return null;
    throw error;
  }
}

function faultOf(hashes: Hashes, bytes: Uint8Array, hash: XetHash | undefined): string | null {
  try {
    const [frame] = readFrames(bytes);
    if (frame === undefined || frame.end !== bytes.length) return 'has a damaged header';
    return hashes.chunk(unpack(frame)) === hash ? null : 'has other bytes than its hash says';
  } catch (error) {
    if (codeOf(error) === 'xet.xorb_invalid') return 'does not unpack';
    throw error;
  }
}
