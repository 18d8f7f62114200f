/**
 * What was done in the last minute (or second), in steps of a fixed ring. Nothing leaves before a whole
 * window has passed since its step ended, so in no stretch of that length is there ever more than the
 * ring was allowed to hold. The price is one step of a thirtieth: a caller at an even pace reaches 97 %
 * of its limit. One array for each limit and no allocation for a request.
 */
const STEPS = 30;

export class RateWindow {
  readonly #stepMs: number;
  /** One more than the window has, because the step that runs is not whole. */
  readonly #amounts = new Float64Array(STEPS + 1);
  #head = 0;
  #used = 0;

  constructor(windowMs: number) {
    this.#stepMs = windowMs / STEPS;
  }

  used(nowMs: number): number {
    this.#advance(nowMs);
    return this.#used;
  }

  add(nowMs: number, amount: number): void {
    this.#advance(nowMs);
    this.#put(this.#head, amount);
  }

  /** Takes back, from where it was put; what has left the window is forgotten already. */
  takeBack(nowMs: number, putAtMs: number, amount: number): void {
    this.#advance(nowMs);
    const step = this.#stepAt(putAtMs);
    if (step <= this.#head - this.#amounts.length || step > this.#head) return;
    this.#put(step, -Math.min(amount, this.#amounts[step % this.#amounts.length] ?? 0));
  }

  /** How long until at least this much has left. */
  untilLeftMs(nowMs: number, amount: number): number {
    this.#advance(nowMs);
    let left = 0;
    for (let age = this.#amounts.length - 1; age >= 0; age -= 1) {
      const step = this.#head - age;
      if (step < 0) continue;
      left += this.#amounts[step % this.#amounts.length] ?? 0;
      if (left >= amount) return Math.max(0, this.#leavesAtMs(step) - nowMs);
    }
    return Math.max(0, this.#leavesAtMs(this.#head) - nowMs);
  }

  /** How long until nothing is in it any more; 0 when it is empty. */
  untilEmptyMs(nowMs: number): number {
    return this.used(nowMs) === 0 ? 0 : this.untilLeftMs(nowMs, this.#used);
  }

  #leavesAtMs(step: number): number {
    return (step + this.#amounts.length) * this.#stepMs;
  }

  #stepAt(atMs: number): number {
    return Math.floor(atMs / this.#stepMs);
  }

  #put(step: number, amount: number): void {
    const at = step % this.#amounts.length;
    this.#amounts[at] = (this.#amounts[at] ?? 0) + amount;
    this.#used += amount;
  }

  #advance(nowMs: number): void {
    const step = this.#stepAt(nowMs);
    if (step <= this.#head) return;
    if (step - this.#head >= this.#amounts.length) {
      this.#amounts.fill(0);
      this.#used = 0;
    } else {
      for (let next = this.#head + 1; next <= step; next += 1) {
        const at = next % this.#amounts.length;
        this.#used -= this.#amounts[at] ?? 0;
        this.#amounts[at] = 0;
      }
    }
    this.#head = step;
  }
}
