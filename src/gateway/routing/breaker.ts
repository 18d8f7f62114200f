/**
 * The circuit breaker of one replica. Closed: it serves. Open: it failed several times in a row and is
 * left alone, twice as long each time. Half open: one request at a time may try it; if that succeeds
 * it is closed again. What is the caller's own mistake (4xx) or a replica that is merely busy (429) says
 * nothing about its health and changes nothing.
 */

/** A single failure happens to everyone and is retried; three in a row are no accident. */
export const FAILURES_TO_OPEN = 3;
const OPEN_MS_MIN = 500;
/** A replica that comes back is found again within this. */
const OPEN_MS_MAX = 30_000;

/** `neutral`: it ended without saying whether the replica is well. */
export type Outcome = 'ok' | 'failed' | 'neutral';

export class Breaker {
  #failures = 0;
  #opens = 0;
  #openUntilMs: number | null = null;
  #hasProbe = false;

  state(nowMs: number): 'closed' | 'open' | 'half_open' {
    if (this.#openUntilMs === null) return 'closed';
    return nowMs < this.#openUntilMs ? 'open' : 'half_open';
  }

  /** How long it should still be left alone; 0 when a request may go there now. */
  restMs(nowMs: number): number {
    const state = this.state(nowMs);
    if (state === 'open') return (this.#openUntilMs ?? nowMs) - nowMs;
    return state === 'half_open' && this.#hasProbe ? OPEN_MS_MIN : 0;
  }

  /** A request goes there. Says whether it is the probe, which its end has to give back. */
  begin(nowMs: number): boolean {
    const isProbe = this.state(nowMs) === 'half_open' && !this.#hasProbe;
    if (isProbe) this.#hasProbe = true;
    return isProbe;
  }

  end(outcome: Outcome, end: Readonly<{ isProbe: boolean; nowMs: number }>): void {
    const before = this.state(end.nowMs);
    if (end.isProbe) this.#hasProbe = false;
    if (outcome === 'ok') {
      this.#failures = 0;
      this.#opens = 0;
      this.#openUntilMs = null;
    }
    if (outcome !== 'failed') return;
    this.#failures += 1;
    // What was on its way when it opened tells nothing new; the probe does.
    if (before === 'open' || (before === 'half_open' && !end.isProbe)) return;
    if (before === 'half_open' || this.#failures >= FAILURES_TO_OPEN) {
      this.#openUntilMs = end.nowMs + Math.min(OPEN_MS_MAX, OPEN_MS_MIN * 2 ** this.#opens);
      this.#opens += 1;
    }
  }
}
