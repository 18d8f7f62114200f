/**
 * Xorbs: up to 64 MiB of chunks, each behind a header of eight bytes and packed by itself. Read strictly,
 * because they come from strangers: every length is bounded before it is believed, and a xorb is taken
 * only with the hash of what is in it. Source: huggingface.co/docs/xet/xorb. Kept are the frames alone; a
 * footer that a client sends along says nothing that they do not. Pure.
 */
import { groupBytes, ungroupBytes } from './byte-groups.ts';
import { CHUNK_BYTES_MAX } from './chunker.ts';
import { failXet } from './errors.ts';
import { HASH_BYTES, type Hashes, type XetHash, bytesOfHash, hashOfBytes } from './hash.ts';
import { compressFrame, decompressFrame } from './lz4.ts';

export const XORB_BYTES_MAX = 64 * 1024 * 1024;
/** What a client may send: it counts 64 MiB of content, headers and a footer come on top. */
export const XORB_UPLOAD_BYTES_MAX = XORB_BYTES_MAX + 4 * 1024 * 1024;
/** Clients stop at 8,192; the format knows no limit, an index in memory needs one. */
export const XORB_CHUNKS_MAX = 65_536;
/** Where we end our own. */
export const OWN_CHUNKS_MAX = 8_192;

export const SCHEME = { plain: 0, lz4: 1, groupedLz4: 2 } as const;
export type Scheme = (typeof SCHEME)[keyof typeof SCHEME];

const HEADER_BYTES = 8;
const VERSION = 0;
/** A footer starts with this instead of a header's version. */
const FOOTER_MARK = Buffer.from('XETBLOB', 'latin1');

/** A chunk where it lies: `end` is the offset in the xorb after its frame. */
export type PlacedChunk = Readonly<{ hash: XetHash; sizeBytes: number; end: number }>;

type Frame = Readonly<{ scheme: number; sizeBytes: number; packed: Uint8Array; end: number }>;

/** The frames one after the other. Raises `xet.xorb_invalid`. */
export function* readFrames(bytes: Uint8Array): Generator<Frame> {
  for (let at = 0; at < bytes.length;) {
    if (isFooter(bytes, at)) return;
    const frame = readFrame(bytes, at);
    yield frame;
    at = frame.end;
  }
}

function readFrame(bytes: Uint8Array, at: number): Frame {
  const start = at + HEADER_BYTES;
  if (start > bytes.length) throw invalid('It ends within the header of a chunk.');
  if (bytes[at] !== VERSION) throw invalid('A chunk has a version that is not known.');
  const packedBytes = readUint24(bytes, at + 1);
  const scheme = bytes[at + 4] ?? 0;
  const sizeBytes = readUint24(bytes, at + 5);
  if (sizeBytes === 0 || sizeBytes > CHUNK_BYTES_MAX || packedBytes === 0) {
    throw invalid('A chunk has a length out of bounds.');
  }
  const end = start + packedBytes;
  if (end > bytes.length) throw invalid('It ends within a chunk.');
  return { scheme, sizeBytes, packed: bytes.subarray(start, end), end };
}

function isFooter(bytes: Uint8Array, at: number): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!view.subarray(at, at + FOOTER_MARK.length).equals(FOOTER_MARK)) return false;
  const last = bytes.length - 4;
  if (last < at + FOOTER_MARK.length || view.readUInt32LE(last) !== last - at) {
    throw invalid('Its footer has a wrong length.');
  }
  return true;
}

/** The chunk's own bytes. Raises `xet.xorb_invalid`. */
export function unpack({ scheme, sizeBytes, packed }: Frame): Uint8Array {
  if (scheme === SCHEME.plain) {
    if (packed.length !== sizeBytes) throw invalid('A chunk is not as long as it says.');
    return packed;
  }
  const bytes = new Uint8Array(sizeBytes);
  if (scheme !== SCHEME.lz4 && scheme !== SCHEME.groupedLz4) {
    throw invalid('A chunk is packed in a way that is not known.');
  }
  if (!decompressFrame(packed, bytes)) throw invalid('A chunk does not unpack.');
  if (scheme === SCHEME.lz4) return bytes;
  const ungrouped = new Uint8Array(sizeBytes);
  ungroupBytes(bytes, ungrouped);
  return ungrouped;
}

export type XorbContent = Readonly<{
  hash: XetHash;
  chunks: readonly PlacedChunk[];
  /** Of the frames, without a footer. */
  framesBytes: number;
}>;

/** Unpacks and hashes every chunk. Raises `xet.xorb_invalid`. */
export function inspectXorb(hashes: Hashes, bytes: Uint8Array): XorbContent {
  const chunks: PlacedChunk[] = [];
  for (const frame of readFrames(bytes)) {
    if (chunks.length === XORB_CHUNKS_MAX) throw invalid('It has too many chunks.');
    chunks.push({
      hash: hashes.chunk(unpack(frame)),
      sizeBytes: frame.sizeBytes,
      end: frame.end,
    });
  }
  if (chunks.length === 0) throw invalid('It has no chunks.');
  return { hash: hashes.xorb(chunks), chunks, framesBytes: chunks.at(-1)?.end ?? 0 };
}

/** The chunk as a frame; plain where the scheme does not make it smaller. */
export function packFrame(bytes: Uint8Array, wished: Scheme): Uint8Array {
  const packed = wished === SCHEME.plain ? null : compress(bytes, wished);
  const body = packed ?? bytes;
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  frame[0] = VERSION;
  writeUint24(frame, 1, body.length);
  frame[4] = packed === null ? SCHEME.plain : wished;
  writeUint24(frame, 5, bytes.length);
  frame.set(body, HEADER_BYTES);
  return frame;
}

function compress(bytes: Uint8Array, scheme: Scheme): Uint8Array | null {
  return compressFrame(scheme === SCHEME.groupedLz4 ? groupBytes(bytes) : bytes);
}

/** In the database: 32 bytes of hash, four of the end, four of the size for each chunk. */
const PLACE_BYTES = HASH_BYTES + 8;

export function encodeChunks(chunks: readonly PlacedChunk[]): Buffer {
  const bytes = Buffer.alloc(chunks.length * PLACE_BYTES);
  chunks.forEach(({ hash, end, sizeBytes }, index) => {
    const at = index * PLACE_BYTES;
    bytes.set(bytesOfHash(hash), at);
    bytes.writeUInt32LE(end, at + HASH_BYTES);
    bytes.writeUInt32LE(sizeBytes, at + HASH_BYTES + 4);
  });
  return bytes;
}

export function decodeChunks(bytes: Buffer): readonly PlacedChunk[] {
  return Array.from({ length: bytes.length / PLACE_BYTES }, (_, index) => {
    const at = index * PLACE_BYTES;
    return {
      hash: hashOfBytes(bytes, at),
      end: bytes.readUInt32LE(at + HASH_BYTES),
      sizeBytes: bytes.readUInt32LE(at + HASH_BYTES + 4),
    };
  });
}

function invalid(why: string): Error {
  return failXet('xet.xorb_invalid', `This is no xorb. ${why}`);
}

function readUint24(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
}

function writeUint24(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >>> 8) & 0xff;
  bytes[at + 2] = value >>> 16;
}
