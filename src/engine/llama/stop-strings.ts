/**
 * Finds the caller's stop strings in a stream of text. Text is let through as soon as it cannot be
 * part of a stop string any more, so no piece of one is ever delivered, wherever the pieces of the
 * stream begin and end. The match that completes first wins; of two that complete together, the
 * longer.
 */
export type StopMatcher = Readonly<{
  /** The text that may be delivered now, and whether a stop string was reached. */
  push: (text: string) => Readonly<{ text: string; stopped: boolean }>;
  /** What was held back when the stream ended by itself. */
  end: () => string;
}>;

export function createStopMatcher(stops: readonly string[]): StopMatcher {
  let held = '';
  let stopped = false;
  return {
    push: (text) => {
      if (stopped) return { text: '', stopped };
      held += text;
      const match = firstMatch(held, stops);
      stopped = match !== undefined;
      const length = match ?? held.length - longestPartialEnd(held, stops);
      const out = held.slice(0, length);
      held = stopped ? '' : held.slice(length);
      return { text: out, stopped };
    },
    end: () => {
      const out = held;
      held = '';
      return out;
    },
  };
}

/** Where the match that completes first begins, or undefined. */
function firstMatch(text: string, stops: readonly string[]): number | undefined {
  let best: { start: number; end: number } | undefined;
  for (const stop of stops) {
    const start = text.indexOf(stop);
    if (start < 0) continue;
    const end = start + stop.length;
    if (best === undefined || end < best.end || (end === best.end && start < best.start)) {
      best = { start, end };
    }
  }
  return best?.start;
}

/** The length of the longest end of `text` that is a beginning of one of `marks`. */
export function longestPartialEnd(text: string, marks: readonly string[]): number {
  let longest = 0;
  for (const mark of marks) {
    const limit = Math.min(mark.length - 1, text.length);
    for (let length = limit; length > longest; length -= 1) {
      if (text.endsWith(mark.slice(0, length))) longest = length;
    }
  }
  return longest;
}
