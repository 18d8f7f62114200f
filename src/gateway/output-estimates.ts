/**
 * How long the answers of a model are, learned from those that ended: what is set aside where a lease
 * takes estimates. A guess on the high side, because a hold that is too small is raised at a cost.
 */

/** Until something is known: more than most answers to a person have. */
const FIRST_TOKENS = 1_024;
/** Weight of the newest answer; some fifty answers are remembered. */
const NEWEST_SHARE = 0.04;
/** An answer this much above the mean is still covered. */
const MARGIN_FACTOR = 2;
/** More models than a cloud serves; past this what is known starts anew. */
const MODELS_MAX = 10_000;

export class OutputEstimates {
  readonly #means = new Map<string, number>();

  /** At most `tokensMax`, which the caller or the model allows. */
  of(modelId: string, tokensMax: number): number {
    const mean = this.#means.get(modelId);
    const expected = mean === undefined ? FIRST_TOKENS : Math.ceil(mean * MARGIN_FACTOR) + 1;
    return Math.min(expected, tokensMax);
  }

  learn(modelId: string, tokens: number): void {
    const mean = this.#means.get(modelId);
    if (mean === undefined && this.#means.size >= MODELS_MAX) this.#means.clear();
    this.#means.set(modelId, mean === undefined ? tokens : mean + (tokens - mean) * NEWEST_SHARE);
  }
}
