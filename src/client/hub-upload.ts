/**
 * An upload: every file is looked at, hashed and sent, and one commit makes all of them visible. What was sent
 * stays sent: a second run after a failure or a stop goes on with the first part that is missing. Where the bytes
 * come from and how they travel is the caller's: a page has files and progress of its own, a program has paths.
 */
import { ApiError } from './api-error.ts';
import { pause } from './pause.ts';
import type { Client } from './client.ts';
import type { CommitLine, CommitMade, FileAdvice, LfsObject } from './hub-repositories.ts';
import type { RepositoryAddress } from './hub-community.ts';

export type UploadProgress = (doneBytes: number) => void;
export type ByteRange = Readonly<{ start: number; end: number }>;

export type UploadFile = Readonly<{
  /** Where it will lie. */
  path: string;
  sizeBytes: number;
  read: (range: ByteRange) => Promise<Uint8Array>;
  /** SHA-256 of the whole, in hex. */
  hash: (onProgress: UploadProgress, signal: AbortSignal) => Promise<string>;
  /** Git's id of it (SHA-1), where that is cheap to say: what lies there with it is not sent. */
  gitId?: () => Promise<string>;
  /** Sends those bytes to a signed address, and gives the answer's ETag. */
  put: (
    href: string,
    range: ByteRange,
    onProgress: UploadProgress,
    signal: AbortSignal,
  ) => Promise<string>;
}>;

/** What is known of a file already; whoever keeps it between runs sends nothing twice. */
export type Sent = {
  sha256?: string;
  /** By `start-end` of a part. */
  etags: Map<string, string>;
  isSent: boolean;
};

export type UploadAsked<File extends UploadFile> = Readonly<{
  at: RepositoryAddress;
  revision: string;
  summary: string;
  description?: string;
  isPull: boolean;
  files: readonly File[];
}>;

export type UploadStep = Readonly<{
  state: 'hashing' | 'sending' | 'sent' | 'same';
  doneBytes: number;
}>;

export type UploadRun<File extends UploadFile> = Readonly<{
  hub: Client['hub'];
  /** What is known of a file, once it is hashed where that tells it from others. */
  recall: (file: File, sha256: string | null) => Promise<Sent> | Sent;
  /** Something of it was sent. */
  remember?: (file: File, sent: Sent) => Promise<void>;
  tell: (file: File, step: UploadStep) => void;
  /** It did not go, or was stopped; what ends the whole is thrown besides. */
  fail?: (file: File, error: unknown) => void;
  signal: AbortSignal;
}>;

const SAMPLE_BYTES = 512;
/** What the hub takes in one question. */
const ASKED_AT_ONCE = 200;
const FILES_AT_ONCE = 3;
/** Small texts come along in the commit, up to this much in all; further ones go as large files do. */
const INLINE_BYTES_MAX = 16 * 1024 * 1024;

/** Null when everything lies there already. Raises what the hub refuses. */
export async function runUpload<File extends UploadFile>(
  asked: UploadAsked<File>,
  run: UploadRun<File>,
): Promise<CommitMade | null> {
  const advice = await adviseAll(asked, run);
  const inline = { bytesLeft: INLINE_BYTES_MAX };
  const lines: CommitLine[] = [];
  const queue = [...asked.files];
  const work = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      try {
        run.signal.throwIfAborted();
        const line = await sendFile(asked.at, file, run, { advice: advice.get(file.path), inline });
        if (line !== null) lines.push(line);
        run.tell(file, { state: line === null ? 'same' : 'sent', doneBytes: file.sizeBytes });
      } catch (error) {
        run.fail?.(file, error);
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
  if (lines.length === 0) return null;
  const { files: _, at, ...commit } = asked;
  return run.hub.commit(at, { ...commit, lines }, { signal: run.signal });
}

async function adviseAll<File extends UploadFile>(
  { at, revision, isPull, files }: UploadAsked<File>,
  { hub, signal }: UploadRun<File>,
): Promise<ReadonlyMap<string, FileAdvice>> {
  const advice = new Map<string, FileAdvice>();
  for (let from = 0; from < files.length; from += ASKED_AT_ONCE) {
    const questions = await Promise.all(
      files.slice(from, from + ASKED_AT_ONCE).map(async ({ path, sizeBytes, read }) => {
        const sample = await read({ start: 0, end: Math.min(SAMPLE_BYTES, sizeBytes) });
        return { path, size: sizeBytes, sample: base64(sample) };
      }),
    );
    const answers = await hub.preupload(at, revision, questions, { signal, isPull });
    for (const one of answers) advice.set(one.path, one);
  }
  return advice;
}

type Sending = Readonly<{ advice: FileAdvice | undefined; inline: { bytesLeft: number } }>;

/** Null where the same bytes lie there already. */
async function sendFile<File extends UploadFile>(
  at: RepositoryAddress,
  file: File,
  run: UploadRun<File>,
  { advice, inline }: Sending,
): Promise<CommitLine | null> {
  const { path, sizeBytes } = file;
  if (advice?.uploadMode === 'regular' && sizeBytes <= inline.bytesLeft) {
    if (advice.oid !== undefined && (await file.gitId?.()) === advice.oid) return null;
    inline.bytesLeft -= sizeBytes;
    return inlineLine(path, await file.read({ start: 0, end: sizeBytes }));
  }
  const before = await run.recall(file, null);
  if (before.sha256 === undefined) {
    run.tell(file, { state: 'hashing', doneBytes: 0 });
    const onProgress = (doneBytes: number): void => run.tell(file, { state: 'hashing', doneBytes });
    before.sha256 = await file.hash(onProgress, run.signal);
  }
  const oid = before.sha256;
  if (advice?.oid === oid) return null;
  run.tell(file, { state: 'sending', doneBytes: 0 });
  const sent = await run.recall(file, oid);
  if (!sent.isSent) {
    const [object] = await run.hub.announce(at, [{ oid, size: sizeBytes }], run);
    if (object?.actions !== undefined) await sendBytes(file, object, sent, run);
    sent.isSent = true;
    await run.remember?.(file, sent);
  }
  return { key: 'lfsFile', value: { path, algo: 'sha256', oid, size: sizeBytes } };
}

async function sendBytes<File extends UploadFile>(
  file: File,
  { oid, actions }: LfsObject,
  sent: Sent,
  run: UploadRun<File>,
): Promise<void> {
  if (actions === undefined) return;
  const { upload, verify } = actions;
  const { sizeBytes } = file;
  const parts = partsOf(upload.header, sizeBytes);
  const tell = (doneBytes: number): void => run.tell(file, { state: 'sending', doneBytes });
  if (parts === null) {
    await putAgain(file, { href: upload.href, start: 0, end: sizeBytes }, tell, run.signal);
  } else {
    const isGoingOn = sent.etags.size > 0;
    await sendParts(file, parts, sent, run);
    const etags = parts.map((part) => ({
      partNumber: part.number,
      etag: (sent.etags.get(keyOf(part)) ?? '').replaceAll('"', ''),
    }));
    try {
      await post(run, upload.href, { oid, parts: etags });
    } catch (error) {
      // What was sent long ago may be gone: then it is sent again, once.
      const isGone = error instanceof ApiError && error.status >= 400 && error.status < 500;
      if (!isGone || !isGoingOn) throw error;
      sent.etags.clear();
      return sendBytes(file, { oid, size: sizeBytes, actions }, sent, run);
    }
  }
  await post(run, verify.href, { oid, size: sizeBytes });
}

async function sendParts<File extends UploadFile>(
  file: File,
  parts: readonly Part[],
  sent: Sent,
  run: UploadRun<File>,
): Promise<void> {
  let doneBytes = 0;
  for (const part of parts) {
    const { start, end, number } = part;
    const before = doneBytes;
    const tell = (bytes: number): void =>
      run.tell(file, { state: 'sending', doneBytes: before + bytes });
    const known = sent.etags.get(keyOf(part));
    const etag = known ?? (await putAgain(file, part, tell, run.signal));
    if (etag === '') throw new Error(`Part ${number} was not acknowledged.`);
    if (known === undefined) {
      sent.etags.set(keyOf(part), etag);
      await run.remember?.(file, sent);
    }
    doneBytes += end - start;
    tell(end - start);
    run.signal.throwIfAborted();
  }
}

const TRIES = 4;
const FIRST_WAIT_MS = 500;

/** A line that breaks is tried again; what the hub refuses is not. */
async function putAgain(
  file: UploadFile,
  { href, start, end }: ByteRange & Readonly<{ href: string }>,
  onProgress: UploadProgress,
  signal: AbortSignal,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await file.put(href, { start, end }, onProgress, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error) || attempt === TRIES) throw error;
      await pause(FIRST_WAIT_MS * 2 ** attempt, signal);
    }
  }
}

/** Nobody answered, or somebody between. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 502);
}

const keyOf = ({ start, end }: ByteRange): string => `${start}-${end}`;

/** Signed addresses name the host as the hub knows it; the one we speak with is the one that surely works. */
export function pathOf(href: string): string {
  const { pathname, search } = new URL(href, 'http://hub');
  return pathname + search;
}

function post(
  { hub, signal }: Readonly<{ hub: Client['hub']; signal: AbortSignal }>,
  href: string,
  body: unknown,
): Promise<void> {
  return hub.postSigned(pathOf(href), body, { signal });
}

export type Part = ByteRange & Readonly<{ number: number; href: string }>;

/** What the hub's answer says of a file in parts; null for one that goes in one piece. Their format: huggingface_hub, lfs.py. */
export function partsOf(
  header: Readonly<Record<string, string>> | undefined,
  sizeBytes: number,
): readonly Part[] | null {
  const partBytes = Number(header?.['chunk_size']);
  if (header === undefined || !Number.isSafeInteger(partBytes) || partBytes <= 0) return null;
  return Object.entries(header)
    .filter(([key]) => /^\d+$/.test(key))
    .map(([key, href]) => {
      const number = Number(key);
      const start = (number - 1) * partBytes;
      return { number, start, end: Math.min(start + partBytes, sizeBytes), href };
    })
    .toSorted((left, right) => left.number - right.number);
}

/** What other programs leave in folders, and no repository wants. */
const LEFT_OUT = /(?:^|\/)(?:\.git|\.DS_Store|Thumbs\.db|__pycache__|\.cache\/huggingface)(?:\/|$)/;

export function isLeftOut(path: string): boolean {
  return LEFT_OUT.test(path);
}

export function inlineLine(path: string, bytes: Uint8Array): CommitLine {
  return { key: 'file', value: { path, content: base64(bytes), encoding: 'base64' } };
}

/** In pieces: a call takes no million of arguments. */
const PIECE = 0x8000;

export function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  }
  return btoa(pieces.join(''));
}
