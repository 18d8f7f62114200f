/**
 * A gateway's usage journal: append-only segments on its own disk, the one thing a gateway must not lose.
 * `append` costs a few microseconds and never waits; a group commit makes everything durable a few
 * milliseconds later. On open, a torn tail is cut off and requests that were admitted and never settled
 * are settled as abandoned at their last progress. Segments go when control has them and nobody in them
 * is still being served.
 *
 * When the disk is full or broken `isWritable` is false with a reason; the gateway admits nobody and the
 * ends of those already admitted wait in bounded memory until the disk takes them.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#platform/clock.ts';
import { codeOf } from '#platform/error.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import { fail } from './errors.ts';
import { FRAME_BYTES_MAX, encodeFrame, scanFrames } from './frame.ts';
import { GroupCommit, type Health } from './group-commit.ts';
import { parseRecord } from './record.ts';
import { createOpenRequests, recordKey } from './recovery.ts';
import { SegmentWriter } from './segment-writer.ts';
import {
  MARK_BYTES,
  type Position,
  listSegments,
  readPiece,
  readSegment,
  segmentPath,
} from './segment.ts';
import type { JournalRecord, SettledRecord } from './usage-event.ts';

/** Small enough to read whole on recovery, large enough that a busy gateway makes a few a minute. */
const SEGMENT_BYTES = 16 * 1024 * 1024;

/** Of a random id: a gateway starts some hundred times, and two alike would look like one. */
const RUN_LENGTH = 13;

/** How long a stopping gateway insists on a disk that refuses. */
const STOP_GRACE_MS = 5000;

export type JournalOptions = Readonly<{
  folder: string;
  /** Defaults to an id of its own, made once and kept in the folder. */
  gatewayId?: string;
  clock: Clock;
  log: Log;
  segmentBytes?: number;
}>;

export type Piece = Readonly<{
  /** Payloads of the settled records inside, as JSON bytes. */
  settled: readonly Buffer[];
  from: Position;
  to: Position;
}>;

export type Journal = Readonly<{
  gatewayId: string;
  /**
   * Takes a record; durable within milliseconds. `admitted` raises `journal.unwritable` while the disk
   * refuses; `progress` is then dropped; `settled` is kept, and raises `journal.full` only at the bound.
   */
  append: (record: JournalRecord) => void;
  /** Resolves once everything appended so far is durable. */
  flush: () => Promise<void>;
  isWritable: () => boolean;
  health: () => Health;
  /** Bytes that control has not acknowledged. */
  unshippedBytes: () => number;
  /** Where shipping starts: the first byte that is not acknowledged. */
  start: () => Position;
  /**
   * The next piece of durable journal after a position, or null when there is none yet. `bytesMax` is
   * at least two frames.
   */
  read: (after: Position, bytesMax: number) => Promise<Piece | null>;
  /** Everything before the position is control's now; whole segments that nobody needs are deleted. */
  acknowledge: (position: Position) => Promise<void>;
  /** Called whenever more became durable. */
  onDurable: (listener: () => void) => void;
  stop: () => Promise<void>;
}>;

type Segment = {
  readonly number: number;
  durableEnd: number;
  acknowledged: number;
  /** True when bytes in it belong to no record; it is then set aside instead of deleted. */
  isDamaged: boolean;
};

/** Opens the folder, recovers what an earlier process left, and starts a segment of its own. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { folder, clock, log } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const gatewayId = options.gatewayId ?? (await ownGatewayId(folder));
  const requests = createOpenRequests();
  const segments = await recoverSegments({ folder, log, take: requests.take });
  const journal = new OpenJournal({ ...options, gatewayId, segments });
  const abandoned = requests.abandon(clock.nowMs());
  journal.abandon(abandoned);
  if (abandoned.length > 0) log.warn('journal.abandoned_settled', { requests: abandoned.length });
  return {
    gatewayId,
    append: (record) => journal.append(record),
    flush: () => journal.commit.flush(),
    isWritable: () => journal.commit.health().isWritable,
    health: () => journal.commit.health(),
    unshippedBytes: () => journal.unshippedBytes(),
    start: () => journal.start(),
    read: (after, bytesMax) => journal.read(after, bytesMax),
    acknowledge: (position) => journal.acknowledge(position),
    onDurable: (listener) => journal.listeners.push(listener),
    stop: () => journal.stop(),
  };
}

class OpenJournal {
  readonly commit: GroupCommit;
  readonly listeners: (() => void)[] = [];
  readonly #folder: string;
  readonly #log: Log;
  readonly #writer: SegmentWriter;
  /** This start of the gateway; its settled records are counted from one. */
  readonly #run = randomUUID().slice(0, RUN_LENGTH);
  #settled = 0;
  /** Oldest first. */
  readonly #segments: Segment[];
  /** Requests whose end is not durable yet, by key, with the segment their admission may lie in. */
  readonly #open = new Map<string, number>();
  /** Ends that are in memory, with the frame that must be on disk first; in that order. */
  readonly #ending: { key: string; frame: number }[] = [];

  constructor(options: JournalOptions & { segments: Segment[] }) {
    this.#folder = options.folder;
    this.#log = options.log;
    this.#segments = options.segments;
    this.#writer = new SegmentWriter({
      folder: options.folder,
      firstNumber: (options.segments.at(-1)?.number ?? 0) + 1,
      segmentBytes: options.segmentBytes ?? SEGMENT_BYTES,
    });
    this.commit = new GroupCommit({
      write: (batch) => this.#writer.write(batch),
      onDurable: (position) => this.#durable(position),
      log: options.log,
    });
  }

  append(record: JournalRecord): void {
    const { isWritable, reason } = this.commit.health();
    if (!isWritable && record.kind === 'progress') return;
    if (!isWritable && record.kind === 'admitted') {
      throw fail(
        'journal.unwritable',
        `No request is admitted: ${reason ?? 'the journal is closed'}.`,
      );
    }
    this.commit.append(encodeFrame(record.kind === 'settled' ? this.#numbered(record) : record));
    const key = recordKey(record);
    if (record.kind === 'admitted') this.#open.set(key, this.#writer.segment);
    else if (record.kind === 'settled') this.#ending.push({ key, frame: this.commit.appended });
  }

  /** A number of its own, in the order of the file, so that control sees if one never comes. */
  #numbered(record: SettledRecord): SettledRecord {
    this.#settled += 1;
    return { ...record, journal: { run: this.#run, sequence: this.#settled } };
  }

  /** Settles what an earlier process left open, and keeps its segments until that is on disk. */
  abandon(records: readonly SettledRecord[]): void {
    for (const record of records) {
      this.#open.set(recordKey(record), 0);
      this.append(record);
    }
  }

  unshippedBytes(): number {
    let bytes = this.commit.pendingBytes;
    for (const segment of this.#segments) bytes += segment.durableEnd - segment.acknowledged;
    return bytes;
  }

  start(): Position {
    const segment = this.#segments[0];
    return segment === undefined
      ? { segment: this.#writer.segment, offset: MARK_BYTES }
      : { segment: segment.number, offset: segment.acknowledged };
  }

  async read(after: Position, bytesMax: number): Promise<Piece | null> {
    const segment = this.#segments.find(
      ({ number, durableEnd }) =>
        number > after.segment || (number === after.segment && durableEnd > after.offset),
    );
    if (segment === undefined) return null;
    const { number, durableEnd } = segment;
    const from = number === after.segment ? after : { segment: number, offset: MARK_BYTES };
    const size = Math.min(bytesMax, durableEnd - from.offset);
    const bytes = await readPiece(this.#folder, from, size).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    });
    if (bytes === null) {
      // Someone deleted the file: the rest of the journal must not wait for it.
      const offset = this.#damaged(segment, from.offset, durableEnd);
      return { settled: [], from, to: { segment: number, offset } };
    }
    const reachesEnd = from.offset + bytes.length >= durableEnd;
    const scan = scanFrames(bytes, reachesEnd);
    for (const gap of scan.gaps)
      this.#damaged(segment, from.offset + gap.from, from.offset + gap.to);
    let end = from.offset + scan.end;
    if (reachesEnd && end < durableEnd) end = this.#damaged(segment, end, durableEnd);
    // A whole piece without a good frame: step over it, short of where one may begin near its end.
    const stuck = from.offset + bytes.length - FRAME_BYTES_MAX;
    if (end === from.offset && stuck > end) end = this.#damaged(segment, end, stuck);
    const settled = scan.frames.flatMap(({ kind, payload }) =>
      kind === 'settled' ? [payload] : [],
    );
    return { settled, from, to: { segment: number, offset: end } };
  }

  async acknowledge(position: Position): Promise<void> {
    for (const segment of this.#segments) {
      if (segment.number < position.segment) segment.acknowledged = segment.durableEnd;
      else if (segment.number === position.segment) {
        segment.acknowledged = Math.max(segment.acknowledged, position.offset);
      }
    }
    await this.#deleteNeedless();
  }

  async stop(): Promise<void> {
    const lost = await this.commit.stop(STOP_GRACE_MS);
    if (lost > 0) this.#log.error('journal.lost', { records: lost, health: this.commit.health() });
    await this.#writer.stop();
    // With no segment open any more, a gateway that shipped everything leaves nothing to ship again.
    await this.#deleteNeedless();
  }

  #durable(position: Position): void {
    const last = this.#segments.at(-1);
    if (last?.number === position.segment) last.durableEnd = position.offset;
    else {
      this.#segments.push({
        number: position.segment,
        durableEnd: position.offset,
        acknowledged: MARK_BYTES,
        isDamaged: false,
      });
    }
    this.#forgetEnded();
    for (const listener of this.listeners) listener();
  }

  #forgetEnded(): void {
    let ended = 0;
    for (const { key, frame } of this.#ending) {
      if (frame > this.commit.durable) break;
      this.#open.delete(key);
      ended += 1;
    }
    if (ended > 0) this.#ending.splice(0, ended);
  }

  /** Reports bytes that belong to no record, and where reading goes on. */
  #damaged(segment: Segment, from: number, to: number): number {
    segment.isDamaged = true;
    this.#log.error('journal.damaged', { segment: segment.number, from, to });
    return to;
  }

  /** Oldest first, and never past a segment that a request being served was admitted in. */
  async #deleteNeedless(): Promise<void> {
    let needed = this.#writer.segment;
    for (const segment of this.#open.values()) needed = Math.min(needed, segment);
    for (;;) {
      const oldest = this.#segments[0];
      if (oldest === undefined || oldest.number >= needed) return;
      if (oldest.acknowledged < oldest.durableEnd) return;
      this.#segments.shift();
      const path = segmentPath(this.#folder, oldest.number);
      if (oldest.isDamaged) await rename(path, `${path}.damaged`).catch(ignoreMissing);
      else await rm(path, { force: true });
    }
  }
}

/** Reads every segment into `take`, cuts a torn tail off the last one, and removes empty ones. */
async function recoverSegments(
  request: Readonly<{ folder: string; log: Log; take: (record: JournalRecord) => void }>,
): Promise<Segment[]> {
  const { folder, log, take } = request;
  const numbers = await listSegments(folder);
  const segments: Segment[] = [];
  for (const number of numbers) {
    const bytes = await readSegment(folder, number);
    if (bytes === null || bytes.length === 0) {
      await rm(segmentPath(folder, number));
      continue;
    }
    const scan = scanFrames(bytes, true);
    for (const { payload } of scan.frames) {
      const record = parseRecord(payload);
      if (record !== null) take(record);
    }
    let durableEnd = MARK_BYTES + bytes.length;
    if (scan.end < bytes.length && number === numbers.at(-1)) {
      durableEnd = MARK_BYTES + scan.end;
      log.warn('journal.torn_tail', { segment: number, bytes: bytes.length - scan.end });
      await truncate(segmentPath(folder, number), durableEnd);
    }
    segments.push({ number, durableEnd, acknowledged: MARK_BYTES, isDamaged: false });
  }
  return segments;
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

async function ownGatewayId(folder: string): Promise<string> {
  const path = join(folder, 'gateway-id');
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    const made = createId('gtw');
    await writeFile(path, made, { mode: 0o600 });
    return made;
  }
}
