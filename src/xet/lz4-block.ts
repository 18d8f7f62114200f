/** LZ4 blocks (lz4_Block_format.md): literals and copies of what came before. Pure. */

const MATCH_BYTES_MIN = 4;
const OFFSET_MAX = 65_535;
/** A block ends in five literals, and no match starts in its last twelve bytes. */
const LITERALS_LAST = 5;
const MATCH_START_LAST = 12;
const TABLE_BITS = 13;
/** After so many misses in a row the search takes longer steps: what does not compress costs little. */
const SKIP_BITS = 6;

/**
 * Appends the block's content to `output` from `start` on, where earlier blocks may lie before it. The
 * length of the content; null when the block is not sound or has no room.
 */
export function decompressBlock(
  block: Uint8Array,
  output: Uint8Array,
  start: number,
): number | null {
  let at = 0;
  let to = start;
  while (at < block.length) {
    const token = block[at++] ?? 0;
    let literals = token >>> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (at >= block.length) return null;
        more = block[at++] ?? 0;
        literals += more;
      }
    }
    if (at + literals > block.length || to + literals > output.length) return null;
    if (literals > 16) output.set(block.subarray(at, at + literals), to);
    else for (let i = 0; i < literals; i += 1) output[to + i] = block[at + i] ?? 0;
    at += literals;
    to += literals;
    if (at === block.length) return to - start;
    if (at + 2 > block.length) return null;
    const offset = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    let length = token & 15;
    if (length === 15) {
      let more = 255;
      while (more === 255) {
        if (at >= block.length) return null;
        more = block[at++] ?? 0;
        length += more;
      }
    }
    length += MATCH_BYTES_MIN;
    const from = to - offset;
    if (offset === 0 || from < 0 || to + length > output.length) return null;
    if (offset >= length && length > 32) output.copyWithin(to, from, from + length);
    else for (let i = 0; i < length; i += 1) output[to + i] = output[from + i] ?? 0;
    to += length;
  }
  // A block ends in literals, so it never ends here.
  return null;
}

/** The size of the block written to `output`; null when it has no room. */
export function compressBlock(input: Uint8Array, output: Uint8Array): number | null {
  const writer: Writer = { output, at: 0 };
  const table = new Int32Array(1 << TABLE_BITS).fill(-1);
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const last = input.length - MATCH_START_LAST;
  let anchor = 0;
  let at = 0;
  let misses = 1 << SKIP_BITS;
  while (at < last) {
    const word = view.getInt32(at, true);
    const slot = Math.imul(word, -1_640_531_535) >>> (32 - TABLE_BITS);
    const from = table[slot] ?? -1;
    table[slot] = at;
    if (from < 0 || at - from > OFFSET_MAX || view.getInt32(from, true) !== word) {
      at += misses++ >>> SKIP_BITS;
      continue;
    }
    const length = matchLength(input, from, at);
    if (!writeSequence(writer, input, { anchor, at, offset: at - from, length })) return null;
    at += length;
    anchor = at;
    misses = 1 << SKIP_BITS;
  }
  const tail = { anchor, at: input.length, offset: 0, length: 0 };
  return writeSequence(writer, input, tail) ? writer.at : null;
}

function matchLength(input: Uint8Array, from: number, at: number): number {
  const end = input.length - LITERALS_LAST;
  let length = MATCH_BYTES_MIN;
  while (at + length < end && input[from + length] === input[at + length]) length += 1;
  return length;
}

type Writer = { readonly output: Uint8Array; at: number };
type Sequence = Readonly<{ anchor: number; at: number; offset: number; length: number }>;

/** Literals from `anchor` to `at`, then the match; without a match, where `length` is 0. */
function writeSequence(writer: Writer, input: Uint8Array, sequence: Sequence): boolean {
  const { anchor, at, offset, length } = sequence;
  const { output } = writer;
  const literals = at - anchor;
  const matched = length === 0 ? 0 : length - MATCH_BYTES_MIN;
  // Two lengths of one byte for 255 each, a token and an offset.
  const needed = literals + ((literals / 255) | 0) + ((matched / 255) | 0) + 5;
  if (writer.at + needed > output.length) return false;
  output[writer.at++] = (Math.min(literals, 15) << 4) | Math.min(matched, 15);
  if (literals >= 15) writeLength(writer, literals - 15);
  output.set(input.subarray(anchor, at), writer.at);
  writer.at += literals;
  if (length === 0) return true;
  output[writer.at++] = offset & 0xff;
  output[writer.at++] = offset >>> 8;
  if (matched >= 15) writeLength(writer, matched - 15);
  return true;
}

function writeLength(writer: Writer, length: number): void {
  let left = length;
  for (; left >= 255; left -= 255) writer.output[writer.at++] = 255;
  writer.output[writer.at++] = left;
}
