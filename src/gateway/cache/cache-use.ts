/**
 * The cache beside one request: looks for an answer, replays it, or listens to the answer that is made
 * and keeps it when it ended well. An answer is kept as the bytes that the caller got, so it is replayed
 * in the caller's own dialect, events and all, with nothing to convert and nothing to get wrong.
 */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '#platform/clock.ts';
import type { KeyIdentity } from '../control-client.ts';
import { failRequest } from '../errors.ts';
import type { ServedModel } from '../feed-view.ts';
import type { Reply } from '../reply.ts';
import type { ParsedRequest } from '../wire/openai/request.ts';
import type { AnswerCache, CachedAnswer } from './answer-cache.ts';
import { AnswerRecorder } from './answer-recorder.ts';
import { parseCacheControl } from './cache-control.ts';
import { planCache } from './cache-policy.ts';
import type { CacheSettings } from './cache-settings.ts';
import { hashRequest } from './request-hash.ts';

export type CacheCandidate = Readonly<{
  key: KeyIdentity;
  request: ParsedRequest;
  /** Whatever the name may lead to. */
  targets: readonly Readonly<{ served: ServedModel }>[];
  /** As they were sent. */
  bytes: Buffer;
  incoming: Pick<IncomingMessage, 'url' | 'headers'>;
}>;

export const CACHE_HEADER = 'x-flywheel-cache';

/** Headers by which callers choose the form of an answer. */
const FORM_HEADERS: readonly string[] = ['anthropic-version', 'anthropic-beta', 'x-dashscope-sse'];

/** DashScope's callers ask for a stream in this way. */
const EVENT_STREAM = 'text/event-stream';

/** Stateful: an answer may be gone on from by its id, so each has one of its own. */
const STATEFUL_PATH = '/v1/responses';

export class CacheUse {
  /** What the cache had to say; null where it has no say. */
  result: 'hit' | 'miss' | null = null;

  readonly #cache: AnswerCache;
  readonly #reply: Reply;
  readonly #clock: Pick<Clock, 'nowMs'>;
  #answer: CachedAnswer | null = null;
  #keep: (() => void) | null = null;

  constructor(cache: AnswerCache, reply: Reply, clock: Pick<Clock, 'nowMs'>) {
    this.#cache = cache;
    this.#reply = reply;
    this.#clock = clock;
  }

  /** True when there is an answer. Raises `not_cached` where the caller wants one from here or none. */
  ask(candidate: CacheCandidate): boolean {
    const { headers, url = '' } = candidate.incoming;
    const settings = this.#cache.settingsOf(candidate.key);
    if (settings === null || url.startsWith(STATEFUL_PATH)) return false;
    const wish = parseCacheControl(headers['cache-control']);
    const plan = planCache(candidate.request, wish, settings);
    const name = plan === null ? null : nameOf(candidate, settings);
    if (plan === null || name === null) {
      this.#reply.setHeader(CACHE_HEADER, 'bypass');
      return false;
    }
    this.#answer = plan.mayRead ? this.#cache.find(settings, name, plan.maxAgeMs) : null;
    this.result = this.#answer === null ? 'miss' : 'hit';
    if (this.#answer !== null) return true;
    if (plan.onlyIfCached) throw failRequest('not_cached', 'There is no such answer in the cache.');
    this.#listen(candidate.request, settings, name);
    return false;
  }

  replay(): void {
    if (this.#answer === null) return;
    const { isStream, storedAtMs } = this.#answer;
    const ageSeconds = Math.max(0, Math.floor((this.#clock.nowMs() - storedAtMs) / 1000));
    this.#reply.setHeader(CACHE_HEADER, 'hit');
    this.#reply.setHeader('age', String(ageSeconds));
    const bytes = renamed(this.#answer, this.#reply.requestId);
    if (!isStream) return this.#reply.bytes(200, bytes);
    this.#reply.write(bytes);
    this.#reply.end();
  }

  /** The answer is whole and went out. */
  keep(): void {
    if (this.#reply.status === 200) this.#keep?.();
  }

  #listen({ isStream }: ParsedRequest, settings: CacheSettings, name: string): void {
    const recorder = new AnswerRecorder(settings.entryBytesMax);
    const { requestId } = this.#reply;
    this.#reply.setHeader(CACHE_HEADER, 'miss');
    this.#reply.listen((piece) => recorder.take(piece));
    this.#keep = () => {
      const { bytes } = recorder;
      if (bytes !== null) this.#cache.keep(settings, name, { isStream, bytes, requestId });
    };
  }
}

/** Some dialects repeat the request's id in the body: it is this request's then, and of the same length. */
function renamed({ bytes, requestId }: CachedAnswer, now: string): Buffer {
  if (!bytes.includes(requestId)) return bytes;
  return Buffer.from(bytes.toString('latin1').replaceAll(requestId, now), 'latin1');
}

/** Null for a body that has no order: nested without end, or no JSON. */
function nameOf(candidate: CacheCandidate, settings: CacheSettings): string | null {
  const { key, incoming, targets } = candidate;
  const { headers, url = '' } = incoming;
  try {
    return hashRequest({
      tenantId: key.tenantId,
      projectId: key.projectId,
      generation: settings.generation,
      form: [
        url,
        String(headers.accept?.includes(EVENT_STREAM)),
        ...FORM_HEADERS.map((name) => String(headers[name] ?? '')),
      ],
      revisions: targets.flatMap(({ served }) => revisionsOf(served)),
      body: JSON.parse(candidate.bytes.toString('utf8')),
    });
  } catch {
    return null;
  }
}

/** A deployment serves one revision for good, and a provider's model has its name there. */
function revisionsOf({ model, deployments, replicas }: ServedModel): string[] {
  return [
    model.modelId,
    ...deployments.map(({ id }) => id),
    ...replicas.flatMap(({ upstreamModel }) => upstreamModel ?? []),
  ];
}
