/**
 * Takes away what nobody needs any more. A file goes a day after the hub has forgotten its bytes; a xorb goes
 * when no file is made of it and no client can still be counting on it. Rows go before objects: a crash in
 * between leaves an object that no row names, which a sweep removes, and never a row without its object.
 */
import { type Database, transaction } from '#platform/database.ts';
import type { Clock } from '#platform/clock.ts';
import type { ObjectStore } from '#platform/objects.ts';
import {
  deleteFiles,
  deleteUnusedXorbs,
  lockOldOrphans,
  markOrphans,
  selectSettledFiles,
  selectUse,
  unmarkOrphans,
} from './collect-store.ts';
import { decodeTerms } from './reconstruction.ts';
import { strangeXorbs } from './scrub.ts';
import { decodeChunks } from './xorb.ts';
import { parseXorbKey, xorbKey } from './xorbs.ts';

/** Which of these, by their SHA-256, somebody still has, in the caller's transaction. */
export type Keeps = (tx: Database, sha256s: readonly string[]) => Promise<ReadonlySet<string>>;

export type CollectDeps = Readonly<{
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  keeps: Keeps;
}>;

export type Collected = Readonly<{ files: number; xorbs: number; bytes: number }>;

const FILES_BATCH = 1_000;
/** Each is an object of up to 64 MiB to remove. */
const XORBS_BATCH = 100;
/** An object lies there before its row names it. */
const STRANGE_AGE_MS = 24 * 60 * 60_000;

/** One pass over all that is there. Whatever it fails at, the next one goes on with. */
export async function collect(deps: CollectDeps, signal?: AbortSignal): Promise<Collected> {
  await findOrphans(deps, signal);
  const files = await dropOrphans(deps, signal);
  return { files, ...(await dropXorbs(deps, signal)) };
}

async function findOrphans({ database, keeps }: CollectDeps, signal?: AbortSignal): Promise<void> {
  for (let after: string | null = null; ;) {
    signal?.throwIfAborted();
    const files = await selectSettledFiles(database, after, FILES_BATCH);
    const kept = await keeps(
      database,
      files.map(({ sha256 }) => sha256),
    );
    const gone = files.filter(({ sha256 }) => !kept.has(sha256)).map(({ hash }) => hash);
    if (gone.length > 0) await markOrphans(database, gone);
    if (files.length < FILES_BATCH) return;
    after = files.at(-1)?.hash ?? null;
  }
}

/** Somebody may have brought the same bytes again since: those files stay. */
async function dropOrphans(
  { database, keeps }: CollectDeps,
  signal?: AbortSignal,
): Promise<number> {
  for (let dropped = 0; ;) {
    signal?.throwIfAborted();
    const seen = await transaction(database, async (tx) => {
      const files = await lockOldOrphans(tx, FILES_BATCH);
      const kept = await keeps(
        tx,
        files.map(({ sha256 }) => sha256),
      );
      const hashesOf = (isKept: boolean) =>
        files.filter(({ sha256 }) => kept.has(sha256) === isKept).map(({ hash }) => hash);
      await unmarkOrphans(tx, hashesOf(true));
      await deleteFiles(tx, hashesOf(false));
      return { all: files.length, dropped: hashesOf(false).length };
    });
    dropped += seen.dropped;
    if (seen.all < FILES_BATCH) return dropped;
  }
}

async function dropXorbs(
  { database, objects }: CollectDeps,
  signal?: AbortSignal,
): Promise<Omit<Collected, 'files'>> {
  for (let xorbs = 0, bytes = 0; ;) {
    signal?.throwIfAborted();
    const gone = await deleteUnusedXorbs(database, XORBS_BATCH);
    for (const xorb of gone) await objects.remove(xorbKey(xorb));
    xorbs += gone.length;
    bytes += gone.reduce((sum, { packedBytes }) => sum + packedBytes, 0);
    if (gone.length < XORBS_BATCH) return { xorbs, bytes };
  }
}

/** Removes objects of xorbs that no row names: what a crash left. How many. */
export async function sweepXorbs(
  { database, objects, clock }: CollectDeps,
  signal?: AbortSignal,
): Promise<number> {
  let batch: string[] = [];
  let removed = 0;
  const flush = async (): Promise<void> => {
    signal?.throwIfAborted();
    const strange = await strangeXorbs(database, batch);
    for (const key of strange) await objects.remove(key);
    removed += strange.length;
    batch = [];
  };
  for await (const { key, modifiedAtMs } of objects.list('xorbs/')) {
    if (parseXorbKey(key) === null || modifiedAtMs > clock.nowMs() - STRANGE_AGE_MS) continue;
    batch.push(key);
    if (batch.length >= FILES_BATCH) await flush();
  }
  await flush();
  return removed;
}

/** In bytes as they lie in the store. */
export type XorbBytes = Readonly<{
  stored: number;
  /** In chunks that no file uses, of xorbs that some file does: they stay with the others. */
  unused: number;
  /** In xorbs that no file uses, which go once clients have forgotten them. */
  waiting: number;
}>;

const USE_BATCH = 50;

/** What the store holds and how much of it is for nothing. Reads every file's terms: for once a day. */
export async function measureXorbs(database: Database, signal?: AbortSignal): Promise<XorbBytes> {
  let [stored, unused, waiting] = [0, 0, 0];
  for (let after: string | null = null; ;) {
    signal?.throwIfAborted();
    const xorbs = await selectUse(database, after, USE_BATCH);
    for (const { hash, packedBytes, chunks, terms } of xorbs) {
      stored += packedBytes;
      if (terms.length === 0) waiting += packedBytes;
      else unused += unusedOf(hash, decodeChunks(chunks), terms);
    }
    if (xorbs.length < USE_BATCH) return { stored, unused, waiting };
    after = xorbs.at(-1)?.hash ?? null;
  }
}

function unusedOf(
  xorb: string,
  chunks: ReturnType<typeof decodeChunks>,
  files: readonly Buffer[],
): number {
  const isUsed = new Uint8Array(chunks.length);
  for (const terms of files) {
    for (const term of decodeTerms(terms)) {
      if (term.xorb === xorb) isUsed.fill(1, term.start, term.end);
    }
  }
  let [unused, start] = [0, 0];
  for (const [index, { end }] of chunks.entries()) {
    if (isUsed[index] === 0) unused += end - start;
    start = end;
  }
  return unused;
}
