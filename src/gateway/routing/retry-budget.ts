/**
 * How many attempts may be made again: a fifth of the requests of a model, and a few to begin with. When
 * everything fails, retries would otherwise triple the load on what is already down.
 */

const SHARE = 0.2;
/** What a quiet model may spend at once: three requests with all their tries, and one more. */
export const RETRIES_SAVED_MAX = 10;

export class RetryBudget {
  readonly #saved = new Map<string, number>();

  /** A request of this model begins. */
  earn(modelName: string): void {
    const saved = this.#saved.get(modelName);
    // Nothing was spent: no entry, so that idle names take no memory.
    if (saved === undefined) return;
    if (saved + SHARE >= RETRIES_SAVED_MAX) this.#saved.delete(modelName);
    else this.#saved.set(modelName, saved + SHARE);
  }

  /** False when there is nothing left: then the failure stands. */
  spend(modelName: string): boolean {
    const saved = this.#saved.get(modelName) ?? RETRIES_SAVED_MAX;
    if (saved < 1) return false;
    this.#saved.set(modelName, saved - 1);
    return true;
  }

  /** Models of which something was spent lately. */
  get size(): number {
    return this.#saved.size;
  }
}
