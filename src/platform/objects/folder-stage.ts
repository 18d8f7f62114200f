/** A stage in a local folder: one file that grows, hashed as it does. */
import { type Hash, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { codeOf } from '../error.ts';
import { type AppendOptions, type Bytes, type Stage, failStorage } from '../objects.ts';

export type FolderStageOptions = Readonly<{
  path: string;
  /** Raises `storage.full` when so many more bytes do not fit. */
  ensureSpace: (neededBytes: number) => Promise<void>;
  publish: (path: string, key: string) => Promise<void>;
}>;

/** Free space is looked at once per so many bytes: often enough to keep the reserve, too seldom to cost. */
const SPACE_CHECK_BYTES = 64 * 1024 * 1024;

/** Opens the file and hashes what an earlier process left in it. */
export async function openStage(options: FolderStageOptions): Promise<Stage> {
  const file = await open(options.path, 'a+');
  try {
    const hash = createHash('sha256');
    const { size } = await file.stat();
    if (size > 0) {
      const found: Bytes = createReadStream(options.path, { end: size - 1 });
      for await (const piece of found) hash.update(piece);
    }
    return new FolderStage(options, file, { hash, sizeBytes: size });
  } catch (error) {
    await file.close();
    throw error;
  }
}

class FolderStage implements Stage {
  readonly #options: FolderStageOptions;
  readonly #file: FileHandle;
  #hash: Hash;
  #sizeBytes: number;

  constructor(
    options: FolderStageOptions,
    file: FileHandle,
    found: { hash: Hash; sizeBytes: number },
  ) {
    this.#options = options;
    this.#file = file;
    this.#hash = found.hash;
    this.#sizeBytes = found.sizeBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async append(source: Bytes, { signal, onProgress }: AppendOptions = {}): Promise<void> {
    let uncheckedBytes = 0;
    for await (const piece of source) {
      signal?.throwIfAborted();
      uncheckedBytes += piece.length;
      if (uncheckedBytes >= SPACE_CHECK_BYTES) {
        await this.#options.ensureSpace(piece.length);
        uncheckedBytes = 0;
      }
      await this.#write(piece);
      onProgress?.(this.#sizeBytes);
    }
  }

  async #write(piece: Uint8Array): Promise<void> {
    try {
      await this.#file.appendFile(piece);
    } catch (error) {
      await this.#cutTorn();
      throw asStorageError(error);
    }
    this.#hash.update(piece);
    this.#sizeBytes += piece.length;
  }

  /** A failed write may have left part of its piece; the hash does not know it. */
  async #cutTorn(): Promise<void> {
    const { size } = await this.#file.stat();
    if (size > this.#sizeBytes) await this.#file.truncate(this.#sizeBytes);
  }

  async reset(): Promise<void> {
    await this.#file.truncate(0);
    this.#hash = createHash('sha256');
    this.#sizeBytes = 0;
  }

  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.#sizeBytes - offset));
    const buffer = Buffer.alloc(wanted);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await this.#file.read(buffer, filled, wanted - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  async commit(key: string): Promise<void> {
    try {
      await this.#file.sync();
      await this.#file.close();
      await this.#options.publish(this.#options.path, key);
    } catch (error) {
      throw asStorageError(error);
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async discard(): Promise<void> {
    await this.#file.close();
    await rm(this.#options.path, { force: true });
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
