/**
 * The way to external providers: the key from memory, a place at the gate, connections that reach the
 * public Internet only, the address as the provider's dialect wants it, its own time limit, and its
 * refusals in our words. What an attempt needs beyond that is the same as for an engine.
 */
import { Agent, type Dispatcher } from 'undici';
import type { Clock } from '#platform/clock.ts';
import { FlywheelError } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import { createGuardedLookup, isPrivateHost } from '#platform/public-address.ts';
import type { AttemptResult, Refuse, Timeouts } from './attempt.ts';
import type { ProviderKey } from './control-client.ts';
import { failRequest } from './errors.ts';
import type { FeedProvider } from './feed.ts';
import type { FeedState } from './feed-state.ts';
import type { ServedReplica } from './feed-view.ts';
import { type Pass, ProviderGates } from './provider-gate.ts';
import { ProviderKeys } from './provider-keys.ts';
import { providerRefusal } from './provider-refusal.ts';
import { upstreamDialect } from './wire/upstreams.ts';
import type { UpstreamDialect } from './wire/wire.ts';

/** How an attempt reaches its replica. */
export type Reach = Readonly<{
  dispatcher: Dispatcher;
  replica: ServedReplica;
  dialect: UpstreamDialect;
  timeouts: Timeouts;
  refuse?: Refuse;
  /** Once, when the attempt is over. */
  leave: () => void;
}>;

export type Approach = Readonly<{
  reach: Reach | Promise<Reach | AttemptResult>;
  /** The caller left while it waits. */
  giveUp: (reason: Error) => void;
}>;

export type ProviderWaysDeps = Readonly<{
  open: (providerId: string) => Promise<ProviderKey>;
  feed: FeedState;
  /** For the operator's own servers. */
  upstream: Dispatcher;
  timeouts: Timeouts;
  clock: Clock;
  log: Log;
}>;

/** Across the world and with TLS; an engine is nearer. */
const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 30_000;

export class ProviderWays {
  readonly #deps: ProviderWaysDeps;
  readonly #keys: ProviderKeys;
  readonly #gates = new ProviderGates();
  readonly #guarded = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup: createGuardedLookup(denied) },
    keepAliveTimeout: KEEP_ALIVE_MS,
    pipelining: 1,
  });

  constructor(deps: ProviderWaysDeps) {
    this.#deps = deps;
    this.#keys = new ProviderKeys(deps);
  }

  /** Requests that are at providers now. */
  get inside(): number {
    return this.#gates.inside;
  }

  get keys(): number {
    return this.#keys.size;
  }

  /** Engines are reached at once; a provider's key may have to be fetched and its line stood in. */
  approach(replica: ServedReplica): Approach {
    const { provider = null } = replica;
    if (provider === null) return { reach: engineReach(this.#deps, replica), giveUp: () => {} };
    const place = this.#gates.enter(provider);
    const isWaiting = 'pass' in place;
    const pass = isWaiting ? place.pass : Promise.resolve(place);
    const reach = pass
      .then((entered) => this.#reach(replica, provider, entered))
      .catch((error: unknown) => failedApproach(error));
    return { reach, giveUp: isWaiting ? place.giveUp : () => {} };
  }

  async stop(): Promise<void> {
    await this.#guarded.destroy();
  }

  async #reach(replica: ServedReplica, provider: FeedProvider, pass: Pass): Promise<Reach> {
    try {
      const url = new URL(replica.url);
      if (!provider.allowsPrivate && isPrivateHost(url)) throw denied();
      const found = this.#keys.keyFor(provider);
      const apiKey = found instanceof Promise ? await found : found;
      const { upstream, timeouts } = this.#deps;
      const words = { host: url.hostname, apiKey };
      return {
        dispatcher: provider.allowsPrivate ? upstream : this.#guarded,
        replica: {
          ...replica,
          engineKey: apiKey,
          pathPrefix: prefixOf(url.pathname, provider.dialect),
        },
        dialect: dialectOf(provider.dialect),
        timeouts: { ...timeouts, firstByteMs: provider.timeoutMs },
        refuse: (status, body, retryAfter) => providerRefusal(status, body, retryAfter, words),
        leave: pass.leave,
      };
    } catch (error) {
      pass.leave();
      throw error;
    }
  }
}

/** An engine of our own: nothing to wait for, nothing to leave. */
function engineReach(
  { upstream: dispatcher, timeouts }: Pick<ProviderWaysDeps, 'upstream' | 'timeouts'>,
  replica: ServedReplica,
): Reach {
  return { dispatcher, replica, timeouts, dialect: upstreamDialect('openai'), leave: () => {} };
}

/** Nothing was sent: another replica may be nearer. */
function failedApproach(thrown: unknown): AttemptResult {
  const error =
    thrown instanceof FlywheelError
      ? thrown
      : failRequest('provider_unavailable', 'The external provider cannot be called.', {
          cause: thrown,
        });
  return { kind: 'failed', error, isRetryable: true, isReplicaFault: false };
}

/** OpenAI's address is given with its version, which need not be `/v1`; the others without. */
function prefixOf(pathname: string, dialect: FeedProvider['dialect']): string {
  const path = pathname.replace(/\/+$/, '');
  if (dialect === 'openai') return path;
  return path.replace(/\/(?:compatible-mode\/v1|api\/v1|v1)$/, '');
}

function dialectOf(name: FeedProvider['dialect']): UpstreamDialect {
  const dialect = upstreamDialect(name);
  if (name !== 'openai') return dialect;
  return {
    ...dialect,
    call: (request, upstream) => {
      const call = dialect.call(request, upstream);
      return { ...call, path: call.path.replace(/^\/v1(?=\/)/, '') };
    },
  };
}

function denied(): Error {
  return failRequest(
    'provider_address_denied',
    'The address of the external provider of this model is not on the public Internet.',
  );
}
