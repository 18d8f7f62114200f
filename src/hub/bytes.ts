/**
 * The narrow door between files and their bytes: a file is named by its SHA-256, and this finds the bytes,
 * as an object of their own or, where they are kept in another form, from whoever rebuilds them.
 */
import type { ByteRange, Bytes, ObjectStore } from '#platform/objects.ts';
import { blobKey } from './blobs.ts';
import { failHub } from './errors.ts';

/** Bytes that are kept in another form. */
export type OtherBytes = Readonly<{
  /** Null when there is no such file. */
  read: (sha256: string, range?: ByteRange) => Promise<Bytes | null>;
  /** What Xet's clients know these files by, for those that are kept as they keep them. */
  hashesOf: (sha256s: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}>;

export type ByteSources = Readonly<{ objects: ObjectStore; otherBytes?: OtherBytes | undefined }>;

/** Raises `blob.unknown`. */
export async function readBytes(
  { objects, otherBytes }: ByteSources,
  sha256: string,
  range?: ByteRange,
): Promise<Bytes> {
  const bytes =
    (await objects.read(blobKey(sha256), range)) ?? (await otherBytes?.read(sha256, range));
  if (bytes === undefined || bytes === null) {
    throw failHub('blob.unknown', `There is no blob ${sha256}.`);
  }
  return bytes;
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
