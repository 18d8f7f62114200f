/**
 * How large the next lease of a tenant should be: seconds of its spend at this gateway, what is in flight,
 * and what waits. Pure but for what it remembers of the last seconds; control shrinks it as the balance
 * nears its floor.
 */

/** Long enough that a busy tenant's gateway asks control a few times a minute, short enough to be soon spent. */
const WINDOW_MS = 10_000;
/** A tenth of a yuan: below this the calls to control cost more than what lies idle. */
const LEASE_PICO_MIN = 100_000_000_000n;
/** Of a tenant that nothing is known of yet: a few requests like the one that asks. */
const HOLDS_PER_LEASE = 8n;

export class LeaseDemand {
  /** Σ open holds. */
  heldPico = 0n;
  /** Σ holds of requests that wait for a lease. */
  waitingPico = 0n;
  #windowEndsMs = 0;
  #spentPico = 0n;
  #spentBeforePico = 0n;

  spent(amountPico: bigint, nowMs: number): void {
    this.#turn(nowMs);
    this.#spentPico += amountPico;
  }

  nextPico(holdPico: bigint, nowMs: number): bigint {
    this.#turn(nowMs);
    const spentPico =
      this.#spentPico > this.#spentBeforePico ? this.#spentPico : this.#spentBeforePico;
    const steadyPico = spentPico + this.heldPico;
    const firstPico = holdPico * HOLDS_PER_LEASE;
    const wantedPico = (steadyPico > firstPico ? steadyPico : firstPico) + this.waitingPico;
    return wantedPico > LEASE_PICO_MIN ? wantedPico : LEASE_PICO_MIN;
  }

  #turn(nowMs: number): void {
    if (nowMs < this.#windowEndsMs) return;
    const isNext = nowMs < this.#windowEndsMs + WINDOW_MS;
    this.#spentBeforePico = isNext ? this.#spentPico : 0n;
    this.#spentPico = 0n;
    this.#windowEndsMs = nowMs + WINDOW_MS;
  }
}
