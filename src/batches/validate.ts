/** Reads a batch's input once, whole: its lines are written down, or what is wrong with it is said line by line. */
import type { Bytes } from '#platform/objects.ts';
import type { BatchEndpoint, BatchError } from './api.ts';
import { splitLines } from './line-splitter.ts';
import type { NewLine } from './line-store.ts';
import { LINES_MAX, LINE_BYTES_MAX, isLine, parseLine, wrong } from './line.ts';

/** More would not help whoever mends the file. */
const ERRORS_MAX = 100;
const CHUNK_LINES = 1_000;

export type Validation =
  | Readonly<{ kind: 'valid'; lines: number; modelName: string }>
  | Readonly<{ kind: 'invalid'; errors: readonly BatchError[] }>;

/** `keep` gets the lines in pieces, until the first mistake; what it raises is raised. */
export async function validateInput(
  source: Bytes,
  endpoint: BatchEndpoint,
  keep: (lines: readonly NewLine[]) => Promise<void>,
): Promise<Validation> {
  const errors: BatchError[] = [];
  const customIds = new Set<string>();
  let modelName: string | null = null;
  let chunk: NewLine[] = [];
  for await (const raw of splitLines(source, LINE_BYTES_MAX)) {
    if (errors.length >= ERRORS_MAX) break;
    if (customIds.size >= LINES_MAX) {
      const message = `A batch has at most ${LINES_MAX} lines.`;
      return { kind: 'invalid', errors: [wrong('too_many_lines', message, raw.line)] };
    }
    const parsed =
      raw.bytes === null ? tooLong(raw.line) : parseLine(raw.bytes, raw.line, endpoint);
    if (!isLine(parsed)) {
      errors.push(parsed);
      continue;
    }
    const { customId, model } = parsed;
    if (customIds.has(customId)) {
      const message = 'Another line before it has the same custom_id.';
      errors.push(wrong('duplicate_custom_id', message, raw.line, 'custom_id'));
      continue;
    }
    customIds.add(customId);
    modelName ??= model;
    const { line, startByte, sizeBytes } = raw;
    chunk.push({ line, customId, startByte, sizeBytes });
    if (errors.length > 0 || chunk.length < CHUNK_LINES) continue;
    await keep(chunk);
    chunk = [];
  }
  if (errors.length > 0) return { kind: 'invalid', errors };
  if (modelName === null) {
    return { kind: 'invalid', errors: [wrong('empty_file', 'The file has no line.', null)] };
  }
  if (chunk.length > 0) await keep(chunk);
  return { kind: 'valid', lines: customIds.size, modelName };
}

function tooLong(line: number): BatchError {
  return wrong('line_too_long', `A line has at most ${LINE_BYTES_MAX} bytes (16 MiB).`, line);
}
