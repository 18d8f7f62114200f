/** Files of this machine on their way into a repository. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, matchesGlob, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import type { Client } from '#client/client.ts';
import { type UploadFile, isLeftOut, pathOf } from '#client/hub-upload.ts';
import { UsageError } from '../usage-error.ts';

export type LocalFile = UploadFile & Readonly<{ source: string; changedMs: number }>;

export type Choice = Readonly<{ include: readonly string[]; exclude: readonly string[] }>;

/** As many as a repository holds. */
const FILES_MAX = 50_000;
/** A line on which nothing moves for so long is dead; the hub may need as long for its answer. */
const SILENCE_MAX_MS = 120_000;
/** Larger reads cost fewer calls, and the progress still moves. */
const READ_BYTES = 256 * 1024;

/** A file, or all of a folder, as they will lie under `into`. Raises what cannot be read, and a usage error for too many. */
export async function findLocalFiles(
  hub: Client['hub'],
  source: string,
  { into, ...choice }: Choice & Readonly<{ into: string }>,
): Promise<readonly LocalFile[]> {
  const found = await stat(source).catch(() => null);
  if (found === null) throw new UsageError(`There is no file or folder ${source}.`);
  if (!found.isDirectory()) {
    return [await localFile(hub, source, into === '' ? basename(source) : into)];
  }
  const files: LocalFile[] = [];
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const full = join(entry.parentPath, entry.name);
    const path = relative(source, full).split(sep).join('/');
    if (isLeftOut(path) || !isChosen(path, choice) || !(await stat(full)).isFile()) continue;
    if (files.length === FILES_MAX) {
      throw new UsageError(`There are more than ${FILES_MAX} files.`, 'Choose with --include.');
    }
    files.push(await localFile(hub, full, into === '' ? path : `${into}/${path}`));
  }
  return files;
}

/** By shell patterns; one of those to include, where any are named, and none of those to exclude. */
export function isChosen(path: string, { include, exclude }: Choice): boolean {
  const fits = (pattern: string): boolean =>
    matchesGlob(path, pattern) || (!pattern.includes('/') && matchesGlob(basename(path), pattern));
  return (include.length === 0 || include.some(fits)) && !exclude.some(fits);
}

async function localFile(hub: Client['hub'], source: string, path: string): Promise<LocalFile> {
  const { size, mtimeMs } = await stat(source);
  return {
    source,
    changedMs: mtimeMs,
    path: path.normalize('NFC'),
    sizeBytes: size,
    read: ({ start, end }) => readBytes(source, start, end),
    gitId: async () => {
      const bytes = await readBytes(source, 0, size);
      return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    },
    hash: async (onProgress, signal) => {
      const hash = createHash('sha256');
      let done = 0;
      for await (const chunk of createReadStream(source, { signal, highWaterMark: READ_BYTES })) {
        hash.update(chunk);
        onProgress((done += chunk.length));
      }
      return hash.digest('hex');
    },
    put: (href, range, onProgress, signal) =>
      putRange(hub, href, { source, ...range }, { onProgress, signal }),
  };
}

async function readBytes(source: string, start: number, end: number): Promise<Uint8Array> {
  const file = await open(source);
  try {
    const bytes = new Uint8Array(end - start);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function putRange(
  hub: Client['hub'],
  href: string,
  { source, start, end }: Readonly<{ source: string; start: number; end: number }>,
  {
    onProgress,
    signal,
  }: Readonly<{ onProgress: (doneBytes: number) => void; signal: AbortSignal }>,
): Promise<string> {
  const silence = new AbortController();
  const timer = setTimeout(
    () => silence.abort(new Error('Nothing moved on the line for two minutes.')),
    SILENCE_MAX_MS,
  );
  async function* bytes(): AsyncGenerator<Uint8Array> {
    if (start === end) return;
    let done = 0;
    const options = { start, end: end - 1, highWaterMark: READ_BYTES };
    for await (const chunk of createReadStream(source, options)) {
      yield chunk;
      timer.refresh();
      onProgress((done += chunk.length));
    }
  }
  try {
    return await hub.putSigned(pathOf(href), Readable.toWeb(Readable.from(bytes())), {
      signal: AbortSignal.any([signal, silence.signal]),
      timeoutMs: PUT_TIMEOUT_MS,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** A part over the slowest line that still moves. */
const PUT_TIMEOUT_MS = 12 * 60 * 60_000;
