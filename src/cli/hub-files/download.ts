/** Files of a repository onto this machine: in parallel, gone on with where they broke off, and checked. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ApiError } from '#client/api-error.ts';
import type { Client } from '#client/client.ts';
import type { RepositoryAddress, TreeEntry } from '#client/hub-repositories.ts';
import { isPassing } from '#client/hub-upload.ts';
import { pause } from '#client/pause.ts';

export type Download = Readonly<{
  hub: Client['hub'];
  at: RepositoryAddress;
  /** A commit, so that all files are of one. */
  revision: string;
  folder: string;
  /** More bytes of this file are here; taken back where they were wrong. */
  onProgress: (entry: TreeEntry, bytes: number) => void;
  signal: AbortSignal;
}>;

const FILES_AT_ONCE = 4;
const TRIES = 5;
const FIRST_WAIT_MS = 500;
const OPEN_TIMEOUT_MS = 60_000;

/** Gives how many were here already. Raises `download.damaged` for what does not hash to what the hub says. */
export async function downloadAll(
  entries: readonly TreeEntry[],
  download: Download,
): Promise<Readonly<{ keptFiles: number }>> {
  const queue = [...entries];
  let keptFiles = 0;
  const work = async (): Promise<void> => {
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
      if ((await downloadOne(entry, download)) === 'kept') keptFiles += 1;
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
  return { keptFiles };
}

async function downloadOne(entry: TreeEntry, download: Download): Promise<'kept' | 'fetched'> {
  const { folder, onProgress } = download;
  const target = join(folder, ...partsOf(entry.path));
  if ((await sizeOf(target)) === entry.size && (await isWhole(target, entry))) {
    onProgress(entry, entry.size);
    return 'kept';
  }
  await mkdir(dirname(target), { recursive: true });
  // Named by its content: of another revision nothing is gone on with.
  const part = `${target}.${identityOf(entry).slice(0, 12)}.part`;
  await fetchAgain(entry, part, download);
  if (!(await isWhole(part, entry))) {
    await rm(part, { force: true });
    throw new ApiError({
      status: 422,
      code: 'download.damaged',
      message: `${entry.path} is not what the hub says it is; it was thrown away.`,
    });
  }
  await rename(part, target);
  return 'fetched';
}

/** A line that breaks is tried again from where it broke. */
async function fetchAgain(entry: TreeEntry, part: string, download: Download): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetchRest(entry, part, download);
    } catch (error) {
      download.signal.throwIfAborted();
      const isBroken = isPassing(error) || error instanceof TypeError;
      if (!isBroken || attempt === TRIES) throw error;
      await pause(FIRST_WAIT_MS * 2 ** attempt, download.signal);
    }
  }
}

async function fetchRest(entry: TreeEntry, part: string, download: Download): Promise<void> {
  const { hub, at, revision, onProgress, signal } = download;
  let have = await sizeOf(part);
  if (have > entry.size) {
    await rm(part, { force: true });
    have = 0;
  }
  onProgress(entry, have);
  if (have === entry.size && have > 0) return;
  const range = have === 0 ? undefined : `bytes=${have}-`;
  const call = { signal, timeoutMs: OPEN_TIMEOUT_MS };
  const response = await hub.open(at, { revision, path: entry.path, range }, call);
  const file = await open(part, response.status === 206 ? 'a' : 'w');
  try {
    let done = response.status === 206 ? have : 0;
    for await (const chunk of response.body ?? []) {
      await file.writeFile(chunk);
      onProgress(entry, (done += chunk.length));
    }
  } finally {
    await file.close();
  }
}

/** What comes from a server is never a way out of the folder. */
function partsOf(path: string): readonly string[] {
  const parts = path.split('/');
  if (parts.some((name) => name === '' || name === '.' || name === '..' || name.includes('\\'))) {
    throw new ApiError({ status: 422, code: 'download.refused', message: `Not a path: ${path}` });
  }
  return parts;
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.size ?? 0;
}

const identityOf = (entry: TreeEntry): string => entry.lfs?.oid ?? entry.oid;

/** By SHA-256 where the hub has it, else by git's id of a small text. */
async function isWhole(file: string, { lfs, oid, size }: TreeEntry): Promise<boolean> {
  if ((await stat(file).catch(() => null)) === null) return false;
  const isLarge = lfs !== null && lfs !== undefined;
  const hash = createHash(isLarge ? 'sha256' : 'sha1');
  if (!isLarge) hash.update(`blob ${size}\0`);
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex') === (lfs?.oid ?? oid);
}
