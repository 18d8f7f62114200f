/**
 * Counts the tokens of an answer that reached the caller. The library's own meter counts evaluated
 * tokens, which is more: text may be held back at a stop string, or never leave because the caller
 * left. A token counts as soon as the first character it contributes to was let through.
 */
export type TokenCount = Readonly<{
  /** A token whose text, as far as certain, ends at `textLength` characters of the raw answer. */
  add: (textStart: number) => void;
  /** Tokens whose text begins before this many characters. */
  before: (length: number) => number;
  total: () => number;
}>;

export function createTokenCount(): TokenCount {
  const starts: number[] = [];
  return {
    add: (textStart) => {
      starts.push(textStart);
    },
    before: (length) => countBelow(starts, length),
    total: () => starts.length,
  };
}

/** How many of the ascending `values` are below `limit`. */
function countBelow(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? Infinity) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
