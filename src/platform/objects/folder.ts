/**
 * Objects in a local folder: `objects/<key>`, stages in `objects/tmp/<name>`. A commit is fsync,
 * rename, fsync of the folder, so that a power cut leaves the whole object or none. The disk also
 * carries the database and the journal, therefore a reserve of free space is never written into.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../error.ts';
import {
  type ByteRange,
  type Bytes,
  type ObjectInfo,
  type ObjectStore,
  type Stage,
  failStorage,
  requireKey,
} from '../objects.ts';
import { openStage } from './folder-stage.ts';

export type FolderObjectsOptions = Readonly<{
  folder: string;
  /** Free space that stays free, for the journal and the database on the same disk. */
  reserveBytes?: number;
}>;

const RESERVE_BYTES = 256 * 1024 * 1024;
const STAGES = 'tmp';

export function createFolderObjects(options: FolderObjectsOptions): ObjectStore {
  const { folder } = options;
  const reserveBytes = options.reserveBytes ?? RESERVE_BYTES;
  const pathOf = (key: string): string => join(folder, requireKey(key));
  const stagePathOf = (name: string): string => join(folder, STAGES, requireKey(name));

  async function ensureSpace(neededBytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize - reserveBytes >= neededBytes) return;
    throw failStorage(
      'storage.full',
      `The disk of ${folder} has no room for this: ${bavail * bsize} bytes are free, ${neededBytes} are needed and ${reserveBytes} stay in reserve.`,
    );
  }

  return {
    stage: async (name, expectedBytes = 0): Promise<Stage> => {
      const path = stagePathOf(name);
      await mkdir(dirname(path), { recursive: true });
      const staged = (await statOrNull(path))?.size ?? 0;
      await ensureSpace(Math.max(0, expectedBytes - staged));
      return openStage({
        path,
        ensureSpace,
        publish: (from, key) => publish(from, pathOf(key)),
      });
    },
    listStages: async () => {
      const found: ObjectInfo[] = [];
      for await (const info of walk(join(folder, STAGES), '')) found.push(info);
      return found;
    },
    discardStage: (name) => rm(stagePathOf(name), { force: true }),
    read: async (key, range) => readFile(pathOf(key), range),
    stat: async (key) => {
      const info = await statOrNull(pathOf(key));
      if (info === null) return null;
      return { key, sizeBytes: info.size, modifiedAtMs: info.mtimeMs };
    },
    remove: (key) => rm(pathOf(key), { force: true }),
    list: (prefix) => listObjects(folder, prefix),
    localPath: pathOf,
  };
}

async function* listObjects(folder: string, prefix: string): AsyncIterable<ObjectInfo> {
  const cut = prefix.lastIndexOf('/');
  const start = cut === -1 ? '' : prefix.slice(0, cut + 1);
  for await (const info of walk(join(folder, start), start)) {
    if (info.key.startsWith(prefix) && !info.key.startsWith(`${STAGES}/`)) yield info;
  }
}

async function* walk(folder: string, prefix: string): AsyncGenerator<ObjectInfo> {
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    const key = `${prefix}${entry.name}`;
    if (entry.isDirectory()) {
      yield* walk(path, `${key}/`);
      continue;
    }
    const info = await statOrNull(path);
    if (info !== null) yield { key, sizeBytes: info.size, modifiedAtMs: info.mtimeMs };
  }
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function readFile(path: string, range: ByteRange | undefined): Promise<Bytes | null> {
  const info = await statOrNull(path);
  if (info === null) return null;
  const start = range?.start ?? 0;
  const end = Math.min(range?.end ?? info.size, info.size);
  if (start >= end) return nothing();
  return createReadStream(path, { start, end: end - 1 });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function statOrNull(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function publish(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  const folder = await open(dirname(to), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
