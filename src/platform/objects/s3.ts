/**
 * Objects in a bucket of any store that speaks Amazon's S3 API. A stage lies on this machine's disk, so
 * that a broken upload goes on and bytes are checked before anybody sees them; `commit` sends it, in
 * parts when it is large, and the store shows an object whole or not at all. A read goes on from the
 * byte where it broke.
 */
import { createReadStream } from 'node:fs';
import { rm, stat as statFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  type Bytes,
  type ObjectInfo,
  type ObjectStore,
  failStorage,
  requireKey,
} from '../objects.ts';
import { createFolderStages } from './folder-stages.ts';
import { parseS3Url } from './s3-url.ts';
import { PatientClient, STORAGE_FULL, isPassing, statusOf } from './s3-client.ts';

export type S3ObjectsOptions = Readonly<{
  /** `https://KEY_ID:SECRET@host/bucket?region=eu-central-1`; see `parseS3Url`. */
  url: string;
  /** Where stages lie until they are committed. */
  stagingFolder: string;
  reserveBytes?: number;
  /** Before the second attempt of a request; doubled before each further one. */
  retryDelayMs?: number;
}>;

type Part = Readonly<{ start: number; end: number }>;

/** S3 takes 10,000 parts: so many bytes allow 156 GiB an object, and four parts on their way fit in little memory. */
const PART_BYTES = 16 * 1024 * 1024;
/** A read that broke so often without one more byte is given up. */
const FRUITLESS_READS_MAX = 5;

export function createS3Objects(options: S3ObjectsOptions): ObjectStore {
  const client = new PatientClient(parseS3Url(options.url), options.retryDelayMs);

  async function stat(key: string): Promise<ObjectInfo | null> {
    requireKey(key);
    const found = await nullIfAbsent(client.statObject(key));
    if (found === null) return null;
    return { key, sizeBytes: found.size, modifiedAtMs: found.lastModified.getTime() };
  }

  async function publish(path: string, key: string): Promise<void> {
    const { size } = await statFile(path);
    const bytes = Readable.toWeb(createReadStream(path, { highWaterMark: PART_BYTES }));
    try {
      await client.putObject(requireKey(key), bytes, { size, partSize: PART_BYTES });
    } catch (error) {
      // The store may have it all, and only its last answer was lost.
      if (statusOf(error) !== 404 || (await stat(key))?.sizeBytes !== size)
        throw asStorageError(error);
    }
    await rm(path, { force: true });
  }

  async function* readOn(key: string, first: Response, { start, end }: Part): Bytes {
    let response = first;
    let at = start;
    for (let fruitless = 0; ; fruitless += 1) {
      try {
        for await (const piece of response.body ?? []) {
          yield piece;
          at += piece.length;
          fruitless = 0;
        }
        return;
      } catch (error) {
        if (!isPassing(error) || fruitless === FRUITLESS_READS_MAX) throw asStorageError(error);
      }
      response = await client.getRange(key, at, end).catch(rethrow);
    }
  }

  return {
    ...createFolderStages({ ...options, folder: options.stagingFolder, publish }),
    stat,
    read: async (key, { start, end } = { start: 0 }) => {
      const info = await stat(key);
      if (info === null) return null;
      const part = { start, end: Math.min(end ?? info.sizeBytes, info.sizeBytes) };
      if (part.start >= part.end) return nothing();
      const response = await nullIfAbsent(client.getRange(key, part.start, part.end));
      return response === null ? null : readOn(key, response, part);
    },
    remove: async (key) => {
      await nullIfAbsent(client.deleteObject(requireKey(key)));
    },
    async *list(prefix) {
      try {
        for await (const { key, size, lastModified } of client.listObjects({ prefix })) {
          yield { key, sizeBytes: size, modifiedAtMs: lastModified.getTime() };
        }
      } catch (error) {
        throw asStorageError(error);
      }
    },
    localPath: () => null,
  };
}

/** Raises `storage.unavailable`, with words for an operator, unless the bucket is there and opens to our key. */
export async function requireBucket(url: string): Promise<void> {
  const parts = parseS3Url(url);
  const exists = await new PatientClient(parts).bucketExists(parts.bucket).catch(rethrow);
  if (exists) return;
  throw failStorage('storage.unavailable', `${parts.endPoint} has no bucket "${parts.bucket}".`);
}

async function nullIfAbsent<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw asStorageError(error);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function rethrow(error: unknown): never {
  throw asStorageError(error);
}

/** The store's own words are kept as the cause; a person learns whether to free space or to look at the store. */
function asStorageError(error: unknown): unknown {
  const status = statusOf(error);
  if (status === STORAGE_FULL) {
    return failStorage('storage.full', 'The object store is full.', { cause: error });
  }
  if (status === null && !(error instanceof TypeError)) return error;
  return failStorage('storage.unavailable', 'The object store does not answer as it should.', {
    cause: error,
  });
}
