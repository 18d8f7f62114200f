/**
 * The prompt of a request as hashes of blocks, each covering all before it. Made of the text in the order
 * in which engines render it (tools and instructions, then messages), not of the body's bytes, so that
 * the order of fields and the name of a caller do not matter. No tokeniser: equal text is what counts.
 */
import { crc32 } from 'node:zlib';

/** Some 128 tokens: a shared system prompt of a few sentences fills one. */
export const BLOCK_BYTES = 512;
/** Of a prompt longer than this the rest is not looked at: 128 KiB shared decide well enough. */
export const BLOCKS_MAX = 256;
/** Where the prompt is, in any dialect, in the order of rendering. */
const PROMPT_FIELDS = ['tools', 'instructions', 'system', 'messages', 'prompt', 'input'];
const DEPTH_MAX = 12;

/** One for all requests: it is filled and hashed within one call. */
const scratch = Buffer.allocUnsafe(BLOCK_BYTES * BLOCKS_MAX);

/** Whole blocks only: a prompt shorter than one has none, and every replica is as good for it. */
export function promptBlocks(
  tenantId: string,
  fields: Readonly<Record<string, unknown>>,
): readonly number[] {
  const writer: Writer = { offset: 0 };
  for (const name of PROMPT_FIELDS) {
    if (fields[name] !== undefined) writeText(writer, fields[name], DEPTH_MAX);
  }
  const blocks: number[] = [];
  let hash = crc32(tenantId);
  for (let start = 0; start + BLOCK_BYTES <= writer.offset; start += BLOCK_BYTES) {
    hash = crc32(scratch.subarray(start, start + BLOCK_BYTES), hash);
    // A small integer, which the set keeps without a box.
    blocks.push(hash | 0);
  }
  return blocks;
}

type Writer = { offset: number };

/** Every text in a value, with a mark after each, so that where one ends is part of what is hashed. */
function writeText(writer: Writer, value: unknown, depth: number): void {
  if (writer.offset >= scratch.length || depth === 0) return;
  if (typeof value === 'string') {
    writer.offset += scratch.write(value, writer.offset);
    writer.offset += scratch.write('\n', writer.offset);
  } else if (Array.isArray(value)) {
    for (const item of value) writeText(writer, item, depth - 1);
  } else if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) writeText(writer, part, depth - 1);
  }
}
