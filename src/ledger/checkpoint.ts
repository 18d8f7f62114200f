/**
 * Seals the ledger day by day: after a UTC day has ended, one row holds a digest over all its entries and
 * postings, and that digest begins with the one of the day before. A row that was edited, added or taken
 * away later, with whatever rights, no longer fits its day, and this names the first that does not.
 *
 * The digest of a day is also written to the log, so that somebody who can rewrite the whole database
 * still cannot rewrite what another machine has kept.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import { type Database, isUniqueViolation, transaction } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import {
  type Checkpoint,
  type CheckpointPart,
  type EntryDigest,
  insertCheckpoint,
  selectCheckpoints,
  selectEntryDigests,
  selectFirstDay,
  selectLastCheckpoint,
  selectLastEntryId,
  selectParts,
  waitForWriters,
} from './checkpoint-store.ts';
import { type Finding, type Law, runLaw } from './law.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Entries in one read and in one part: 16 KiB of digests. */
const PAGE_ENTRIES = 1_024;

/** Of each digest that is kept by entry: enough that no other entry has the same by chance or by search. */
const KEPT_BYTES = 16;

/** Nobody posts for so long; a later run will do. */
const LOCK_TIMEOUT_MS = 5_000;

/** Below every id, also of rows that were slipped in under the first. */
const BEFORE_FIRST_ID = Number.MIN_SAFE_INTEGER;

/** What the first day stands on. */
const BEFORE_ALL = Buffer.alloc(32);

export type Checkpoints = Readonly<{
  /** Seals the days that have ended. Returns how many. */
  makeDue: () => Promise<number>;
  /** Every sealed day read again. */
  verify: () => Promise<readonly Finding[]>;
  /** The last sealed day; null before the first has ended. */
  last: () => Promise<Checkpoint | null>;
}>;

export function createCheckpoints(
  parts: Readonly<{ database: Database; clock: Clock; log: Log }>,
): Checkpoints {
  const { database, clock, log } = parts;
  return {
    makeDue: () => makeDue(database, { nowMs: clock.nowMs(), log }),
    verify: () => verifyCheckpoints(database, clock.nowMs()),
    last: () => selectLastCheckpoint(database),
  };
}

async function makeDue(
  database: Database,
  { nowMs, log }: Readonly<{ nowMs: number; log: Log }>,
): Promise<number> {
  let last = await selectLastCheckpoint(database);
  const first = last === null ? await selectFirstDay(database) : nextDay(last.day);
  if (first === null || first >= dayOf(nowMs)) return 0;
  await transaction(database, (tx) => waitForWriters(tx, LOCK_TIMEOUT_MS));
  let made = 0;
  for (let day = first; day < dayOf(nowMs); day = nextDay(day)) {
    const sealed = await seal(database, { day, before: last });
    if (sealed === null) return made;
    const { entries, sha256 } = sealed;
    log.info('ledger.checkpoint', { day, entries, sha256: sha256.toString('hex') });
    last = sealed;
    made += 1;
  }
  return made;
}

/** Null when somebody else sealed the day meanwhile. */
async function seal(
  database: Database,
  request: Readonly<{ day: string; before: Checkpoint | null }>,
): Promise<Checkpoint | null> {
  const { day, before } = request;
  const afterId = before?.lastEntryId ?? BEFORE_FIRST_ID;
  const lastId = await selectLastEntryId(database, { afterId, day });
  const previous = before?.sha256 ?? BEFORE_ALL;
  const hash = startHash(previous, day);
  const parts: CheckpointPart[] = [];
  let entries = 0;
  for await (const page of readDigests(database, { afterId, lastId })) {
    for (const { sha256 } of page) hash.update(sha256);
    entries += page.length;
    parts.push({
      entryIds: page.map(({ id }) => id),
      digests: Buffer.concat(page.map(({ sha256 }) => sha256.subarray(0, KEPT_BYTES))),
    });
  }
  const sealed = { day, lastEntryId: lastId, entries, previous, sha256: hash.digest() };
  try {
    await transaction(database, (tx) => insertCheckpoint(tx, sealed, parts));
    return sealed;
  } catch (error) {
    if (isUniqueViolation(error)) return null;
    throw error;
  }
}

/** Sealed days, one a step: each is read whole, in pages. */
export const checkpointLaw: Law = {
  name: 'checkpoints',
  says: 'Every sealed day of the ledger reads as it was sealed, and stands on the day before.',
  limit: 1,
  page: async (database, { after }) => {
    const found = await selectCheckpoints(database, {
      afterDay: after === null ? null : dayBefore(after),
      limit: 2,
    });
    const before = after === null || found[0]?.day !== after ? null : found[0];
    const checkpoint = before === null ? found[0] : found[1];
    if (checkpoint === undefined) return { examined: 0, after: null, findings: [] };
    const findings = await verifyDay(database, checkpoint, before);
    return { examined: 1, after: checkpoint.day, findings };
  },
};

/** What does not fit its day any more, the first entry of each day by its id. */
export async function verifyCheckpoints(
  database: Database,
  nowMs = 0,
): Promise<readonly Finding[]> {
  return (await runLaw(database, checkpointLaw, nowMs)).findings;
}

async function verifyDay(
  database: Database,
  checkpoint: Checkpoint,
  before: Checkpoint | null,
): Promise<readonly Finding[]> {
  const { day, previous, sha256, lastEntryId: lastId } = checkpoint;
  if (
    !previous.equals(before?.sha256 ?? BEFORE_ALL) ||
    (before !== null && nextDay(before.day) !== day)
  ) {
    return [
      {
        law: 'a day of the ledger stands on the day before',
        subject: `checkpoint ${day}`,
        detail: 'it was made on another digest than the day before it has now',
      },
    ];
  }
  const range = { afterId: before?.lastEntryId ?? BEFORE_FIRST_ID, lastId };
  const hash = startHash(previous, day);
  for await (const page of readDigests(database, range)) {
    for (const digest of page) hash.update(digest.sha256);
  }
  if (hash.digest().equals(sha256)) return [];
  return [
    {
      law: 'a day of the ledger is as it was sealed',
      subject: await firstDifference(database, day, range),
      detail: `${day} was sealed as ${sha256.toString('hex')} and reads otherwise now`,
    },
  ];
}

async function firstDifference(
  database: Database,
  day: string,
  range: Readonly<{ afterId: number; lastId: number }>,
): Promise<string> {
  const kept = new Map<number, Buffer>();
  for (const { entryIds, digests } of await selectParts(database, day)) {
    for (const [index, id] of entryIds.entries()) {
      kept.set(id, digests.subarray(index * KEPT_BYTES, (index + 1) * KEPT_BYTES));
    }
  }
  const different: number[] = [];
  for await (const page of readDigests(database, range)) {
    for (const { id, sha256 } of page) {
      const was = kept.get(id);
      kept.delete(id);
      if (was === undefined || !was.equals(sha256.subarray(0, KEPT_BYTES))) different.push(id);
    }
  }
  // What is left was there when the day was sealed and is gone.
  const first = [...different, ...kept.keys()].toSorted((a, b) => a - b)[0];
  return first === undefined ? `checkpoint ${day}` : `entry ${first}`;
}

async function* readDigests(
  database: Database,
  range: Readonly<{ afterId: number; lastId: number }>,
): AsyncGenerator<readonly EntryDigest[], void> {
  let { afterId } = range;
  for (;;) {
    const page = await selectEntryDigests(database, {
      afterId,
      lastId: range.lastId,
      limit: PAGE_ENTRIES,
    });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    afterId = last.id;
  }
}

function startHash(previous: Buffer, day: string) {
  return createHash('sha256').update(previous).update(day);
}

function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

function dayBefore(day: string): string {
  return dayOf(Date.parse(day) - DAY_MS);
}

function nextDay(day: string): string {
  return dayOf(Date.parse(day) + DAY_MS);
}
