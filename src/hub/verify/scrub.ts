/**
 * One object after the other, read whole and compared with what it is called: blobs by their SHA-256, xorbs
 * chunk by chunk; then what lies in the store and belongs to nobody. What seems wrong is looked at twice,
 * for files come and go meanwhile.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { ObjectStore } from '#platform/objects.ts';
import type { Hashes } from '#xet/hash.ts';
import { checkXorb, listXorbs, missingXorbs, strangeXorbs, xorbsOf } from '#xet/scrub.ts';
import { blobKey, parseBlobKey } from '../blobs.ts';
import { selectKnownBlobs } from '../store.ts';
import type { Fault, ObjectName } from './store.ts';
import { type BlobTarget, selectBlob, selectBlobsAfter, selectBlobsOf } from './target-store.ts';

export type ScrubParts = Readonly<{
  database: Database;
  objects: ObjectStore;
  hashes: Hashes;
  clock: Clock;
}>;

/** Told of every piece that was read; waits where reading is to be slower. */
export type OnRead = (bytes: number) => Promise<void>;

export type Looked = Readonly<{ object: ObjectName; fault: Fault | null; cursor: string }>;

const PAGE = 100;
/** What is younger may belong to a transaction that is still open, or to a sweep that comes. */
const ORPHAN_AGE_MS = 24 * 60 * 60 * 1000;

/** Everything, or what follows a cursor that an earlier run gave. */
export async function* scrubAll(
  parts: ScrubParts,
  after: string | null,
  onRead: OnRead,
): AsyncGenerator<Looked> {
  const [stage = 'blob', name = ''] = after?.split(' ') ?? [];
  if (stage === 'blob') yield* scrubBlobs(parts, name === '' ? null : name, onRead);
  if (stage !== 'object') yield* scrubXorbs(parts, stage === 'xorb' ? name : null, onRead);
  yield* scrubStrangers(parts);
}

/** What the files of one repository are made of, all its revisions. */
export async function* scrubRepository(
  parts: ScrubParts,
  repositoryId: string,
  onRead: OnRead,
): AsyncGenerator<Looked> {
  const sha256s = await selectBlobsOf(parts.database, repositoryId);
  for (const sha256 of sha256s) {
    const blob = await selectBlob(parts.database, sha256, orphanBefore(parts));
    if (blob !== null) yield await lookAtBlob(parts, blob, onRead);
  }
  for (const hash of await xorbsOf(parts.database, sha256s)) {
    yield await lookAtXorb(parts, hash, onRead);
  }
}

async function* scrubBlobs(
  parts: ScrubParts,
  from: string | null,
  onRead: OnRead,
): AsyncGenerator<Looked> {
  let after = from;
  for (;;) {
    const query = { after, limit: PAGE, orphanBefore: orphanBefore(parts) };
    const page = await selectBlobsAfter(parts.database, query);
    for (const blob of page) yield await lookAtBlob(parts, blob, onRead);
    after = page.at(-1)?.sha256 ?? after;
    if (page.length < PAGE) return;
  }
}

async function* scrubXorbs(
  parts: ScrubParts,
  from: string | null,
  onRead: OnRead,
): AsyncGenerator<Looked> {
  let after = from;
  for (;;) {
    const page = await listXorbs(parts.database, after, PAGE);
    for (const hash of page) yield await lookAtXorb(parts, hash, onRead);
    after = page.at(-1) ?? after;
    if (page.length < PAGE) return;
  }
}

function orphanBefore({ clock }: ScrubParts): Date {
  return new Date(clock.nowMs() - ORPHAN_AGE_MS);
}

type Found = Omit<Fault, 'object'>;

async function lookAtBlob(parts: ScrubParts, blob: BlobTarget, onRead: OnRead): Promise<Looked> {
  const object: ObjectName = { kind: 'blob', name: blob.sha256 };
  const read = async (): Promise<Found | null> => {
    const now = await selectBlob(parts.database, blob.sha256, orphanBefore(parts));
    return now === null ? null : checkBlob(parts, now, onRead);
  };
  const found = (await checkBlob(parts, blob, onRead)) === null ? null : await read();
  return { object, fault: faultOf(object, found), cursor: `blob ${blob.sha256}` };
}

async function checkBlob(
  { database, objects }: ScrubParts,
  { sha256, sizeBytes, isOrphan }: BlobTarget,
  onRead: OnRead,
): Promise<Found | null> {
  const key = blobKey(sha256);
  const bytes = await objects.read(key);
  if (bytes !== null) {
    const hash = createHash('sha256');
    let readBytes = 0;
    for await (const piece of bytes) {
      hash.update(piece);
      readBytes += piece.length;
      await onRead(piece.length);
    }
    const range = { start: 0, end: readBytes };
    if (readBytes !== sizeBytes) {
      const detail = `${key} has ${readBytes} bytes and should have ${sizeBytes}.`;
      return { says: 'damaged', detail, chunk: null, range };
    }
    const actual = hash.digest('hex');
    if (actual !== sha256) {
      const detail = `${key} has the SHA-256 ${actual}: bytes 0-${readBytes - 1} are not what they were.`;
      return { says: 'damaged', detail, chunk: null, range };
    }
  } else {
    const missing = await missingXorbs(database, sha256);
    if (missing === null) return without(`The object ${key} is not in the store.`);
    if (missing.length > 0) return without(`Its xorb ${missing[0]} is not known.`);
  }
  if (!isOrphan) return null;
  const detail = 'No file and no upload needs it, and it was not removed.';
  return { says: 'orphaned', detail, chunk: null, range: null };
}

function without(detail: string): Found {
  return { says: 'missing', detail, chunk: null, range: null };
}

async function lookAtXorb(parts: ScrubParts, hash: string, onRead: OnRead): Promise<Looked> {
  const object: ObjectName = { kind: 'xorb', name: hash };
  const check = async (): Promise<Found | null> => {
    const { bytes, fault } = await checkXorb(parts, hash);
    await onRead(bytes);
    return fault;
  };
  const found = (await check()) === null ? null : await check();
  return { object, fault: faultOf(object, found), cursor: `xorb ${hash}` };
}

function faultOf(object: ObjectName, found: Found | null): Fault | null {
  return found === null ? null : { object, ...found };
}

/** Objects that no row knows, in the order in which the store lists them. */
async function* scrubStrangers(parts: ScrubParts): AsyncGenerator<Looked> {
  for (const prefix of ['blobs/', 'xorbs/']) {
    let keys: string[] = [];
    for await (const { key, modifiedAtMs } of parts.objects.list(prefix)) {
      if (modifiedAtMs > orphanBefore(parts).getTime()) continue;
      keys.push(key);
      if (keys.length < PAGE) continue;
      yield* strangers(parts, prefix, keys);
      keys = [];
    }
    yield* strangers(parts, prefix, keys);
  }
}

async function* strangers(
  { database }: ScrubParts,
  prefix: string,
  keys: readonly string[],
): AsyncGenerator<Looked> {
  const strange =
    prefix === 'blobs/' ? await strangeBlobs(database, keys) : await strangeXorbs(database, keys);
  for (const key of strange) {
    const object: ObjectName = { kind: 'object', name: key };
    const detail = 'It lies in the store and no row knows it.';
    const fault: Fault = { object, says: 'orphaned', detail, chunk: null, range: null };
    yield { object, fault, cursor: 'object' };
  }
}

async function strangeBlobs(
  database: Database,
  keys: readonly string[],
): Promise<readonly string[]> {
  const named = keys.map((key) => ({ key, sha256: parseBlobKey(key) }));
  const sha256s = named.flatMap(({ sha256 }) => (sha256 === null ? [] : [sha256]));
  const known = await selectKnownBlobs(database, sha256s);
  return named.filter(({ sha256 }) => sha256 === null || !known.has(sha256)).map(({ key }) => key);
}
