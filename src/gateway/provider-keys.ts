/**
 * The keys of external providers, in memory only: the feed says which are needed and of which version,
 * and they are fetched as soon as it does, so that a gateway keeps calling providers while control is
 * away. A key of another version than the feed's is not used: the address it belongs to may be another.
 */
import type { Clock } from '#platform/clock.ts';
import { messageOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import type { ProviderKey } from './control-client.ts';
import { failRequest } from './errors.ts';
import type { Feed, FeedProvider } from './feed.ts';
import type { FeedState } from './feed-state.ts';

export type ProviderKeysDeps = Readonly<{
  open: (providerId: string) => Promise<ProviderKey>;
  feed: FeedState;
  clock: Clock;
  log: Log;
}>;

/** After a failure control is left alone this long, however many requests want the key. */
const AGAIN_AFTER_MS = 1_000;
const RETRY_AFTER_MS = 2_000;

export class ProviderKeys {
  readonly #deps: ProviderKeysDeps;
  readonly #known = new Map<string, ProviderKey>();
  readonly #fetching = new Map<string, Promise<ProviderKey>>();
  readonly #failedAtMs = new Map<string, number>();

  constructor(deps: ProviderKeysDeps) {
    this.#deps = deps;
    deps.feed.subscribe(({ feed }) => this.#follow(feed));
    this.#follow(deps.feed.feed());
  }

  get size(): number {
    return this.#known.size;
  }

  /** Raises `provider_unavailable` while control cannot say it. */
  keyFor(provider: FeedProvider): string | Promise<string> {
    const known = this.#known.get(provider.id);
    if (known?.keyVersion === provider.keyVersion) return known.apiKey;
    const failedAtMs = this.#failedAtMs.get(provider.id) ?? -Infinity;
    if (this.#deps.clock.monotonicMs() - failedAtMs < AGAIN_AFTER_MS) throw unavailable();
    return this.#fetch(provider.id).then((key) => {
      // The feed that belongs to this key is on its way.
      if (key.keyVersion !== provider.keyVersion) throw unavailable();
      return key.apiKey;
    });
  }

  #follow(feed: Feed): void {
    const wanted = new Map<string, FeedProvider>();
    for (const { provider = null } of feed.replicas) {
      if (provider !== null) wanted.set(provider.id, provider);
    }
    for (const id of this.#known.keys()) if (!wanted.has(id)) this.#known.delete(id);
    for (const id of this.#failedAtMs.keys()) if (!wanted.has(id)) this.#failedAtMs.delete(id);
    for (const { id, keyVersion } of wanted.values()) {
      if (this.#known.get(id)?.keyVersion === keyVersion) continue;
      // Who needs it asks again and hears of the failure.
      this.#fetch(id).catch(() => null);
    }
  }

  #fetch(id: string): Promise<ProviderKey> {
    const under = this.#fetching.get(id);
    if (under !== undefined) return under;
    const fetching = this.#open(id).finally(() => this.#fetching.delete(id));
    this.#fetching.set(id, fetching);
    return fetching;
  }

  async #open(id: string): Promise<ProviderKey> {
    try {
      const key = await this.#deps.open(id);
      this.#known.set(id, key);
      this.#failedAtMs.delete(id);
      return key;
    } catch (error) {
      this.#failedAtMs.set(id, this.#deps.clock.monotonicMs());
      this.#deps.log.warn('provider.key_unavailable', { providerId: id, reason: messageOf(error) });
      throw unavailable();
    }
  }
}

function unavailable(): Error {
  return failRequest(
    'provider_unavailable',
    'The external provider of this model cannot be called just now.',
    { retryAfterMs: RETRY_AFTER_MS },
  );
}
