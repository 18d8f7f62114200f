/**
 * Puts the tokens of running requests into one batch. The library takes whatever is queued when the
 * last batch is done, which is always too early for the sequence that was sampled last: of two
 * streams it then evaluates one at a time, of eight seven. Here a batch waits a few turns of the
 * microtask queue (no timer, no idle time) until as many items are there as in the batch before.
 */
import type {
  BatchItem,
  CustomBatchingPrioritizationStrategy,
  PrioritizedBatchItem,
} from 'node-llama-cpp';

/**
 * Turns to wait. A sequence needs about ten microtasks from its sample to its next evaluation and a
 * turn takes a few; when one has ended for good, this many turns cost some microseconds, once.
 */
const TURNS_MAX = 16;

export function createBatching(): CustomBatchingPrioritizationStrategy {
  let itemsBefore = 0;
  let turns = 0;
  return ({ items, size }) => {
    // An empty batch makes the library look at its queue again after a few microtasks.
    if (items.length < itemsBefore && turns < TURNS_MAX) {
      turns += 1;
      return [];
    }
    itemsBefore = items.length;
    turns = 0;
    return shareBatch(items, size);
  };
}

/**
 * One token for every item first, so that no stream stalls behind a long prompt; the rest of the
 * batch goes to the prompts in their order.
 */
export function shareBatch(items: readonly BatchItem[], size: number): PrioritizedBatchItem[] {
  const seated = items.slice(0, size);
  let free = size - seated.length;
  return seated.map((item) => {
    const extra = Math.min(free, item.tokens.length - 1);
    free -= extra;
    return { item, processAmount: 1 + extra };
  });
}
