/**
 * LZ4 frames (lz4_Frame_format.md 1.6), as Xet's chunks hold them: one frame for each chunk. Reads every
 * frame whose content has a known length, linked blocks and checksums included; writes one block without
 * checksums, since every chunk is hashed anyway. Pure; nothing is allocated on the word of the input.
 */
import { compressBlock, decompressBlock } from './lz4-block.ts';
import { xxHash32 } from './xxhash32.ts';

const MAGIC = 0x18_4d_22_04;
const VERSION = 0b01;
const UNCOMPRESSED_BLOCK = 0x8000_0000;
const HEADER_BYTES_MIN = 7;

/** Version 1, independent blocks, no checksums, no content size; blocks of up to 256 KiB. */
const FLAGS = 0b0110_0000;
const BLOCK_SIZE_256K = 0b0101_0000;
const FRAME_OVERHEAD_BYTES = HEADER_BYTES_MIN + 4 + 4;

/** Fills `output` from the frame; false when the frame is not whole, not sound, or of another length. */
export function decompressFrame(frame: Uint8Array, output: Uint8Array): boolean {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const header = readHeader(frame, view, output.length);
  if (header === null) return false;
  let at = header.length;
  let filled = 0;
  for (;;) {
    if (at + 4 > frame.length) return false;
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) break;
    const size = word & ~UNCOMPRESSED_BLOCK;
    const end = at + size;
    if (end > frame.length) return false;
    const block = frame.subarray(at, end);
    const length = readBlock(block, output, filled, word >>> 31 === 1);
    if (length === null) return false;
    filled += length;
    at = end;
    if (header.hasBlockChecksums) {
      if (at + 4 > frame.length || view.getUint32(at, true) !== xxHash32(block)) return false;
      at += 4;
    }
  }
  if (header.hasContentChecksum) {
    if (at + 4 > frame.length || view.getUint32(at, true) !== xxHash32(output)) return false;
    at += 4;
  }
  return filled === output.length && at === frame.length;
}

function readBlock(
  block: Uint8Array,
  output: Uint8Array,
  filled: number,
  isPlain: boolean,
): number | null {
  if (!isPlain) return decompressBlock(block, output, filled);
  if (filled + block.length > output.length) return null;
  output.set(block, filled);
  return block.length;
}

type Header = Readonly<{
  length: number;
  hasBlockChecksums: boolean;
  hasContentChecksum: boolean;
}>;

function readHeader(frame: Uint8Array, view: DataView, contentLength: number): Header | null {
  if (frame.length < HEADER_BYTES_MIN || view.getUint32(0, true) !== MAGIC) return null;
  const flags = view.getUint8(4);
  const hasContentSize = (flags & 0b1000) !== 0;
  const hasDictionary = (flags & 0b1) !== 0;
  if (flags >>> 6 !== VERSION || hasDictionary) return null;
  const length = HEADER_BYTES_MIN + (hasContentSize ? 8 : 0);
  if (frame.length < length) return null;
  if (hasContentSize && view.getBigUint64(6, true) !== BigInt(contentLength)) return null;
  const checksum = (xxHash32(frame.subarray(4, length - 1)) >>> 8) & 0xff;
  if (view.getUint8(length - 1) !== checksum) return null;
  return {
    length,
    hasBlockChecksums: (flags & 0b1_0000) !== 0,
    hasContentChecksum: (flags & 0b100) !== 0,
  };
}

/** Null when the frame would not be smaller than what is in it. */
export function compressFrame(input: Uint8Array): Uint8Array | null {
  const room = input.length - FRAME_OVERHEAD_BYTES - 1;
  if (room <= 0) return null;
  const frame = new Uint8Array(FRAME_OVERHEAD_BYTES + room);
  const start = HEADER_BYTES_MIN + 4;
  const size = compressBlock(input, frame.subarray(start, start + room));
  if (size === null) return null;
  const view = new DataView(frame.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, FLAGS);
  view.setUint8(5, BLOCK_SIZE_256K);
  view.setUint8(6, (xxHash32(frame.subarray(4, 6)) >>> 8) & 0xff);
  view.setUint32(HEADER_BYTES_MIN, size, true);
  view.setUint32(start + size, 0, true);
  return frame.subarray(0, start + size + 4);
}
