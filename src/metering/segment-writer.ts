/**
 * Puts batches on disk: one write and one fdatasync each, in a segment of its own, rotated by size. When
 * `write` resolves the batch is durable; when it rejects, nothing of the batch counts and the same batch
 * may be tried again.
 */
import { type FileHandle, rm } from 'node:fs/promises';
import { MARK_BYTES, type Position, createSegment, segmentPath } from './segment.ts';

type OpenSegment = { readonly number: number; readonly handle: FileHandle; durableBytes: number };

export class SegmentWriter {
  readonly #folder: string;
  readonly #segmentBytes: number;
  #nextNumber: number;
  #current: OpenSegment | null = null;

  constructor(options: Readonly<{ folder: string; firstNumber: number; segmentBytes: number }>) {
    this.#folder = options.folder;
    this.#segmentBytes = options.segmentBytes;
    this.#nextNumber = options.firstNumber;
  }

  /** The segment that the next batch goes to. */
  get segment(): number {
    return this.#current?.number ?? this.#nextNumber;
  }

  /** Resolves to where the batch ends once it is durable. */
  async write(batch: Buffer): Promise<Position> {
    if (this.#current !== null && this.#current.durableBytes >= this.#segmentBytes) {
      await this.#leave();
    }
    const segment = this.#current ?? (await this.#create());
    try {
      await writeAll(segment.handle, batch, segment.durableBytes);
    } catch (error) {
      await this.#takeBack(segment);
      throw error;
    }
    try {
      await segment.handle.datasync();
    } catch (error) {
      // After a failed sync nobody knows which pages are on disk, and a second sync may lie; the batch
      // goes to a new segment, where a record written twice is still one event.
      await this.#leave();
      throw error;
    }
    segment.durableBytes += batch.length;
    return { segment: segment.number, offset: segment.durableBytes };
  }

  async stop(): Promise<void> {
    await this.#leave();
  }

  async #create(): Promise<OpenSegment> {
    const number = this.#nextNumber;
    let handle: FileHandle;
    try {
      handle = await createSegment(this.#folder, number);
    } catch (error) {
      // A half-made file of ours must not stand in the way of the next try.
      await rm(segmentPath(this.#folder, number), { force: true }).catch(() => {
        this.#nextNumber += 1;
      });
      throw error;
    }
    this.#nextNumber = number + 1;
    this.#current = { number, handle, durableBytes: MARK_BYTES };
    return this.#current;
  }

  /** Cuts off what a failed write left, so that readers never see half a batch. */
  async #takeBack(segment: OpenSegment): Promise<void> {
    try {
      await segment.handle.truncate(segment.durableBytes);
    } catch {
      // What cannot be cut off is left behind as a torn tail, which every reader knows.
      await this.#leave();
    }
  }

  async #leave(): Promise<void> {
    const segment = this.#current;
    this.#current = null;
    await segment?.handle.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(
      bytes,
      written,
      bytes.length - written,
      position + written,
    );
    written += bytesWritten;
  }
}
