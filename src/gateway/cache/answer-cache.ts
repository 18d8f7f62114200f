/**
 * Answers in memory, by project and request. Bounded three times over: each answer, each project, and all
 * of them together; the one that was not used for longest goes first. A project that turns its cache off,
 * or empties it, is forgotten with the next feed.
 */
import type { Clock } from '#platform/clock.ts';
import type { KeyIdentity } from '../control-client.ts';
import type { Feed } from '../feed.ts';
import type { FeedState } from '../feed-state.ts';
import type { CacheSettings } from './cache-settings.ts';

export type CachedAnswer = Readonly<{
  isStream: boolean;
  bytes: Buffer;
  /** The request that it was made for. */
  requestId: string;
  storedAtMs: number;
}>;

type Shelf = { readonly answers: Map<string, CachedAnswer>; bytes: number; generation: number };

export type CacheCounts = Readonly<{
  hits: number;
  misses: number;
  stored: number;
  evicted: number;
}>;

/** About a thousandth of a usual machine; all projects of a gateway share it. */
const BYTES_MAX = 128 * 1024 * 1024;
/** What an entry takes beside its bytes: its name, its place in two maps. */
const ENTRY_OVERHEAD_BYTES = 300;

export class AnswerCache {
  readonly #clock: Clock;
  readonly #bytesMax: number;
  readonly #settings = new Map<string, CacheSettings>();
  readonly #shelves = new Map<string, Shelf>();
  #counts = { hits: 0, misses: 0, stored: 0, evicted: 0 };
  #bytes = 0;

  constructor(deps: Readonly<{ feed: FeedState; clock: Clock; bytesMax?: number }>) {
    this.#clock = deps.clock;
    this.#bytesMax = deps.bytesMax ?? BYTES_MAX;
    deps.feed.subscribe(({ feed }) => this.#follow(feed));
    this.#follow(deps.feed.feed());
  }

  get counts(): CacheCounts {
    return this.#counts;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get entries(): number {
    let entries = 0;
    for (const { answers } of this.#shelves.values()) entries += answers.size;
    return entries;
  }

  /** Null where the project has not turned it on. */
  settingsOf(key: Pick<KeyIdentity, 'tenantId' | 'projectId'>): CacheSettings | null {
    const settings = this.#settings.get(key.projectId);
    return settings !== undefined && settings.tenantId === key.tenantId ? settings : null;
  }

  find(settings: CacheSettings, hash: string, maxAgeMs: number): CachedAnswer | null {
    const shelf = this.#shelves.get(settings.projectId);
    const answer = shelf?.answers.get(hash);
    const ageMs = answer === undefined ? Infinity : this.#clock.nowMs() - answer.storedAtMs;
    if (shelf === undefined || answer === undefined || ageMs > maxAgeMs) {
      if (shelf !== undefined && ageMs > settings.ttlMs) this.#drop(shelf, hash);
      this.#counts.misses += 1;
      return null;
    }
    // To the end: the first is then always the one that was not used for longest.
    shelf.answers.delete(hash);
    shelf.answers.set(hash, answer);
    this.#counts.hits += 1;
    return answer;
  }

  keep(settings: CacheSettings, hash: string, answer: Omit<CachedAnswer, 'storedAtMs'>): void {
    // The project may have changed its mind while the answer was made.
    if (this.#settings.get(settings.projectId)?.generation !== settings.generation) return;
    const shelf = this.#shelfOf(settings);
    // Also where the new one is too long: the old one is no longer the answer.
    this.#drop(shelf, hash);
    const size = sizeOf(answer);
    if (answer.bytes.length > settings.entryBytesMax) return;
    if (size > settings.bytesMax || size > this.#bytesMax) return;
    while (shelf.answers.size >= settings.entriesMax || shelf.bytes + size > settings.bytesMax) {
      this.#evictOldest(shelf);
    }
    while (this.#bytes + size > this.#bytesMax) this.#evictOldest(this.#largest());
    shelf.answers.set(hash, { ...answer, storedAtMs: this.#clock.nowMs() });
    shelf.bytes += size;
    this.#bytes += size;
    this.#counts.stored += 1;
  }

  #follow(feed: Feed): void {
    this.#settings.clear();
    for (const settings of feed.caches ?? []) this.#settings.set(settings.projectId, settings);
    for (const [projectId, shelf] of this.#shelves) {
      if (this.#settings.get(projectId)?.generation === shelf.generation) continue;
      this.#bytes -= shelf.bytes;
      this.#shelves.delete(projectId);
    }
  }

  #shelfOf({ projectId, generation }: CacheSettings): Shelf {
    let shelf = this.#shelves.get(projectId);
    if (shelf === undefined) {
      shelf = { answers: new Map(), bytes: 0, generation };
      this.#shelves.set(projectId, shelf);
    }
    return shelf;
  }

  /** Whoever takes most gives first, so that one project never empties the shelves of all others. */
  #largest(): Shelf {
    let largest: Shelf | null = null;
    for (const shelf of this.#shelves.values()) {
      if (largest === null || shelf.bytes > largest.bytes) largest = shelf;
    }
    if (largest === null || largest.answers.size === 0) throw new Error('bytes without answers');
    return largest;
  }

  #evictOldest(shelf: Shelf): void {
    const [oldest] = shelf.answers.keys();
    if (oldest === undefined) throw new Error('bytes without answers');
    this.#drop(shelf, oldest);
    this.#counts.evicted += 1;
  }

  #drop(shelf: Shelf, hash: string): void {
    const answer = shelf.answers.get(hash);
    if (answer === undefined) return;
    shelf.answers.delete(hash);
    shelf.bytes -= sizeOf(answer);
    this.#bytes -= sizeOf(answer);
  }
}

function sizeOf({ bytes }: Pick<CachedAnswer, 'bytes'>): number {
  return bytes.length + ENTRY_OVERHEAD_BYTES;
}
