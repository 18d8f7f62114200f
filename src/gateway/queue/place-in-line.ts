/**
 * One request's way to a slot: taken at once, or waited for; then the caller is told in headers how long
 * and behind how many, with the answer and with a refusal alike.
 */
import type { Clock } from '#platform/clock.ts';
import type { ReplicaSlots, Slot, SlotRequest } from '../replica-slots.ts';
import type { Reply } from '../reply.ts';

export const POSITION_HEADER = 'x-flywheel-queue-position';
export const WAIT_HEADER = 'x-flywheel-queue-wait-ms';

export class PlaceInLine {
  readonly #slots: ReplicaSlots;
  readonly #reply: Pick<Reply, 'setHeader'>;
  readonly #clock: Clock;
  #leave: ((reason: Error) => void) | null = null;

  constructor(
    parts: Readonly<{ slots: ReplicaSlots; reply: Pick<Reply, 'setHeader'>; clock: Clock }>,
  ) {
    this.#slots = parts.slots;
    this.#reply = parts.reply;
    this.#clock = parts.clock;
  }

  /** Raises what `ReplicaSlots` raises. */
  async take(wanted: SlotRequest): Promise<Slot> {
    const free = this.#slots.take(wanted);
    if (free !== null) return free;
    const { slot, position, leave } = this.#slots.wait(wanted);
    this.#leave = leave;
    const sinceMs = this.#clock.monotonicMs();
    try {
      return await slot;
    } finally {
      this.#leave = null;
      const waitMs = Math.round(this.#clock.monotonicMs() - sinceMs);
      this.#reply.setHeader(POSITION_HEADER, String(position));
      this.#reply.setHeader(WAIT_HEADER, String(waitMs));
    }
  }

  /** The caller is gone. */
  leave(reason: Error): void {
    this.#leave?.(reason);
  }
}
