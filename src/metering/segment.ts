/**
 * Segment files of a journal: `00000001.journal`, an eight-byte mark, then frames. A process writes only
 * to segments it created itself, so nothing old is ever appended to, and deleting whole files is the only
 * way a journal shrinks.
 */
import { type FileHandle, open, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from './errors.ts';

/** Says what the file is and which frame layout it has. */
const MARK = Buffer.from('FWJRNL01');
export const MARK_BYTES = MARK.length;

const NAME = /^(\d{8,})\.journal$/;

/** A place in the journal: everything before it in its segment, and all earlier segments. */
export type Position = Readonly<{ segment: number; offset: number }>;

export function segmentPath(folder: string, segment: number): string {
  return join(folder, `${String(segment).padStart(8, '0')}.journal`);
}

/** Numbers of the segments there are, oldest first. */
export async function listSegments(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => {
      const match = NAME.exec(name);
      return match === null ? [] : [Number(match[1])];
    })
    .toSorted((a, b) => a - b);
}

/** Creates an empty segment that survives a crash; refuses to reuse one. */
export async function createSegment(folder: string, segment: number): Promise<FileHandle> {
  const handle = await open(segmentPath(folder, segment), 'wx', 0o600);
  try {
    await handle.write(MARK, 0, MARK_BYTES, 0);
    await handle.datasync();
    await syncFolder(folder);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The frames of a whole segment. Null when the file is shorter than its mark, which is what a crash at
 * creation leaves. Raises `journal.foreign_file` for a file that is not ours.
 */
export async function readSegment(folder: string, segment: number): Promise<Buffer | null> {
  const bytes = await readFile(segmentPath(folder, segment));
  if (bytes.length < MARK_BYTES) return null;
  if (!bytes.subarray(0, MARK_BYTES).equals(MARK)) {
    throw fail(
      'journal.foreign_file',
      `${segmentPath(folder, segment)} is not a journal segment, or one of a newer version.`,
    );
  }
  return bytes.subarray(MARK_BYTES);
}

/** A piece of a segment that is known to be on disk. */
export async function readPiece(folder: string, from: Position, bytesMax: number): Promise<Buffer> {
  const handle = await open(segmentPath(folder, from.segment), 'r');
  try {
    const bytes = Buffer.allocUnsafe(bytesMax);
    let filled = 0;
    while (filled < bytesMax) {
      const { bytesRead } = await handle.read(
        bytes,
        filled,
        bytesMax - filled,
        from.offset + filled,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

/** A new name is durable only once its folder is. Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
