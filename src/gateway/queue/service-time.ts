/**
 * How long a request keeps its slot, measured, and what follows for those who wait: with N slots that
 * are each held for S, one comes free every S / N, so who is in place p waits about p × S / N.
 */

/** The last twenty or so requests decide: a change of load is seen within seconds. */
const WEIGHT = 0.1;

export class ServiceTime {
  #meanMs: number | null = null;

  /** Null before the first request has ended. */
  get meanMs(): number | null {
    return this.#meanMs;
  }

  record(heldMs: number): void {
    this.#meanMs = this.#meanMs === null ? heldMs : this.#meanMs + WEIGHT * (heldMs - this.#meanMs);
  }

  /** Null where nothing was measured yet, or nothing serves. */
  expectedWaitMs(position: number, slots: number): number | null {
    if (this.#meanMs === null || slots <= 0) return null;
    return (position * this.#meanMs) / slots;
  }
}
