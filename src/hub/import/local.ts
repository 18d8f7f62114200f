/** Files on the machine of control, which only the operator may name. */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf } from '#platform/error.ts';
import { failImport } from '../errors.ts';
import { IMPORT_LIMITS, type PlannedFile, singleFilePath } from './plan.ts';

/** Folders below the named one; model repositories have two or three. */
const DEPTH_MAX = 8;

/** The file, or everything in the folder. Raises `import.source_missing`, `import.source_denied`. */
export async function listLocal(path: string): Promise<readonly PlannedFile[]> {
  const info = await statSource(path);
  if (info.isFile()) {
    return [planned({ path: singleFilePath(basename(path)), from: path, sizeBytes: info.size })];
  }
  if (!info.isDirectory()) {
    throw failImport('import.source_invalid', `${path} is neither a file nor a folder.`);
  }
  const found: PlannedFile[] = [];
  await walk({ folder: path, prefix: '', depth: 0 }, found);
  return found;
}

async function walk(
  place: Readonly<{ folder: string; prefix: string; depth: number }>,
  found: PlannedFile[],
): Promise<void> {
  for (const name of (await readdir(place.folder)).toSorted()) {
    if (name.startsWith('.')) continue;
    const from = join(place.folder, name);
    const path = `${place.prefix}${name}`;
    // Through links: the cache of the Hugging Face client is a folder of them.
    const info = await statSource(from);
    if (info.isDirectory()) {
      if (place.depth >= DEPTH_MAX) throw tooDeep(from);
      await walk({ folder: from, prefix: `${path}/`, depth: place.depth + 1 }, found);
    } else if (info.isFile()) {
      found.push(planned({ path, from, sizeBytes: info.size }));
      if (found.length > IMPORT_LIMITS.filesMax) throw tooMany(place.folder);
    }
  }
}

function planned(file: Pick<PlannedFile, 'path' | 'from' | 'sizeBytes'>): PlannedFile {
  return { ...file, sha256: null, validator: null };
}

export async function openLocal(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw localError(error, path);
  }
}

/** Of a size at which reading, hashing and writing keep up with the disk. */
const PIECE_BYTES = 1024 * 1024;

/** The file from its start; the handle stays open. */
export function readPieces(file: FileHandle): AsyncIterable<Uint8Array> {
  return file.createReadStream({ autoClose: false, highWaterMark: PIECE_BYTES });
}

async function statSource(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    throw localError(error, path);
  }
}

function localError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return failImport('import.source_missing', `There is no ${path}.`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return failImport('import.source_denied', `${path} may not be read by this process.`, {
      cause: error,
    });
  }
  return error;
}

function tooDeep(path: string): Error {
  return failImport('import.too_large', `${path} is more than ${DEPTH_MAX} folders deep.`);
}

function tooMany(path: string): Error {
  return failImport(
    'import.too_large',
    `${path} holds more than ${IMPORT_LIMITS.filesMax} files; name the file or a smaller folder.`,
  );
}
