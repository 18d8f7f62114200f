/**
 * Copies what is asked and answered for projects that turned it on, and hands it to control in the
 * background. For everybody else it is one look at an empty table. Memory is bounded: what control does not
 * take in time is dropped and counted, because a copy must never hold up a call. Nothing of it is logged.
 */
import { messageOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import type { BatchLine } from '../batch-line.ts';
import type { KeyIdentity } from '../control-client.ts';
import type { FeedState } from '../feed-state.ts';
import type { Reply } from '../reply.ts';
import { type ContentPart, PartRecorder } from './content-part.ts';
import { contentKey } from './content-settings.ts';

export type Content = Readonly<{
  tenantId: string;
  projectId: string;
  requestId: string;
  request: ContentPart;
  answer: ContentPart;
}>;

/** Rejects when control did not take them. */
export type SendContents = (contents: readonly Content[]) => Promise<void>;

/** Thirty-two of the largest. */
const QUEUE_BYTES_MAX = 16 * 1024 * 1024;
/** In one call to control; its own bound is twice that. */
const SEND_BYTES_MAX = 4 * 1024 * 1024;
const SEND_COUNT_MAX = 100;
const GATHER_MS = 200;
const RETRY_MS = 1_000;
const TRIES_MAX = 5;

export class ContentKeeper {
  readonly #feed: Pick<FeedState, 'view'>;
  readonly #send: SendContents;
  readonly #log: Log;
  #queue: Content[] = [];
  #bytes = 0;
  #sending: Promise<void> | null = null;
  #isStopped = false;
  /** Contents that nobody took. */
  dropped = 0;

  constructor(parts: Readonly<{ feed: Pick<FeedState, 'view'>; send: SendContents; log: Log }>) {
    this.#feed = parts.feed;
    this.#send = parts.send;
    this.#log = parts.log;
  }

  get queuedBytes(): number {
    return this.#bytes;
  }

  /** Listens to this reply if the project of the key keeps contents. `bytes` are as they were sent. */
  tap(key: KeyIdentity, bytes: Buffer, reply: Reply, line: BatchLine | null): void {
    const { contents } = this.#feed.view();
    if (contents.size === 0) return;
    const { tenantId, projectId } = key;
    const bytesMax = contents.get(contentKey(tenantId, projectId));
    if (bytesMax === undefined) return;
    const { requestId } = line ?? reply;
    const [asked, answered] = [new PartRecorder(bytesMax), new PartRecorder(bytesMax)];
    asked.take(bytes);
    reply.listen((piece) => answered.take(piece));
    reply.onClose(() => {
      const [request, answer] = [asked.part(), answered.part()];
      this.#add({ tenantId, projectId, requestId, request, answer });
    });
  }

  /** What is left goes out once more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#sending;
    if (this.#queue.length > 0) await this.#sendOnce(this.#take()).catch(() => {});
  }

  #add(content: Content): void {
    const size = sizeOf(content);
    if (this.#bytes + size > QUEUE_BYTES_MAX || this.#isStopped) {
      this.dropped += 1;
      return;
    }
    this.#bytes += size;
    this.#queue.push(content);
    this.#sending ??= this.#drain().finally(() => {
      this.#sending = null;
    });
  }

  async #drain(): Promise<void> {
    await pause(GATHER_MS);
    while (this.#queue.length > 0 && !this.#isStopped) await this.#deliver(this.#take());
  }

  async #deliver(contents: readonly Content[]): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#sendOnce(contents);
      } catch (error) {
        if (tries >= TRIES_MAX || this.#isStopped) {
          this.dropped += contents.length;
          const reason = messageOf(error);
          this.#log.warn('contents.dropped', { count: contents.length, reason });
          return;
        }
        await pause(RETRY_MS);
      }
    }
  }

  #sendOnce(contents: readonly Content[]): Promise<void> {
    return this.#send(contents);
  }

  #take(): readonly Content[] {
    const taken: Content[] = [];
    let bytes = 0;
    for (const content of this.#queue) {
      const size = sizeOf(content);
      if (taken.length > 0 && bytes + size > SEND_BYTES_MAX) break;
      if (taken.length >= SEND_COUNT_MAX) break;
      taken.push(content);
      bytes += size;
    }
    this.#queue = this.#queue.slice(taken.length);
    this.#bytes -= bytes;
    return taken;
  }
}

function sizeOf({ request, answer }: Content): number {
  return 500 + 2 * (request.text.length + answer.text.length);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
