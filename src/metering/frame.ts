/**
 * How a record lies in a segment: length, checksum, kind, JSON. Pure. The kind stands outside the JSON
 * so that shipping, which wants `settled` only, parses nothing else; the checksum covers kind and JSON.
 *
 *     u32 payload bytes · u32 CRC-32 · u8 kind ('a' admitted, 'p' progress, 's' settled) · payload
 *
 * Damage is survivable: a reader that meets a bad frame looks for the next good one and reports the gap.
 */
import { crc32 } from 'node:zlib';
import { fail } from './errors.ts';
import type { JournalRecord } from './usage-event.ts';

export const HEADER_BYTES = 9;
const KIND_OFFSET = 8;

/** A record holds ids, counts and a model name: 16 KiB is twenty times the usual. */
export const RECORD_BYTES_MAX = 16 * 1024;

export const FRAME_BYTES_MAX = HEADER_BYTES + RECORD_BYTES_MAX;

const KIND_BYTE = { admitted: 0x61, progress: 0x70, settled: 0x73 } as const;
type Kind = JournalRecord['kind'];

export type Frame = Readonly<{
  kind: Kind;
  payload: Buffer;
  /** Where the next frame begins. */
  end: number;
}>;

/** Bytes that belong to no good frame. */
export type Gap = Readonly<{ from: number; to: number }>;

export type Scan = Readonly<{
  frames: readonly Frame[];
  gaps: readonly Gap[];
  /** Everything before is explained; what follows is an unfinished frame, or nothing. */
  end: number;
}>;

/** Raises `journal.record_too_large`. */
export function encodeFrame(record: JournalRecord): Buffer {
  const text = JSON.stringify(record);
  const length = Buffer.byteLength(text);
  if (length > RECORD_BYTES_MAX) {
    throw fail('journal.record_too_large', `A ${record.kind} record has ${length} bytes.`);
  }
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  frame.writeUInt32LE(length, 0);
  frame[KIND_OFFSET] = KIND_BYTE[record.kind];
  frame.write(text, HEADER_BYTES, 'utf8');
  frame.writeUInt32LE(crc32(frame.subarray(KIND_OFFSET)), 4);
  return frame;
}

/**
 * Reads the frames of a piece of a segment that starts at a frame. `isWhole` says that the piece ends
 * where the segment ends, so an unfinished frame there will never be finished.
 */
export function scanFrames(bytes: Buffer, isWhole: boolean): Scan {
  const frames: Frame[] = [];
  const gaps: Gap[] = [];
  let position = 0;
  while (position < bytes.length) {
    const frame = frameAt(bytes, position);
    if (frame !== null) {
      frames.push(frame);
      position = frame.end;
      continue;
    }
    if (!isWhole && mayBeUnfinished(bytes, position)) break;
    const next = nextFrameAfter(bytes, position);
    if (next === null) break;
    gaps.push({ from: position, to: next });
    position = next;
  }
  return { frames, gaps, end: position };
}

function frameAt(bytes: Buffer, position: number): Frame | null {
  if (position + HEADER_BYTES > bytes.length) return null;
  const length = bytes.readUInt32LE(position);
  const kind = kindOf(bytes[position + KIND_OFFSET]);
  const end = position + HEADER_BYTES + length;
  if (kind === null || length === 0 || length > RECORD_BYTES_MAX || end > bytes.length) return null;
  if (crc32(bytes.subarray(position + KIND_OFFSET, end)) !== bytes.readUInt32LE(position + 4)) {
    return null;
  }
  return { kind, payload: bytes.subarray(position + HEADER_BYTES, end), end };
}

function mayBeUnfinished(bytes: Buffer, position: number): boolean {
  if (position + HEADER_BYTES > bytes.length) return true;
  const length = bytes.readUInt32LE(position);
  return length <= RECORD_BYTES_MAX && position + HEADER_BYTES + length > bytes.length;
}

/** Tries every byte: slow, and only where a disk has lied. */
function nextFrameAfter(bytes: Buffer, position: number): number | null {
  for (let at = position + 1; at + HEADER_BYTES <= bytes.length; at += 1) {
    if (frameAt(bytes, at) !== null) return at;
  }
  return null;
}

function kindOf(byte: number | undefined): Kind | null {
  if (byte === KIND_BYTE.admitted) return 'admitted';
  if (byte === KIND_BYTE.progress) return 'progress';
  return byte === KIND_BYTE.settled ? 'settled' : null;
}
