/**
 * What this gateway has seen of one replica: requests on it now, its circuit breaker, and how it did in
 * the last minute beside its peers.
 */
import { Breaker, type Outcome } from './breaker.ts';
import { type Conduct, findOutliers } from './outliers.ts';

/** Long enough for samples, short enough that what was mended is forgotten. */
const WINDOW_MS = 30_000;
const EJECTED_MS_MIN = 30_000;
/** An outlier that stays one is looked at again every five minutes. */
const EJECTED_MS_MAX = 300_000;

type Window = {
  startMs: number;
  ok: number;
  failed: number;
  timed: number;
  firstByteMsSum: number;
};

export class ReplicaHealth {
  /** Requests that this gateway has on it now. */
  outstanding = 0;
  readonly #breaker = new Breaker();
  #window: Window;
  #before: Window;
  #ejections = 0;
  #ejectedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs: number) {
    this.#window = emptyWindow(nowMs);
    this.#before = emptyWindow(nowMs);
  }

  state(nowMs: number): 'closed' | 'open' | 'half_open' | 'ejected' {
    return nowMs < this.#ejectedUntilMs ? 'ejected' : this.#breaker.state(nowMs);
  }

  /** Until when others should be preferred; in the past when it is healthy. */
  restsUntilMs(nowMs: number): number {
    return Math.max(nowMs + this.#breaker.restMs(nowMs), this.#ejectedUntilMs);
  }

  /** A request goes there; the answer is handed to `end`. */
  begin(nowMs: number): boolean {
    this.outstanding += 1;
    return this.#breaker.begin(nowMs);
  }

  end(
    outcome: Outcome,
    end: Readonly<{ isProbe: boolean; nowMs: number; firstByteMs: number | null }>,
  ): void {
    this.outstanding -= 1;
    this.#breaker.end(outcome, end);
    this.#roll(end.nowMs);
    if (outcome === 'failed') this.#window.failed += 1;
    if (outcome === 'ok') {
      this.#window.ok += 1;
      this.#window.timed += end.firstByteMs === null ? 0 : 1;
      this.#window.firstByteMsSum += end.firstByteMs ?? 0;
    }
  }

  conduct(id: string, nowMs: number): Conduct {
    this.#roll(nowMs);
    const timed = this.#window.timed + this.#before.timed;
    const sumMs = this.#window.firstByteMsSum + this.#before.firstByteMsSum;
    return {
      id,
      ok: this.#window.ok + this.#before.ok,
      failed: this.#window.failed + this.#before.failed,
      firstByteMs: timed === 0 ? null : sumMs / timed,
      isEjected: nowMs < this.#ejectedUntilMs,
    };
  }

  /** Set aside, twice as long each time in a row. */
  eject(nowMs: number): void {
    const wasLongAgo = nowMs - this.#ejectedUntilMs > EJECTED_MS_MAX;
    this.#ejections = wasLongAgo ? 0 : this.#ejections + 1;
    const forMs = Math.min(EJECTED_MS_MAX, EJECTED_MS_MIN * 2 ** this.#ejections);
    this.#ejectedUntilMs = nowMs + forMs;
    // It is judged by what it does after it comes back.
    this.#window = emptyWindow(nowMs);
    this.#before = emptyWindow(nowMs);
  }

  #roll(nowMs: number): void {
    const ageMs = nowMs - this.#window.startMs;
    if (ageMs < WINDOW_MS) return;
    this.#before = ageMs < 2 * WINDOW_MS ? this.#window : emptyWindow(nowMs);
    this.#window = emptyWindow(nowMs);
  }
}

function emptyWindow(startMs: number): Window {
  return { startMs, ok: 0, failed: 0, timed: 0, firstByteMsSum: 0 };
}

/** The health of all replicas that the feed names. */
export class ReplicaHealths {
  readonly #known = new Map<string, ReplicaHealth>();

  of(id: string, nowMs: number): ReplicaHealth {
    let health = this.#known.get(id);
    if (health === undefined) {
      health = new ReplicaHealth(nowMs);
      this.#known.set(id, health);
    }
    return health;
  }

  /** Sets the outliers of a pool aside, and says which. */
  ejectOutliers(pool: readonly string[], nowMs: number): readonly string[] {
    const outliers = findOutliers(pool.map((id) => this.of(id, nowMs).conduct(id, nowMs)));
    for (const id of outliers) this.of(id, nowMs).eject(nowMs);
    return outliers;
  }

  /** Replicas that left the feed are forgotten once nothing runs on them; says which. */
  keepOnly(present: ReadonlySet<string>): string[] {
    const gone: string[] = [];
    for (const [id, { outstanding }] of this.#known) {
      if (outstanding > 0 || present.has(id)) continue;
      this.#known.delete(id);
      gone.push(id);
    }
    return gone;
  }

  countBy(nowMs: number): Readonly<Record<'closed' | 'open' | 'half_open' | 'ejected', number>> {
    const counts = { closed: 0, open: 0, half_open: 0, ejected: 0 };
    for (const health of this.#known.values()) counts[health.state(nowMs)] += 1;
    return counts;
  }
}
