/**
 * The scrub: reads what the hub keeps all the time, at a bounded rate, and at once when asked, so that a
 * flipped bit is found before a reader meets it. Promises: names the object, the chunk and the files that are
 * hit; keeps a finding until the object is sound or gone; tells of it once. It repairs nothing: the bytes are
 * somewhere else or nowhere.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { openHashes } from '#xet/hash.ts';
import { filesOfXorb } from '#xet/scrub.ts';
import { failHub } from '../errors.ts';
import { parseModelName } from '../name.ts';
import { type RepositoryId, unknownRepository } from '../repositories/repositories.ts';
import type { HubCheck, HubFault, HubIntegrity } from './api.ts';
import { type Looked, type OnRead, scrubAll, scrubRepository } from './scrub.ts';
import {
  type StoredCheck,
  type StoredFault,
  countOpenFaults,
  failSilentChecks,
  holdScrub,
  insertCheck,
  releaseScrub,
  resolveFault,
  resolveUnseen,
  saveCheck,
  saveFault,
  saveScrub,
  selectCheck,
  selectFaults,
  selectFaultsByIds,
  selectScrub,
  takeUntold,
} from './store.ts';
import { selectHits, selectRepositoryId } from './target-store.ts';

export type VerifyOptions = Readonly<{
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  log: Log;
  /** How fast the continuous run reads; a check that somebody asked for is not slowed down. */
  bytesPerSecond?: number | undefined;
  /** Tells whoever runs the cloud, in the transaction that marks the faults as told. */
  tell?: (tx: Database, found: Readonly<{ faults: number; first: string }>) => Promise<void>;
}>;

export interface Verify {
  /** What is known now, without looking again. */
  integrity(): Promise<HubIntegrity>;
  /** Reads everything, or one repository, in the background; joins one that runs. Raises `model.unknown`. */
  check(
    request: Readonly<{ repository: RepositoryId | null; startedBy: string | null }>,
  ): Promise<HubCheck>;
  /** Raises `check.unknown`. */
  checkOf(id: string): Promise<HubCheck>;
  /** One turn of the continuous run: begins, goes on or does nothing. True when a run ended. */
  runRound(signal?: AbortSignal): Promise<boolean>;
  /** Open faults by what they say, for `/metrics`. */
  figures(): Promise<ReadonlyMap<string, number>>;
  start(): Readonly<{ stop: () => Promise<void> }>;
}

/** A terabyte in half a day; one core in twenty of hashing. */
const BYTES_PER_SECOND = 25 * 1024 * 1024;
const ROUND_EVERY_MS = 30_000;
/** Disks lose bits in months; a day finds it while a copy still exists. */
const AGAIN_AFTER_MS = 24 * 60 * 60_000;
const HOLD_MS = 120_000;
const SAVE_EVERY_MS = 1_000;
const SILENT_MS = 90_000;
const SAYS = ['damaged', 'missing', 'orphaned'];
const SHOWN_MAX = 200;
const RESOLVED_SHOWN_MAX = 20;
const FILES_SHOWN_MAX = 100;
/** A store that is gone breaks every object; the first thousand say so. */
const FAULTS_OF_CHECK_MAX = 1_000;

export function createVerify(options: VerifyOptions): Verify {
  const { database, clock, log } = options;
  const holder = createId('hck', clock.nowMs());
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const show = async (id: string | null): Promise<HubCheck | null> => {
    const now = new Date(clock.nowMs());
    await failSilentChecks(database, new Date(now.getTime() - SILENT_MS), now);
    const check = await selectCheck(database, id);
    return check === null ? null : presentCheck(database, check);
  };
  const checkOf = async (id: string): Promise<HubCheck> => {
    const check = await show(id);
    if (check === null) throw failHub('check.unknown', `There is no check ${id}.`);
    return check;
  };
  return {
    integrity: () => readIntegrity(options, () => show(null)),
    check: async ({ repository, startedBy }) => {
      const repositoryId = repository === null ? null : await idOf(database, repository);
      await show(null);
      const id = createId('hck', clock.nowMs());
      const now = new Date(clock.nowMs());
      if (!(await insertCheck(database, { id, repositoryId, startedBy, now }))) {
        const other = await show(null);
        if (other !== null) return other;
      }
      running = runCheck(options, { id, repositoryId }, stopping.signal);
      return checkOf(id);
    },
    checkOf,
    runRound: (signal = stopping.signal) => runRound(options, holder, signal),
    figures: async () => {
      const open = await countOpenFaults(database);
      // Zero is said too: a gauge keeps what it was told last.
      return new Map(SAYS.map((says) => [says, open.get(says) ?? 0]));
    },
    start: () => {
      const { signal } = stopping;
      const ended = (async () => {
        while (!signal.aborted) {
          await delay(ROUND_EVERY_MS, undefined, { signal }).catch(() => {
            // Woken to stop; the loop looks why.
          });
          if (signal.aborted) break;
          await runRound(options, holder, signal).catch((error: unknown) =>
            // The database or the store is away; it is asked again in the next round.
            log.warn('hub.scrub_failed', { error }),
          );
        }
      })();
      return {
        stop: async () => {
          stopping.abort();
          await ended;
          await running;
          await releaseScrub(database, holder).catch((error: unknown) =>
            log.warn('hub.scrub_release_failed', { error }),
          );
        },
      };
    },
  };
}

/** Raises `model.unknown`. */
async function idOf(database: Database, repository: RepositoryId): Promise<string> {
  const name = { kind: repository.kind, ...parseModelName(repository.name) };
  const id = await selectRepositoryId(database, name);
  if (id === null) throw unknownRepository(repository);
  return id;
}

async function runRound(
  options: VerifyOptions,
  holder: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { database, clock } = options;
  const hold = (): Promise<boolean> => {
    const nowMs = clock.nowMs();
    const until = new Date(nowMs + HOLD_MS);
    return holdScrub(database, { holder, now: new Date(nowMs), until });
  };
  const before = await selectScrub(database);
  const isDue =
    before.beganAt !== null ||
    before.lastEndedAt === null ||
    clock.nowMs() - before.lastEndedAt.getTime() >= AGAIN_AFTER_MS;
  if (!isDue || !(await hold())) return false;
  const beganAt = before.beganAt ?? new Date(clock.nowMs());
  let { objects, bytes } = before;
  let savedMs = clock.monotonicMs();
  const pace = paceOf(options.bytesPerSecond ?? BYTES_PER_SECOND, signal);
  const beat = async (): Promise<void> => {
    if (clock.monotonicMs() - savedMs < SAVE_EVERY_MS) return;
    savedMs = clock.monotonicMs();
    if (!(await hold())) throw new Error('Another control reads the objects now.');
  };
  const onRead: OnRead = async (count) => {
    bytes += count;
    await pace(count);
    signal.throwIfAborted();
    await beat();
  };
  const parts = { ...options, hashes: await openHashes() };
  try {
    for await (const looked of scrubAll(parts, before.cursor, onRead)) {
      objects += 1;
      await keep(options, looked);
      const state = { ...before, cursor: looked.cursor, beganAt, objects, bytes, problem: null };
      await saveScrub(database, state);
      await beat();
      if (signal.aborted) return false;
    }
  } catch (error) {
    if (signal.aborted) return false;
    const problem = error instanceof Error ? error.message.slice(0, 300) : 'unknown';
    await saveScrub(database, { ...(await selectScrub(database)), problem });
    throw error;
  }
  const now = new Date(clock.nowMs());
  await resolveUnseen(database, beganAt, now);
  await saveScrub(database, {
    cursor: null,
    beganAt: null,
    objects: 0,
    bytes: 0,
    lastBeganAt: beganAt,
    lastEndedAt: now,
    lastObjects: objects,
    lastBytes: bytes,
    problem: null,
  });
  await tellUntold(options);
  return true;
}

/** Waits as long as so many bytes should have taken. */
function paceOf(bytesPerSecond: number, signal: AbortSignal): OnRead {
  let aheadMs = 0;
  return async (bytes) => {
    aheadMs += (bytes / bytesPerSecond) * 1_000;
    if (aheadMs < 50) return;
    const waitMs = aheadMs;
    aheadMs = 0;
    await delay(waitMs, undefined, { signal }).catch(() => {
      // Woken to stop; whoever reads looks why.
    });
  };
}

/** Ends in its row whatever happens. */
async function runCheck(
  options: VerifyOptions,
  check: Readonly<{ id: string; repositoryId: string | null }>,
  signal: AbortSignal,
): Promise<void> {
  const { database, clock, log } = options;
  const faultIds: string[] = [];
  let [objects, bytes, savedMs] = [0, 0, clock.monotonicMs()];
  const save = (state: StoredCheck['state'], problem: string | null = null): Promise<void> => {
    savedMs = clock.monotonicMs();
    const now = new Date(clock.nowMs());
    const endedAt = state === 'running' ? null : now;
    return saveCheck(database, {
      id: check.id,
      state,
      objects,
      bytes,
      faultIds,
      problem,
      endedAt,
      now,
    });
  };
  const onRead: OnRead = async (count) => {
    bytes += count;
    signal.throwIfAborted();
    if (clock.monotonicMs() - savedMs >= SAVE_EVERY_MS) await save('running');
  };
  try {
    const parts = { ...options, hashes: await openHashes() };
    const looks =
      check.repositoryId === null
        ? scrubAll(parts, null, onRead)
        : scrubRepository(parts, check.repositoryId, onRead);
    for await (const looked of looks) {
      objects += 1;
      const id = await keep(options, looked);
      if (id !== null && faultIds.length < FAULTS_OF_CHECK_MAX) faultIds.push(id);
    }
    await tellUntold(options);
    await save('done');
  } catch (error) {
    log.error('hub.check_failed', { checkId: check.id, error });
    const problem = error instanceof Error ? error.message.slice(0, 300) : 'unknown';
    await save('failed', problem).catch((cause: unknown) =>
      log.error('hub.check_lost', { checkId: check.id, error: cause }),
    );
  }
}

/** The fault's id; null when the object is sound. */
async function keep(
  { database, clock, log }: VerifyOptions,
  { object, fault }: Looked,
): Promise<string | null> {
  const nowMs = clock.nowMs();
  const now = new Date(nowMs);
  if (fault === null) {
    await resolveFault(database, object, now);
    return null;
  }
  const id = createId('hfl', nowMs);
  const kept = await saveFault(database, { ...fault, id, now });
  if (kept === id) log.error('hub.fault_found', { object, says: fault.says, detail: fault.detail });
  return kept;
}

async function tellUntold({ database, clock, tell }: VerifyOptions): Promise<void> {
  if (tell === undefined) return;
  await transaction(database, async (tx) => {
    const untold = await takeUntold(tx, new Date(clock.nowMs()));
    const [first] = untold;
    if (first === undefined) return;
    const says = `${first.object.kind} ${first.object.name} is ${first.says}. ${first.detail}`;
    await tell(tx, { faults: untold.length, first: says.slice(0, 500) });
  });
}

async function readIntegrity(
  { database }: VerifyOptions,
  lastCheck: () => Promise<HubCheck | null>,
): Promise<HubIntegrity> {
  const scrub = await selectScrub(database);
  const open = await selectFaults(database, { isOpen: true, limit: SHOWN_MAX });
  const resolved = await selectFaults(database, { isOpen: false, limit: RESOLVED_SHOWN_MAX });
  const isBroken = open.some(({ says }) => says !== 'orphaned');
  const calm = scrub.lastEndedAt === null ? 'waiting' : 'ok';
  return {
    state: isBroken ? 'broken' : calm,
    faults: await presentFaults(database, open),
    resolved: await presentFaults(database, resolved),
    lastRunAt: scrub.lastEndedAt?.toISOString() ?? null,
    lastObjects: scrub.lastObjects,
    lastBytes: scrub.lastBytes,
    underWay: scrub.beganAt === null ? null : scrub.objects,
    problem: scrub.problem,
    check: await lastCheck(),
  };
}

async function presentCheck(database: Database, check: StoredCheck): Promise<HubCheck> {
  const { faultIds, startedAt, endedAt, ...rest } = check;
  const found = await selectFaultsByIds(database, faultIds.slice(0, SHOWN_MAX));
  return {
    ...rest,
    holds: check.state === 'done' && found.every(({ says }) => says === 'orphaned'),
    faults: await presentFaults(database, found),
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}

async function presentFaults(
  database: Database,
  faults: readonly StoredFault[],
): Promise<HubFault[]> {
  const shown: HubFault[] = [];
  for (const { firstSeenAt, lastSeenAt, resolvedAt, ...fault } of faults) {
    shown.push({
      ...fault,
      firstSeenAt: firstSeenAt.toISOString(),
      lastSeenAt: lastSeenAt.toISOString(),
      resolvedAt: resolvedAt?.toISOString() ?? null,
      files: [...(await filesHit(database, fault))],
    });
  }
  return shown;
}

async function filesHit(
  database: Database,
  { object, chunk }: Omit<StoredFault, 'firstSeenAt' | 'lastSeenAt' | 'resolvedAt'>,
) {
  if (object.kind === 'object') return [];
  const sha256s =
    object.kind === 'blob'
      ? [object.name]
      : await filesOfXorb(database, object.name, chunk, FILES_SHOWN_MAX * 10);
  return selectHits(database, sha256s, FILES_SHOWN_MAX);
}
