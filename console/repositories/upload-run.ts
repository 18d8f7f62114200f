/**
 * An upload: every file is looked at, hashed and sent, and one commit makes all of them visible. What was sent
 * stays sent: a second run after a failure or a stop goes on with the first part that is missing.
 */
import type { CommitLine, FileAdvice, LfsObject } from '#client/hub-repositories.ts';
import { cloud } from '../cloud.ts';
import type { RepositoryAddress } from './address.ts';
import { base64, inlineLine } from './commit.ts';
import { type Progress, hashFile, putBytes } from './upload-bytes.ts';
import { type UploadItem, partsOf } from './upload-plan.ts';

export type UploadAsked = Readonly<{
  at: RepositoryAddress;
  revision: string;
  summary: string;
  isPull: boolean;
  items: readonly UploadItem[];
}>;

/** What is known of a file already; kept between runs. */
export type Sent = { sha256?: string; etags: Map<string, string>; isSent: boolean };
export type Memory = Map<File, Sent>;

type Tell = (path: string, part: Partial<UploadItem>) => void;

const SAMPLE_BYTES = 512;
/** What the hub takes in one question. */
const ASKED_AT_ONCE = 200;
const FILES_AT_ONCE = 3;
/** Small texts come along in the commit, up to this much in all; further ones go as large files do. */
const INLINE_BYTES_MAX = 16 * 1024 * 1024;

/** Gives the address of the pull request, where one was asked for; null when there is nothing to commit. */
export async function runUpload(
  asked: UploadAsked,
  memory: Memory,
  tell: Tell,
  signal: AbortSignal,
): Promise<Readonly<{ pullRequestUrl?: string }> | null> {
  const advice = await adviseAll(asked, signal);
  const inline = { bytesLeft: INLINE_BYTES_MAX };
  const lines: CommitLine[] = [];
  const queue = [...asked.items];
  const work = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      const { path } = item;
      try {
        const line = await sendItem(asked, item, {
          advice: advice.get(path),
          inline,
          memory,
          tell,
          signal,
        });
        if (line !== null) lines.push(line);
        tell(path, { state: line === null ? 'same' : 'sent', doneBytes: item.file.size });
      } catch (error) {
        tell(
          path,
          signal.aborted ? { state: 'waiting', doneBytes: 0 } : { state: 'failed', error },
        );
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
  if (lines.length === 0) return null;
  const { at, revision, summary, isPull } = asked;
  return cloud.hub.commit(at, { revision, summary, isPull, lines }, { signal });
}

async function adviseAll(
  { at, revision, isPull, items }: UploadAsked,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FileAdvice>> {
  const advice = new Map<string, FileAdvice>();
  for (let from = 0; from < items.length; from += ASKED_AT_ONCE) {
    const files = await Promise.all(
      items.slice(from, from + ASKED_AT_ONCE).map(async ({ path, file }) => ({
        path,
        size: file.size,
        sample: base64(new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer())),
      })),
    );
    const answers = await cloud.hub.preupload(at, revision, files, { signal, isPull });
    for (const one of answers) advice.set(one.path, one);
  }
  return advice;
}

type Sending = Readonly<{
  advice: FileAdvice | undefined;
  inline: { bytesLeft: number };
  memory: Memory;
  tell: Tell;
  signal: AbortSignal;
}>;

/** Null where the same bytes lie there already. */
async function sendItem(
  { at }: UploadAsked,
  { path, file }: UploadItem,
  sending: Sending,
): Promise<CommitLine | null> {
  const { advice, inline, memory, tell, signal } = sending;
  if (advice?.uploadMode === 'regular' && file.size <= inline.bytesLeft) {
    inline.bytesLeft -= file.size;
    return inlineLine(path, new Uint8Array(await file.arrayBuffer()));
  }
  const known = memory.get(file) ?? { etags: new Map<string, string>(), isSent: false };
  memory.set(file, known);
  if (known.sha256 === undefined) {
    tell(path, { state: 'hashing', doneBytes: 0, error: null });
    known.sha256 = await hashFile(file, (doneBytes) => tell(path, { doneBytes }), signal);
  }
  const oid = known.sha256;
  if (advice?.oid === oid) return null;
  tell(path, { state: 'sending', doneBytes: 0, error: null });
  if (!known.isSent) {
    const [object] = await cloud.hub.announce(at, [{ oid, size: file.size }], { signal });
    const onProgress: Progress = (doneBytes) => tell(path, { doneBytes });
    if (object?.actions !== undefined) await sendBytes(file, object, known, onProgress, signal);
    known.isSent = true;
  }
  return { key: 'lfsFile', value: { path, algo: 'sha256', oid, size: file.size } };
}

async function sendBytes(
  file: File,
  { oid, actions }: LfsObject,
  known: Sent,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (actions === undefined) return;
  const { upload, verify } = actions;
  const parts = partsOf(upload.header, file.size);
  if (parts === null) {
    await putBytes(upload.href, file, onProgress, signal);
  } else {
    let doneBytes = 0;
    for (const { number, start, end, href } of parts) {
      const key = `${start}-${end}`;
      const sent = (bytes: number): void => onProgress(doneBytes + bytes);
      const etag =
        known.etags.get(key) ?? (await putBytes(href, file.slice(start, end), sent, signal));
      known.etags.set(key, etag);
      doneBytes += end - start;
      onProgress(doneBytes);
      signal.throwIfAborted();
      if (etag === '') throw new Error(`Part ${number} was not acknowledged.`);
    }
    await post(
      upload.href,
      {
        oid,
        parts: parts.map(({ number, start, end }) => ({
          partNumber: number,
          etag: (known.etags.get(`${start}-${end}`) ?? '').replaceAll('"', ''),
        })),
      },
      signal,
    );
  }
  await post(verify.href, { oid, size: file.size }, signal);
}

function post(href: string, body: unknown, signal: AbortSignal): Promise<unknown> {
  const { pathname } = new URL(href, window.location.href);
  return cloud.hub.postSigned(pathname, body, { signal });
}
