/**
 * Hands the context's parallel sequences to requests. A request gets the free sequence whose state
 * saves it the most work, so the turns of one conversation find their own past again. When none is
 * free it waits in a bounded queue, first come, first served; beyond the queue it is refused at once
 * with a time to come back.
 */
import { failRequest } from '../errors.ts';

/** What the pool needs to know of one sequence of the library. */
export type PooledSequence = Readonly<{ contextTokens: readonly number[] }>;

export type SequenceLease<Sequence> = Readonly<{ sequence: Sequence; release: () => void }>;

type Slot<Sequence> = { readonly sequence: Sequence; busy: boolean; usedAt: number };
type Waiter<Sequence> = Readonly<{
  prompt: readonly number[];
  resolve: (lease: SequenceLease<Sequence>) => void;
}>;

/** Part of the thrown-away state that is charged against the saved one when choosing a sequence. */
const LOSS_WEIGHT = 0.25;

/** Refused callers come back after this: about one short answer on a small machine. */
const RETRY_AFTER_MS = 2_000;

export class SequencePool<Sequence extends PooledSequence> {
  readonly #slots: readonly Slot<Sequence>[];
  readonly #queue: Waiter<Sequence>[] = [];
  readonly #queueMax: number;
  #uses = 0;

  constructor(options: { sequences: readonly Sequence[]; queueMax: number }) {
    this.#slots = options.sequences.map((sequence) => ({ sequence, busy: false, usedAt: 0 }));
    this.#queueMax = options.queueMax;
  }

  /** Errors: `engine_busy` when the queue is full; the signal's reason when the caller leaves. */
  async acquire(prompt: readonly number[], signal: AbortSignal): Promise<SequenceLease<Sequence>> {
    signal.throwIfAborted();
    const slot = this.#queue.length > 0 ? undefined : bestSlot(this.#slots, prompt);
    return slot === undefined ? this.#wait(prompt, signal) : this.#lease(slot);
  }

  running(): number {
    return this.#slots.filter((slot) => slot.busy).length;
  }

  waiting(): number {
    return this.#queue.length;
  }

  /** Tokens of state held by sequences that are in use. */
  tokensInUse(): number {
    const busy = this.#slots.filter((slot) => slot.busy);
    return busy.reduce((sum, slot) => sum + slot.sequence.contextTokens.length, 0);
  }

  #wait(prompt: readonly number[], signal: AbortSignal): Promise<SequenceLease<Sequence>> {
    if (this.#queue.length >= this.#queueMax) {
      throw failRequest(
        'engine_busy',
        `All ${this.#slots.length} places are taken and ${this.#queue.length} requests wait already; try again soon.`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<SequenceLease<Sequence>>();
    const leave = (): void => {
      const index = this.#queue.indexOf(waiter);
      if (index >= 0) this.#queue.splice(index, 1);
      reject(signal.reason);
    };
    const waiter: Waiter<Sequence> = {
      prompt,
      resolve: (lease) => {
        signal.removeEventListener('abort', leave);
        resolve(lease);
      },
    };
    this.#queue.push(waiter);
    signal.addEventListener('abort', leave, { once: true });
    return promise;
  }

  #lease(slot: Slot<Sequence>): SequenceLease<Sequence> {
    slot.busy = true;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      slot.busy = false;
      this.#uses += 1;
      slot.usedAt = this.#uses;
      this.#serveQueue();
    };
    return { sequence: slot.sequence, release };
  }

  #serveQueue(): void {
    const first = this.#queue[0];
    const slot = first === undefined ? undefined : bestSlot(this.#slots, first.prompt);
    if (first === undefined || slot === undefined) return;
    this.#queue.shift();
    first.resolve(this.#lease(slot));
  }
}

function bestSlot<Sequence extends PooledSequence>(
  slots: readonly Slot<Sequence>[],
  prompt: readonly number[],
): Slot<Sequence> | undefined {
  let best: { slot: Slot<Sequence>; worth: number } | undefined;
  for (const slot of slots) {
    if (slot.busy) continue;
    const held = slot.sequence.contextTokens;
    const shared = sharedPrefix(held, prompt);
    const worth = shared - (held.length - shared) * LOSS_WEIGHT;
    const better =
      best === undefined ||
      worth > best.worth ||
      (worth === best.worth && slot.usedAt < best.slot.usedAt);
    if (better) best = { slot, worth };
  }
  return best?.slot;
}

function sharedPrefix(a: readonly number[], b: readonly number[]): number {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a[length] === b[length]) length += 1;
  return length;
}
