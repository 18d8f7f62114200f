/** What a folder holds, read so that nothing there is no error. */
import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../error.ts';
import type { ObjectInfo } from '../objects.ts';

/** Every file below `folder`, its key being its path with `prefix` before it. */
export async function* walk(folder: string, prefix: string): AsyncGenerator<ObjectInfo> {
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

export async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
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
