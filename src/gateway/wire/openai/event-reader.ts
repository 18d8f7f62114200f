/** Whole server-sent events out of chunks that may be cut anywhere, characters included. */
import { eventData, eventEnd } from './event-stream.ts';

/** No event comes near; one that never ends must not fill the memory. */
const EVENT_BYTES_MAX = 4 * 1024 * 1024;

export class EventReader {
  /** Bytes as Latin-1, so that a character cut by a chunk is whole again when its event is. */
  #text = '';

  /** True once an event was longer than any may be; nothing is read after it. */
  get isTooLong(): boolean {
    return this.#text.length > EVENT_BYTES_MAX;
  }

  /** The data of the events that are whole now. */
  push(chunk: Buffer): string[] {
    if (this.isTooLong) return [];
    this.#text += chunk.toString('latin1');
    const hasCarriageReturn = this.#text.includes('\r');
    const found: string[] = [];
    let from = 0;
    for (;;) {
      const to = eventEnd(this.#text, from, hasCarriageReturn);
      if (to === -1) break;
      const data = eventData(this.#text.slice(from, to));
      if (data !== null) found.push(Buffer.from(data, 'latin1').toString('utf8'));
      from = to;
    }
    this.#text = this.#text.slice(from);
    return found;
  }
}
