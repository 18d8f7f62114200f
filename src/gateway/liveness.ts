/**
 * Signs of life between us and a caller: a caller that takes nothing is cut off, and a streaming caller
 * that hears nothing is told that we are still here, before a proxy on the way gives up.
 */
import type { ServerResponse } from 'node:http';
import type { Timeouts } from './attempt.ts';
import type { Reply } from './reply.ts';

export class Liveness {
  readonly #reply: Reply;
  readonly #outgoing: ServerResponse;
  readonly #timeouts: Timeouts;
  #quietSinceMs: number;
  #stalledSinceMs: number | null = null;

  constructor(
    reply: Reply,
    deps: Readonly<{ outgoing: ServerResponse; timeouts: Timeouts; nowMs: number }>,
  ) {
    this.#reply = reply;
    this.#outgoing = deps.outgoing;
    this.#timeouts = deps.timeouts;
    this.#quietSinceMs = deps.nowMs;
  }

  /** Something of the answer went out. */
  spoke(nowMs: number): void {
    this.#quietSinceMs = nowMs;
  }

  /** The caller reads again. */
  resumed(): void {
    this.#stalledSinceMs = null;
  }

  tick(nowMs: number, isStream: boolean): void {
    if (this.#reply.isBehind) {
      this.#stalledSinceMs ??= nowMs;
      if (nowMs - this.#stalledSinceMs > this.#timeouts.stallMs) this.#outgoing.destroy();
      return;
    }
    if (isStream && nowMs - this.#quietSinceMs >= this.#timeouts.keepAliveMs) {
      this.#quietSinceMs = nowMs;
      this.#reply.keepAlive();
    }
  }

  /** The rest of the answer lies in memory and nobody ticks us any more: a socket that does not move is cut. */
  letGoIfUnread(): void {
    if (!this.#outgoing.writableFinished) this.#outgoing.setTimeout(this.#timeouts.stallMs);
  }
}
