/**
 * Xet storage: files as runs of chunks that many files share. Owns xorbs and what files are made of them;
 * speaks the protocol of Hugging Face's clients, and gives every file back as plain bytes too. Promises: a
 * file is known here by a SHA-256 that was computed from its bytes; what is stored is whole; nobody learns
 * of chunks in files that they may not read. Which files there are, whose they are and who may read them is
 * the hub's, asked through ports.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { ByteRange, Bytes, ObjectStore } from '#platform/objects.ts';
import { type BodyReader, createBodyReader } from './body.ts';
import {
  type Collected,
  type Keeps,
  type XorbBytes,
  collect,
  measureXorbs,
  sweepXorbs,
} from './collect.ts';
import { type WholeFile, cutFile } from './cut.ts';
import { failXet } from './errors.ts';
import { type ShardProgress, type StoredFile, registerShard } from './files.ts';
import { type XetHash, openHashes } from './hash.ts';
import { answerQuery } from './query.ts';
import { chunksOf, loadXorbs, rebuild } from './rebuild.ts';
import {
  type Reconstruction,
  type Span,
  decodeTerms,
  reconstruct,
  termsWithin,
} from './reconstruction.ts';
import { sharedBytes } from './overlap.ts';
import { type Signing, createSigning } from './signing.ts';
import {
  type FileRow,
  keepFile,
  selectFile,
  selectFileBySha256,
  selectFileHashes,
  selectXorbs,
} from './store.ts';
import { type Readable, createUsable } from './usable.ts';
import { createWorkers } from './workers.ts';
import { storeXorb, xorbKey } from './xorbs.ts';

export type XetOptions = Readonly<{
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  /** Of the cloud; tokens and addresses are signed with it. */
  secret: string;
  readable: Readable;
  /** Which files anybody has; what nobody has is collected. */
  keeps: Keeps;
  /** Tells the hub that a tenant has sent a file, before its client hears of it. */
  accept: (tenantId: string, file: StoredFile) => Promise<void>;
}>;

export interface Xet {
  readonly signing: Signing;
  readonly bodies: BodyReader;
  /** Stores a xorb; whether the tenant had not sent it before. Raises `xet.xorb_*`. */
  putXorb(tenantId: string, hash: XetHash, bytes: Uint8Array<ArrayBuffer>): Promise<boolean>;
  /** Registers the files of a shard, one after the other. Raises `xet.shard_*`, `xet.xorb_unknown`. */
  putShard(tenantId: string, bytes: Uint8Array): AsyncGenerator<ShardProgress>;
  /** A shard with the xorbs that hold this chunk, masked. Raises `xet.chunk_unknown`. */
  queryChunk(tenantId: string, chunk: XetHash): Promise<Uint8Array<ArrayBuffer>>;
  /** Null when the range starts behind the file's end. Raises `xet.file_unknown`. */
  reconstruct(
    scope: Readonly<{ tenantId: string; repositoryId: string }>,
    hash: XetHash,
    range: Span | null,
  ): Promise<Reconstruction | null>;
  /** Packed bytes of a xorb. Raises `xet.xorb_unknown`. */
  openXorb(hash: XetHash, span: Span): Promise<Bytes>;
  /** A file's bytes, by its SHA-256; null when it is not made of xorbs. */
  read(sha256: string, range?: ByteRange): Promise<Bytes | null>;
  /** By SHA-256, for those that are made of xorbs. */
  hashesOf(sha256s: readonly string[]): Promise<ReadonlyMap<string, XetHash>>;
  /** Bytes of the first files in chunks that the second ones have too; null where there are too many to say. */
  sharedBytes(of: readonly string[], base: readonly string[]): Promise<number | null>;
  /** Whether a file is kept in chunks, in the caller's transaction: from then on it stays while its blob does. */
  holds(tx: Database, sha256: string): Promise<boolean>;
  /** Makes chunks of a file that came whole. Raises `xet.data_damaged` when it does not come back from them. */
  cut(tenantId: string, file: WholeFile, signal: AbortSignal): Promise<StoredFile>;
  /** Takes away what no file is made of any more. */
  collect(signal?: AbortSignal): Promise<Collected>;
  /** Takes away objects that a crash left. How many. */
  sweep(signal?: AbortSignal): Promise<number>;
  measure(signal?: AbortSignal): Promise<XorbBytes>;
  stop(): Promise<void>;
}

export function createXet(options: XetOptions): Xet {
  const { database, objects, clock, readable } = options;
  const workers = createWorkers();
  const hashes = openHashes();
  const usable = createUsable(database, readable);
  const files = { ...options, workers, hashes, usable };
  return {
    signing: createSigning(options.secret, clock),
    bodies: createBodyReader(),
    putXorb: async (tenantId, hash, sent) => {
      const { bytes, framesBytes, ...xorb } = await workers.inspect(sent.buffer);
      if (xorb.hash !== hash) {
        throw failXet('xet.xorb_mismatch', `These bytes are the xorb ${xorb.hash}, not ${hash}.`);
      }
      const frames = new Uint8Array(bytes, 0, framesBytes);
      return storeXorb(options, tenantId, { xorb, bytes: frames });
    },
    putShard: (tenantId, bytes) => registerShard(files, tenantId, bytes),
    queryChunk: async (tenantId, chunk) =>
      answerQuery({ database, usable, clock, hashes: await hashes }, tenantId, chunk),
    reconstruct: async (scope, hash, range) => {
      const file = await selectFile(database, hash);
      if (file === null || !(await readable(scope, [file.sha256])).has(file.sha256)) {
        throw failXet('xet.file_unknown', `There is no file ${hash} in this repository.`);
      }
      return planOf(database, file, range);
    },
    openXorb: async (hash, span) => {
      const [xorb] = await selectXorbs(database, [hash]);
      const bytes = xorb === undefined ? null : await objects.read(xorbKey(xorb), span);
      if (bytes === null) throw failXet('xet.xorb_unknown', `There is no xorb ${hash}.`);
      return bytes;
    },
    read: async (sha256, range = { start: 0 }) => {
      const file = await selectFileBySha256(database, sha256);
      if (file === null) return null;
      const end = Math.min(range.end ?? file.sizeBytes, file.sizeBytes);
      return rebuild(options, file, { start: Math.min(range.start, end), end });
    },
    hashesOf: (sha256s) => selectFileHashes(database, sha256s),
    sharedBytes: (of, base) => sharedBytes(database, of, base),
    holds: (tx, sha256) => keepFile(tx, sha256),
    cut: (tenantId, file, signal) => cutFile(files, tenantId, file, signal),
    collect: (signal) => collect(options, signal),
    sweep: (signal) => sweepXorbs(options, signal),
    measure: (signal) => measureXorbs(database, signal),
    stop: () => workers.stop(),
  };
}

async function planOf(
  database: Database,
  file: FileRow,
  range: Span | null,
): Promise<Reconstruction | null> {
  const start = range?.start ?? 0;
  if (start >= file.sizeBytes) return null;
  const asked = { start, end: Math.min(range?.end ?? file.sizeBytes, file.sizeBytes) };
  const terms = decodeTerms(file.terms);
  const xorbs = await loadXorbs(database, termsWithin(terms, asked));
  return reconstruct(terms, asked, chunksOf(xorbs));
}
