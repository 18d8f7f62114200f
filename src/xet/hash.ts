/**
 * The hashes of the Xet protocol, all of them keyed BLAKE3: of a chunk, of a run of chunks as a tree (a
 * xorb, a file), of a term as a proof that its chunks are known, and of a chunk under a key that is made
 * for one answer. Sources: huggingface.co/docs/xet/hashing, draft-denis-xet.
 *
 * A hash is handled as the protocol writes it: 64 hex digits, each eight bytes turned round. That is also
 * the form in the database; the raw bytes stand only in xorbs and shards.
 */
import { type IHasher, createBLAKE3 } from 'hash-wasm';
import { failXet } from './errors.ts';

export type XetHash = string;

/** A chunk, or a part of the tree over chunks. */
export type Sized = Readonly<{ hash: XetHash; sizeBytes: number }>;

export const HASH_BYTES = 32;

export interface Hashes {
  chunk(bytes: Uint8Array): XetHash;
  xorb(chunks: readonly Sized[]): XetHash;
  file(chunks: readonly Sized[]): XetHash;
  /** What an uploader must show for a term: it cannot be made without the hashes of its chunks. */
  term(chunks: readonly XetHash[]): XetHash;
  /**
   * Chunks as an answer to a dedup query shows them, under a key of its own: found by who has the chunk, by
   * nobody else.
   */
  maskedAll(chunks: readonly XetHash[], key: Uint8Array): Promise<readonly XetHash[]>;
}

/** One set for each thread; its methods are not to be called across an `await` of one another. */
export async function openHashes(): Promise<Hashes> {
  const [data, node, zero, term] = await Promise.all(
    [DATA_KEY, NODE_KEY, ZERO_KEY, TERM_KEY].map((key) => createBLAKE3(256, key)),
  );
  if (!data || !node || !zero || !term) throw new Error('BLAKE3 gave no hasher.');
  const root = (chunks: readonly Sized[]): XetHash => rootOf(node, chunks);
  return {
    chunk: (bytes) => digest(data, bytes),
    xorb: root,
    // Of an empty file clients say zero, against the drafts, which hash that once more.
    file: (chunks) => (chunks.length === 0 ? ZERO_HASH : digest(zero, bytesOfHash(root(chunks)))),
    term: (chunks) => {
      term.init();
      for (const chunk of chunks) term.update(bytesOfHash(chunk));
      return hashOfBytes(term.digest('binary'));
    },
    maskedAll: async (chunks, key) => {
      const hasher = await createBLAKE3(256, key);
      return chunks.map((chunk) => digest(hasher, bytesOfHash(chunk)));
    },
  };
}

/** Raises `xet.hash_invalid`. */
export function requireHash(text: string): XetHash {
  if (HASH.test(text)) return text;
  throw failXet('xet.hash_invalid', 'A hash is 64 hex digits in lower case.');
}

export function hashOfBytes(bytes: Uint8Array, offset = 0): XetHash {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, HASH_BYTES);
  let text = '';
  for (let at = 0; at < HASH_BYTES; at += 8) {
    text += hex(view.getUint32(at + 4, true)) + hex(view.getUint32(at, true));
  }
  return text;
}

export function bytesOfHash(hash: XetHash): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < HASH_BYTES; at += 8) {
    view.setUint32(at + 4, Number.parseInt(hash.slice(at * 2, at * 2 + 8), 16), true);
    view.setUint32(at, Number.parseInt(hash.slice(at * 2 + 8, at * 2 + 16), 16), true);
  }
  return bytes;
}

/**
 * Whether a chunk is looked up, one in sixteen. Clients ask for those whose last eight bytes divide by 1,024,
 * which are among them; we ask for all of them, and find any run of a megabyte.
 */
export function isIndexKey(hash: XetHash): boolean {
  return (Number.parseInt(hash.slice(-2), 16) & (INDEX_KEY_MODULUS - 1)) === 0;
}

const HASH = /^[0-9a-f]{64}$/;
/** Each row has some 200 bytes with its index: 0.02% of what is stored. */
const INDEX_KEY_MODULUS = 16;

/** Nodes of the tree have four children on average, and between three and nine but for the last one. */
const BRANCHING_MEAN = 4;
const CHILDREN_MAX = 2 * BRANCHING_MEAN + 1;

const ZERO_HASH = '0'.repeat(HASH_BYTES * 2);

function rootOf(hasher: IHasher, chunks: readonly Sized[]): XetHash {
  let level = chunks;
  while (level.length > 1) {
    const above: Sized[] = [];
    for (let start = 0; start < level.length;) {
      const end = start + cutOf(level, start);
      above.push(parentOf(hasher, level, start, end));
      start = end;
    }
    level = above;
  }
  return level[0]?.hash ?? ZERO_HASH;
}

/** How many nodes from `start` on have one parent: the hashes themselves say where it ends. */
function cutOf(level: readonly Sized[], start: number): number {
  const left = level.length - start;
  if (left <= 2) return left;
  const most = Math.min(CHILDREN_MAX, left);
  for (let i = 2; i < most; i += 1) {
    const last = level[start + i]?.hash.slice(-1) ?? '0';
    if (Number.parseInt(last, 16) % BRANCHING_MEAN === 0) return i + 1;
  }
  return most;
}

function parentOf(hasher: IHasher, level: readonly Sized[], start: number, end: number): Sized {
  let sizeBytes = 0;
  let text = '';
  for (let i = start; i < end; i += 1) {
    const child = level[i];
    if (child === undefined) break;
    text += `${child.hash} : ${child.sizeBytes}\n`;
    sizeBytes += child.sizeBytes;
  }
  return { hash: digest(hasher, Buffer.from(text, 'latin1')), sizeBytes };
}

function digest(hasher: IHasher, bytes: Uint8Array): XetHash {
  return hashOfBytes(hasher.init().update(bytes).digest('binary'));
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}

/** The keys that the protocol fixes, one for each kind of hash. */
const DATA_KEY = Buffer.from(
  '6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229',
  'hex',
);
const NODE_KEY = Buffer.from(
  '017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f',
  'hex',
);
const TERM_KEY = Buffer.from(
  '7f1857d6ce56ed66127ff913e7a5c3f3a4cd26d5b5db49e64124987f28fb94c3',
  'hex',
);
const ZERO_KEY = new Uint8Array(HASH_BYTES);
