/**
 * How much of all request bodies may lie in memory at the same time. Each body has its own limit; without
 * one over all of them a thousand callers with large bodies are the end of the process. Bytes count as they
 * arrive and not as they are announced: an announcement costs nothing, and must not keep others out.
 */
import type { ServerResponse } from 'node:http';

/** What one request has of the budget. */
export type BodyMeter = Readonly<{
  /** False when there is no room for so many more; the request is then to be refused. */
  take: (bytes: number) => boolean;
}>;

export const UNMETERED: BodyMeter = { take: () => true };

export class BodyBudget {
  readonly #limitBytes: number;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The body is kept for another try until the answer is over; then its room is free again. */
  open(outgoing: Pick<ServerResponse, 'once' | 'closed'>): BodyMeter {
    let taken = 0;
    const free = (): void => {
      this.#bytes -= taken;
      taken = 0;
    };
    outgoing.once('close', free);
    return {
      take: (bytes) => {
        if (this.#bytes + bytes > this.#limitBytes) return false;
        // What arrives after the caller left is thrown away by whoever reads.
        if (outgoing.closed) return true;
        this.#bytes += bytes;
        taken += bytes;
        return true;
      },
    };
  }
}
