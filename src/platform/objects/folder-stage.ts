/**
 * A stage in a local folder: one file that grows, hashed as it does. The file is open only while
 * something happens to it, so that an import of two thousand files needs no two thousand handles.
 */
import { type Hash, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm, stat, truncate } from 'node:fs/promises';
import { codeOf } from '../error.ts';
import { type AppendOptions, type Bytes, type Stage, failStorage } from '../objects.ts';
import { BatchWriter } from './batch-writer.ts';

export type FolderStageOptions = Readonly<{
  path: string;
  /** Raises `storage.full` when so many more bytes do not fit. */
  ensureSpace: (neededBytes: number) => Promise<void>;
  publish: (path: string, key: string) => Promise<void>;
}>;

/** Free space is looked at once per so many bytes: often enough to keep the reserve, too seldom to cost. */
const SPACE_CHECK_BYTES = 64 * 1024 * 1024;

/** Hashes what an earlier process left in the file. */
export async function openStage(options: FolderStageOptions): Promise<Stage> {
  await using(options.path, 'a', async () => {});
  const hash = createHash('sha256');
  const { size } = await stat(options.path);
  if (size > 0) {
    const found: Bytes = createReadStream(options.path, { end: size - 1 });
    for await (const piece of found) hash.update(piece);
  }
  return new FolderStage(options, { hash, sizeBytes: size });
}

class FolderStage implements Stage {
  readonly #options: FolderStageOptions;
  #hash: Hash;
  #sizeBytes: number;
  #uncheckedBytes = 0;

  constructor(options: FolderStageOptions, found: { hash: Hash; sizeBytes: number }) {
    this.#options = options;
    this.#hash = found.hash;
    this.#sizeBytes = found.sizeBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async append(source: Bytes, { signal, onProgress }: AppendOptions = {}): Promise<void> {
    await using(this.#options.path, 'a', async (file) => {
      const writer = new BatchWriter((batch) => this.#write(file, batch));
      let arrivedBytes = this.#sizeBytes;
      try {
        for await (const piece of source) {
          signal?.throwIfAborted();
          await writer.push(piece);
          arrivedBytes += piece.length;
          onProgress?.(arrivedBytes);
        }
      } finally {
        await writer.end();
      }
    });
  }

  async #write(file: FileHandle, batch: Uint8Array): Promise<void> {
    this.#uncheckedBytes += batch.length;
    if (this.#uncheckedBytes >= SPACE_CHECK_BYTES) {
      await this.#options.ensureSpace(batch.length);
      this.#uncheckedBytes = 0;
    }
    try {
      await file.appendFile(batch);
    } catch (error) {
      // A failed write may have left part of its bytes; the hash does not know them.
      const { size } = await file.stat();
      if (size > this.#sizeBytes) await file.truncate(this.#sizeBytes);
      throw asStorageError(error);
    }
    this.#hash.update(batch);
    this.#sizeBytes += batch.length;
  }

  async reset(): Promise<void> {
    if (this.#sizeBytes === 0) return;
    await truncate(this.#options.path, 0);
    this.#hash = createHash('sha256');
    this.#sizeBytes = 0;
  }

  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.#sizeBytes - offset));
    const buffer = Buffer.alloc(wanted);
    return using(this.#options.path, 'r', async (file) => {
      for (let filled = 0; filled < wanted;) {
        const rest = wanted - filled;
        const { bytesRead } = await file.read(buffer, filled, rest, offset + filled);
        if (bytesRead === 0) return buffer.subarray(0, filled);
        filled += bytesRead;
      }
      return buffer;
    });
  }

  async commit(key: string): Promise<void> {
    try {
      await using(this.#options.path, 'r+', (file) => file.sync());
      await this.#options.publish(this.#options.path, key);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  async close(): Promise<void> {
    // The bytes lie in the file already, and nothing is held open.
  }

  discard(): Promise<void> {
    return rm(this.#options.path, { force: true });
  }
}

async function using<T>(
  path: string,
  flags: string,
  work: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** Out of space and over a quota are the same news to a person; the rest passes as it is. */
function asStorageError(error: unknown): unknown {
  const code = codeOf(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EFBIG') return error;
  return failStorage('storage.full', 'The disk is full. Free some space and try again.', {
    cause: error,
  });
}
