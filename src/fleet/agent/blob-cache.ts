/**
 * Blobs on the node's own disk. One that already lies in the home's object store (control runs on
 * this machine) is used where it is; others are pulled from control in pieces that survive a restart,
 * and become visible only when their SHA-256 is right. Two replicas that need one blob share a pull.
 */
import { mkdir, rm, stat, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ObjectStore } from '#platform/objects.ts';
import { failFleet } from '../errors.ts';
import type { WeightsFile } from '../replica.ts';
import type { ControlClient } from './control-client.ts';

export type PullOptions = Readonly<{
  signal: AbortSignal;
  onProgress: (fraction: number) => void;
}>;

export type BlobCache = Readonly<{
  /** Path of the whole, checked file. Raises `blob.*`, `storage.full` or the network's error. */
  ensure: (file: WeightsFile, options: PullOptions) => Promise<string>;
  /**
   * Path of the first of files that belong together, the others beside it under their own names; null
   * when there are none.
   */
  ensureSet: (files: readonly WeightsFile[], options: PullOptions) => Promise<string | null>;
}>;

export type BlobCacheOptions = Readonly<{
  control: Pick<ControlClient, 'readBlob'>;
  /** Where this node keeps what it pulled; a folder. */
  cache: ObjectStore;
  /** Where control would keep the blob if it shares this home, or null. */
  sharedPath: (sha256: string) => string | null;
}>;

type Pull = { promise: Promise<string>; listeners: Set<(fraction: number) => void> };

export function createBlobCache(options: BlobCacheOptions): BlobCache {
  const { cache } = options;
  const pulls = new Map<string, Pull>();

  const pull = async (file: WeightsFile, listeners: Pull['listeners']): Promise<string> => {
    const stage = await cache.stage(file.sha256, file.sizeBytes);
    try {
      if (stage.sizeBytes > file.sizeBytes) await stage.reset();
      if (stage.sizeBytes < file.sizeBytes) {
        const signal = new AbortController().signal;
        const body = await options.control.readBlob(file.sha256, stage.sizeBytes, signal);
        await stage.append(body, {
          onProgress: (sizeBytes) => {
            for (const tell of listeners) tell(Math.min(1, sizeBytes / file.sizeBytes));
          },
        });
      }
      if (stage.sha256() !== file.sha256) {
        await stage.reset();
        throw failFleet('blob.wrong_content', `${file.path} arrived with another content.`);
      }
      await stage.commit(file.sha256);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return requirePath(cache, file.sha256);
  };

  const ensure: BlobCache['ensure'] = async (file, { signal, onProgress }) => {
    const shared = options.sharedPath(file.sha256);
    if (shared !== null && (await sizeOf(shared)) === file.sizeBytes) return shared;
    const cached = requirePath(cache, file.sha256);
    if ((await sizeOf(cached)) === file.sizeBytes) return cached;
    let running = pulls.get(file.sha256);
    if (running === undefined) {
      const listeners: Pull['listeners'] = new Set();
      running = { listeners, promise: pull(file, listeners) };
      pulls.set(file.sha256, running);
      const forget = (): void => void pulls.delete(file.sha256);
      running.promise.then(forget, forget);
    }
    running.listeners.add(onProgress);
    try {
      return await untilAborted(running.promise, signal);
    } finally {
      running.listeners.delete(onProgress);
    }
  };

  return {
    ensure,
    ensureSet: async (files, pullOptions) => {
      const paths: string[] = [];
      for (const file of files) paths.push(await ensure(file, pullOptions));
      const [first] = paths;
      if (first === undefined) return null;
      return files.length === 1 ? first : linkSet(cache, files, paths);
    },
  };
}

/** Split weights name their parts; blobs are named by content. A folder of links gives them back. */
async function linkSet(
  cache: ObjectStore,
  files: readonly WeightsFile[],
  paths: readonly string[],
): Promise<string> {
  const folder = `${requirePath(cache, files[0]?.sha256 ?? '')}.parts`;
  await mkdir(folder, { recursive: true });
  const links = files.map(({ path }) => join(folder, basename(path)));
  for (const [index, link] of links.entries()) {
    await rm(link, { force: true });
    await symlink(paths[index] ?? '', link);
  }
  return links[0] ?? folder;
}

/** A pull that is no longer waited for goes on: the next start will want the bytes. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: result, resolve, reject } = Promise.withResolvers<T>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  promise.then(resolve, reject);
  return result.finally(() => signal.removeEventListener('abort', abort));
}

function requirePath(cache: ObjectStore, sha256: string): string {
  const path = cache.localPath(sha256);
  if (path === null) throw new TypeError('the cache of a node is a folder on its machine');
  return path;
}

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  );
}
