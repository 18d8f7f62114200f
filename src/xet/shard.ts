/**
 * Shards: how files are made of xorbs, and what xorbs hold, as clients send it after an upload and get it
 * as the answer to a dedup query. Rows of 48 bytes in two sections, each ended by a bookend. Source:
 * huggingface.co/docs/xet/shard. Strict: a shard that ends early, claims more rows than it has, or names a
 * version that is not known is refused. Pure.
 */
import { failXet } from './errors.ts';
import { HASH_BYTES, type XetHash, bytesOfHash, hashOfBytes } from './hash.ts';

export const SHARD_BYTES_MAX = 64 * 1024 * 1024;

/** Chunks `[start, end)` of a xorb. */
export type Term = Readonly<{ xorb: XetHash; start: number; end: number; sizeBytes: number }>;

export type ShardFile = Readonly<{
  hash: XetHash;
  terms: readonly Term[];
  /** For each term the proof that its chunks are known; null when the shard has none. */
  proofs: readonly XetHash[] | null;
  sha256: string | null;
}>;

export type ShardXorb = Readonly<{
  hash: XetHash;
  packedBytes: number;
  chunks: readonly Readonly<{ hash: XetHash; sizeBytes: number }>[];
}>;

export type Shard = Readonly<{ files: readonly ShardFile[]; xorbs: readonly ShardXorb[] }>;

/** "HFRepoMetaData", a zero, and 17 bytes that no other format starts with. */
const TAG = Buffer.from('48465265706f4d6574614461746100556967456a7b815783a5bdd95ccdd14aa9', 'hex');
const HEADER_VERSION = 2;
const FOOTER_VERSION = 1;
const ROW_BYTES = 48;
const FOOTER_BYTES = 200;
const FLAG_PROOFS = 0x8000_0000;
const FLAG_SHA256 = 0x4000_0000;
const BOOKEND = 'f'.repeat(HASH_BYTES * 2);

/** Raises `xet.shard_invalid`. */
export function parseShard(bytes: Uint8Array): Shard {
  const rows = new Rows(bytes);
  rows.header();
  const files: ShardFile[] = [];
  for (let row = rows.next(); row.hash !== BOOKEND; row = rows.next()) {
    files.push(readFile(rows, row));
  }
  const xorbs: ShardXorb[] = [];
  for (let row = rows.next(); row.hash !== BOOKEND; row = rows.next()) {
    xorbs.push(readXorb(rows, row));
  }
  return { files, xorbs };
}

/** A row: a hash and four numbers. */
type Row = Readonly<{ hash: XetHash; words: readonly [number, number, number, number] }>;

class Rows {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  header(): void {
    if (this.#bytes.length < ROW_BYTES) throw invalid('It ends within its header.');
    if (!TAG.equals(this.#bytes.subarray(0, TAG.length)))
      throw invalid('It has no tag of a shard.');
    if (this.#view.getBigUint64(TAG.length, true) !== BigInt(HEADER_VERSION)) {
      throw invalid('Its version is not known.');
    }
    this.#at = ROW_BYTES;
  }

  next(): Row {
    const at = this.#at;
    if (at + ROW_BYTES > this.#bytes.length) throw invalid('It ends before its sections do.');
    this.#at += ROW_BYTES;
    const word = (index: number): number => this.#view.getUint32(at + HASH_BYTES + index * 4, true);
    return { hash: hashOfBytes(this.#bytes, at), words: [word(0), word(1), word(2), word(3)] };
  }

  /** So many rows, if there are so many. */
  take(count: number): readonly Row[] {
    if (count > (this.#bytes.length - this.#at) / ROW_BYTES) {
      throw invalid('It claims more rows than it has.');
    }
    return Array.from({ length: count }, () => this.next());
  }
}

function readFile(rows: Rows, { hash, words: [flags, count] }: Row): ShardFile {
  const terms = rows.take(count).map((row) => {
    const [, sizeBytes, start, end] = row.words;
    if (start >= end) throw invalid('A term has no chunks.');
    return { xorb: row.hash, start, end, sizeBytes };
  });
  const proofs = (flags & FLAG_PROOFS) === 0 ? null : rows.take(count).map((row) => row.hash);
  const sha256 = (flags & FLAG_SHA256) === 0 ? null : (rows.take(1)[0]?.hash ?? null);
  return { hash, terms, proofs, sha256 };
}

function readXorb(rows: Rows, { hash, words: [, count, , packedBytes] }: Row): ShardXorb {
  const chunks = rows.take(count).map((row) => ({ hash: row.hash, sizeBytes: row.words[1] }));
  return { hash, packedBytes, chunks };
}

/** What an answer to a dedup query carries besides. */
export type ShardKey = Readonly<{ key: Uint8Array; createdAtMs: number; expiresAtMs: number }>;

/** With a footer where there is a key, as answers have one; without, as uploads must not. */
export function encodeShard({ files, xorbs }: Shard, key: ShardKey | null): Buffer {
  const fileRows = [...files.flatMap((file) => fileRowsOf(file)), row(BOOKEND, [0, 0, 0, 0])];
  const xorbRows = [...xorbs.flatMap((xorb) => xorbRowsOf(xorb)), row(BOOKEND, [0, 0, 0, 0])];
  const header = Buffer.alloc(ROW_BYTES);
  header.set(TAG);
  header.writeBigUInt64LE(BigInt(HEADER_VERSION), TAG.length);
  header.writeBigUInt64LE(BigInt(key === null ? 0 : FOOTER_BYTES), TAG.length + 8);
  const body = Buffer.concat([header, ...fileRows, ...xorbRows]);
  if (key === null) return body;
  const xorbsAt = ROW_BYTES * (1 + fileRows.length);
  return Buffer.concat([body, footer(key, { xorbsAt, footerAt: body.length, xorbs })]);
}

function fileRowsOf({ hash, terms, proofs, sha256 }: ShardFile): readonly Buffer[] {
  const flags = (proofs === null ? 0 : FLAG_PROOFS) + (sha256 === null ? 0 : FLAG_SHA256);
  return [
    row(hash, [flags, terms.length, 0, 0]),
    ...terms.map(({ xorb, sizeBytes, start, end }) => row(xorb, [0, sizeBytes, start, end])),
    ...(proofs ?? []).map((proof) => row(proof, [0, 0, 0, 0])),
    ...(sha256 === null ? [] : [row(sha256, [0, 0, 0, 0])]),
  ];
}

function xorbRowsOf({ hash, packedBytes, chunks }: ShardXorb): readonly Buffer[] {
  let start = 0;
  const rows = chunks.map((chunk) => {
    const made = row(chunk.hash, [start, chunk.sizeBytes, 0, 0]);
    start += chunk.sizeBytes;
    return made;
  });
  return [row(hash, [0, chunks.length, start, packedBytes]), ...rows];
}

function row(hash: XetHash, words: Row['words']): Buffer {
  const bytes = Buffer.alloc(ROW_BYTES);
  bytes.set(bytesOfHash(hash));
  words.forEach((word, index) => bytes.writeUInt32LE(word >>> 0, HASH_BYTES + index * 4));
  return bytes;
}

function footer(
  { key, createdAtMs, expiresAtMs }: ShardKey,
  places: Readonly<{ xorbsAt: number; footerAt: number; xorbs: readonly ShardXorb[] }>,
): Buffer {
  const bytes = Buffer.alloc(FOOTER_BYTES);
  const write = (value: number, at: number): number => bytes.writeBigUInt64LE(BigInt(value), at);
  write(FOOTER_VERSION, 0);
  write(ROW_BYTES, 8);
  write(places.xorbsAt, 16);
  // No look-up tables: they would be empty, and lie where the footer starts.
  for (const at of [24, 40, 56]) write(places.footerAt, at);
  bytes.set(key, 72);
  write(Math.floor(createdAtMs / 1000), 104);
  write(Math.floor(expiresAtMs / 1000), 112);
  write(places.footerAt, FOOTER_BYTES - 8);
  return bytes;
}

function invalid(why: string): Error {
  return failXet('xet.shard_invalid', `This is no shard. ${why}`);
}
