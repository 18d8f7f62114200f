/**
 * The policies of the keys this gateway has met. A miss asks control once, however many wait. When the
 * feed says that a tenant's limits changed, the next request of each of its keys asks anew and waits for
 * the answer; while control is away what is known goes on to hold.
 */
import type { Clock } from '#platform/clock.ts';
import { codeOf } from '#platform/error.ts';
import type { KeyIdentity } from '../control-client.ts';
import type { FeedState } from '../feed-state.ts';
import type { Policy } from './policy.ts';

/** What the feed no longer carries is seen after this, in the background. */
const KNOWN_TTL_MS = 5 * 60_000;
const POLICIES_MAX = 100_000;

type Known = Readonly<{ policy: Policy; askedAtMs: number }>;

export type PolicyTableDeps = Readonly<{
  lookUp: (key: KeyIdentity) => Promise<Policy>;
  feed: FeedState;
  clock: Clock;
}>;

export class PolicyTable {
  readonly #deps: PolicyTableDeps;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<Policy>>();
  #versions: ReadonlyMap<string, number>;

  constructor(deps: PolicyTableDeps) {
    this.#deps = deps;
    const read = (): void => {
      const changes = deps.feed.feed().limitChanges ?? [];
      this.#versions = new Map(changes.map(({ tenantId, version }) => [tenantId, version]));
    };
    this.#versions = new Map();
    read();
    deps.feed.subscribe(read);
  }

  /** Raises `control_unavailable` where nothing is known. */
  of(key: KeyIdentity): Policy | Promise<Policy> {
    const known = this.#known.get(key.id);
    if (known === undefined) return this.#ask(key);
    const { policy, askedAtMs } = known;
    if (policy.version < (this.#versions.get(key.tenantId) ?? 0)) {
      return this.#ask(key).catch((error: unknown) => {
        if (codeOf(error) === 'control_unavailable') return policy;
        throw error;
      });
    }
    // Control is away: the known answer stands, and the next call asks again.
    if (this.#isOld(askedAtMs)) void this.#ask(key).catch(() => null);
    return policy;
  }

  #isOld(askedAtMs: number): boolean {
    return this.#deps.clock.monotonicMs() - askedAtMs > KNOWN_TTL_MS;
  }

  #ask(key: KeyIdentity): Promise<Policy> {
    const running = this.#asking.get(key.id);
    if (running !== undefined) return running;
    const asked = this.#askOnce(key).finally(() => this.#asking.delete(key.id));
    this.#asking.set(key.id, asked);
    return asked;
  }

  async #askOnce(key: KeyIdentity): Promise<Policy> {
    const askedAtMs = this.#deps.clock.monotonicMs();
    const policy = await this.#deps.lookUp(key);
    this.#known.delete(key.id);
    this.#known.set(key.id, { policy, askedAtMs });
    if (this.#known.size > POLICIES_MAX) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    return policy;
  }
}
