/**
 * The feed, on control's side: looks at the version row several times a second and, when it moved,
 * reads the state once and sends it to every gateway that listens. A gateway that reads slowly gets
 * the latest state when it is ready and never the ones between, so no follower holds memory.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '#platform/log.ts';
import type { Feed, FeedLine } from './feed.ts';

/** A revoked key reaches every gateway within this and one send; the promise is two seconds. */
const LOOK_MS = 200;
const HEARTBEAT_MS = 3_000;
/** When the database is away; gateways meanwhile miss the heartbeat only if this process dies too. */
const FAILED_LOOK_MS = 1_000;

type Follower = {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** The newest state, not sent yet because the follower is slow. */
  waiting: Uint8Array | null;
};

export type FeedPublisherDeps = Readonly<{
  /** Changes with every commit that changes the feed. */
  readVersion: () => Promise<number>;
  readFeed: (version: number) => Promise<Feed>;
  log: Log;
}>;

export class FeedPublisher {
  readonly #deps: FeedPublisherDeps;
  readonly #followers = new Set<Follower>();
  readonly #stopping = new AbortController();
  #version = -1;
  #state: Uint8Array | null = null;
  #running: Promise<void> = Promise.resolve();
  #heartbeat: NodeJS.Timeout | null = null;

  constructor(deps: FeedPublisherDeps) {
    this.#deps = deps;
  }

  /** Of the state that followers were sent last; -1 before the first. */
  get version(): number {
    return this.#version;
  }

  get followers(): number {
    return this.#followers.size;
  }

  start(): void {
    this.#running = this.#lookUntilStopped();
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    await this.#running;
    for (const { controller } of this.#followers) controller.close();
    this.#followers.clear();
  }

  /** One follower's stream of lines: the state now, then each change, with heartbeats between. */
  follow(): ReadableStream<Uint8Array> {
    let follower: Follower | null = null;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        follower = { controller, waiting: null };
        this.#followers.add(follower);
        if (this.#state !== null) send(follower, this.#state);
      },
      pull: () => {
        if (follower === null || follower.waiting === null) return;
        const line = follower.waiting;
        follower.waiting = null;
        follower.controller.enqueue(line);
      },
      cancel: () => {
        if (follower !== null) this.#followers.delete(follower);
      },
    });
  }

  async #lookUntilStopped(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let pauseMs = LOOK_MS;
      try {
        await this.#look();
      } catch (error) {
        this.#deps.log.warn('feed.read_failed', { error });
        pauseMs = FAILED_LOOK_MS;
      }
      // Rejects only because we stop, and then the loop ends.
      await delay(pauseMs, undefined, { signal }).catch(() => null);
    }
  }

  async #look(): Promise<void> {
    // The version first: a change while we read is then seen as one more change, never missed.
    const version = await this.#deps.readVersion();
    if (version === this.#version) return;
    const feed = await this.#deps.readFeed(version);
    this.#state = encode({ kind: 'state', feed });
    this.#version = version;
    for (const follower of this.#followers) send(follower, this.#state);
  }

  #beat(): void {
    const line = encode({ kind: 'heartbeat', version: this.#version });
    for (const follower of this.#followers) {
      if (follower.waiting === null) send(follower, line);
    }
  }
}

function send(follower: Follower, line: Uint8Array): void {
  if ((follower.controller.desiredSize ?? 0) > 0) follower.controller.enqueue(line);
  else follower.waiting = line;
}

const encoder = new TextEncoder();

function encode(line: FeedLine): Uint8Array {
  return encoder.encode(`${JSON.stringify(line)}\n`);
}
