/** Reads the header of a weights file through a parser that says when it needs more bytes. */
import { failWeights } from './errors.ts';

/** A file that is here but not yet part of a revision. */
export type CandidateFile = Readonly<{
  path: string;
  sizeBytes: number;
  sha256: string;
  read: (offset: number, length: number) => Promise<Uint8Array>;
}>;

/** What a parser makes of the first bytes of a file. */
export type HeaderResult<Header> =
  | Readonly<{ kind: 'parsed'; header: Header }>
  /** The header goes on beyond the bytes at hand. */
  | Readonly<{ kind: 'more'; bytesNeeded: number }>
  | Readonly<{ kind: 'foreign' }>
  | Readonly<{ kind: 'truncated'; bytesNeeded: number }>
  | Readonly<{ kind: 'unsupported'; reason: string }>
  | Readonly<{ kind: 'corrupt'; reason: string }>;

/** Enough for the header of most models in one read. */
const FIRST_READ_BYTES = 1024 * 1024;

/** Raises `weights.empty`, `.foreign`, `.truncated`, `.unsupported` or `.corrupt`. */
export async function readHeader<Header>(
  file: CandidateFile,
  wanted: string,
  parse: (bytes: Uint8Array, fileBytes: number) => HeaderResult<Header>,
): Promise<Header> {
  if (file.sizeBytes === 0) throw failWeights('weights.empty', `${file.path} is empty.`);
  for (let length = FIRST_READ_BYTES; ;) {
    const bytes = await file.read(0, Math.min(length, file.sizeBytes));
    const result = parse(bytes, file.sizeBytes);
    if (result.kind === 'parsed') return result.header;
    if (result.kind !== 'more') throw weightsError(file, wanted, result);
    // Twice as much each time: a long header costs a few parses, not one per value.
    length = Math.max(length * 2, result.bytesNeeded);
  }
}

type Bad = Exclude<HeaderResult<never>, { kind: 'parsed' | 'more' }>;

function weightsError(file: CandidateFile, wanted: string, bad: Bad): Error {
  if (bad.kind === 'foreign') {
    return failWeights(
      'weights.foreign',
      `${file.path} is not ${wanted}: its first bytes say otherwise.`,
    );
  }
  if (bad.kind === 'truncated') {
    return failWeights(
      'weights.truncated',
      `${file.path} was cut short: it has ${file.sizeBytes} bytes and needs at least ${bad.bytesNeeded}.`,
    );
  }
  return bad.kind === 'unsupported'
    ? failWeights('weights.unsupported', `${file.path} cannot be read: ${bad.reason}.`)
    : failWeights('weights.corrupt', `${file.path} is damaged: ${bad.reason}.`);
}
