/**
 * The stages of a store, as files of one local folder. The disk also carries the database and the
 * journal, therefore a reserve of free space is never written into.
 */
import { mkdir, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type ObjectInfo,
  type ObjectStore,
  type Stage,
  failStorage,
  requireKey,
} from '../objects.ts';
import { statOrNull, walk } from './folder-files.ts';
import { openStage } from './folder-stage.ts';

export type FolderStagesOptions = Readonly<{
  folder: string;
  /** Free space that stays free, for the journal and the database on the same disk. */
  reserveBytes?: number;
  /** Moves the finished file to where the store keeps its objects. */
  publish: (path: string, key: string) => Promise<void>;
}>;

const RESERVE_BYTES = 256 * 1024 * 1024;

export function createFolderStages(
  options: FolderStagesOptions,
): Pick<ObjectStore, 'stage' | 'listStages' | 'discardStage'> {
  const { folder, reserveBytes = RESERVE_BYTES, publish } = options;
  const pathOf = (name: string): string => join(folder, requireKey(name));

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
      const path = pathOf(name);
      await mkdir(dirname(path), { recursive: true });
      const staged = (await statOrNull(path))?.size ?? 0;
      await ensureSpace(Math.max(0, expectedBytes - staged));
      return openStage({ path, ensureSpace, publish });
    },
    listStages: async () => {
      const found: ObjectInfo[] = [];
      for await (const info of walk(folder, '')) found.push(info);
      return found;
    },
    discardStage: (name) => rm(pathOf(name), { force: true }),
  };
}
