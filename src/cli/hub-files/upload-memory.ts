/**
 * What was sent of large files, kept on this disk between runs: an upload that was killed goes on with the first
 * part that is missing. Known by cloud, repository and content, never by name.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Sent } from '#client/hub-upload.ts';

export type UploadMemory = Readonly<{
  recall: (sha256: string) => Promise<Sent>;
  remember: (sha256: string, sent: Sent) => Promise<void>;
  /** All of it is in the repository. */
  forget: (sha256s: readonly string[]) => Promise<void>;
}>;

/** The hub forgets parts that nobody came back for, too. */
const KEPT_MS = 2 * 86_400_000;

const keptSchema = z.object({ etags: z.record(z.string(), z.string()) });

export function createUploadMemory(folder: string, place: readonly string[]): UploadMemory {
  const fileOf = (sha256: string): string => {
    const name = createHash('sha256').update(JSON.stringify([...place, sha256]));
    return join(folder, `${name.digest('hex')}.json`);
  };
  return {
    recall: async (sha256) => {
      const text = await readFile(fileOf(sha256), 'utf8').catch(() => '');
      return { sha256, etags: etagsOf(text), isSent: false };
    },
    remember: async (sha256, { etags }) => {
      if (etags.size === 0) return;
      await mkdir(folder, { recursive: true });
      const file = fileOf(sha256);
      await writeFile(`${file}.new`, JSON.stringify({ etags: Object.fromEntries(etags) }));
      await rename(`${file}.new`, file);
    },
    forget: async (sha256s) => {
      await Promise.all(sha256s.map((sha256) => rm(fileOf(sha256), { force: true })));
      await sweep(folder);
    },
  };
}

function etagsOf(text: string): Map<string, string> {
  try {
    return new Map(Object.entries(keptSchema.parse(JSON.parse(text)).etags));
  } catch {
    // Nothing kept, or cut off in the middle: it is sent anew.
    return new Map();
  }
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > KEPT_MS) await rm(file, { force: true });
  }
}
