/**
 * The narrow door between files and their bytes: a file is named by its SHA-256, and this finds the bytes,
 * as an object of their own or, where they are kept in another form, from whoever rebuilds them. A reader
 * does not notice when the one becomes the other under it.
 */
import type { Database } from '#platform/database.ts';
import type { ByteRange, Bytes, ObjectStore } from '#platform/objects.ts';
import { blobKey } from './blobs.ts';
import { failHub } from './errors.ts';

/** Bytes that are kept in another form. */
export type OtherBytes = Readonly<{
  /** Null when there is no such file. */
  read: (sha256: string, range?: ByteRange) => Promise<Bytes | null>;
  /** What Xet's clients know these files by, for those that are kept as they keep them. */
  hashesOf: (sha256s: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Bytes of the first files in chunks that the second ones have too; null where there are too many to say. */
  sharedBytes: (of: readonly string[], base: readonly string[]) => Promise<number | null>;
}>;

/** Who also makes that form of files that came whole. */
export type ChunkedBytes = OtherBytes &
  Readonly<{
    /** Whether the file is kept so, and from now on stays for as long as its blob. */
    holds: (tx: Database, sha256: string) => Promise<boolean>;
    /** Out of chunks that this tenant may use and new ones; when it returns, they give back the same bytes. */
    cut: (
      tenantId: string,
      file: Readonly<{ sha256: string; sizeBytes: number; read: () => Promise<Bytes> }>,
      signal: AbortSignal,
    ) => Promise<unknown>;
  }>;

export type ByteSources = Readonly<{ objects: ObjectStore; otherBytes?: OtherBytes | undefined }>;

/** Raises `blob.unknown`. */
export async function readBytes(
  { objects, otherBytes }: ByteSources,
  sha256: string,
  range?: ByteRange,
): Promise<Bytes> {
  const whole = await objects.read(blobKey(sha256), range);
  const bytes = whole ?? (await otherBytes?.read(sha256, range));
  if (bytes === undefined || bytes === null) {
    throw failHub('blob.unknown', `There is no blob ${sha256}.`);
  }
  if (whole === null || otherBytes === undefined) return bytes;
  return orElse(whole, (givenBytes) => {
    const start = (range?.start ?? 0) + givenBytes;
    return otherBytes.read(sha256, { ...range, start });
  });
}

/** Goes on with the other form where the object ends in an error: it may have been dropped meanwhile. */
async function* orElse(
  whole: Bytes,
  rest: (givenBytes: number) => Promise<Bytes | null>,
): AsyncGenerator<Uint8Array> {
  let givenBytes = 0;
  try {
    for await (const piece of whole) {
      givenBytes += piece.length;
      yield piece;
    }
  } catch (error) {
    const other = await rest(givenBytes);
    if (other === null) throw error;
    yield* other;
  }
}

/** A part of a file in memory; what lies beyond its end is left out. */
export async function readPart(
  sources: ByteSources,
  sha256: string,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const range = { start: offset, end: offset + length };
  for await (const part of await readBytes(sources, sha256, range)) parts.push(part);
  return Buffer.concat(parts);
}
