/**
 * Who calls: the keys this gateway has met, by the hash of their secret. A miss asks control once,
 * however many requests wait for the answer; unknown keys are remembered for a moment, so that a
 * wrong key in a loop costs control nothing. The feed names revoked keys and they are forgotten at
 * once. While control is away, known keys go on working until it is back.
 */
import type { Clock } from '#platform/clock.ts';
import { createKey, parseKey } from '#tenancy/key.ts';
import type { KeyIdentity, StoppedKey } from './control-client.ts';
import { failRequest } from './errors.ts';
import type { FeedState } from './feed-state.ts';

/** An answer "no such key" stands this long: a key made a moment ago must soon work. */
const UNKNOWN_TTL_MS = 2_000;
/** A known key is asked for again after this: a change that the feed no longer carries is seen then. */
const KNOWN_TTL_MS = 5 * 60_000;
/** Some 300 bytes each. The oldest is forgotten first, and costs one look-up when it comes back. */
const KEYS_MAX = 100_000;
const UNKNOWN_MAX = 10_000;

/** Longer than any look-up takes that began before its key was revoked. */
const REVOKED_MEMORY_MS = 60_000;

type Known = Readonly<{ identity: KeyIdentity; askedAtMs: number; hash: string }>;

export type KeyTableDeps = Readonly<{
  lookUp: (secretSha256: string) => Promise<KeyIdentity | StoppedKey | null>;
  feed: FeedState;
  clock: Clock;
}>;

export class KeyTable {
  readonly #deps: KeyTableDeps;
  readonly #known = new Map<string, Known>();
  /** More than one where something acts for a key. */
  readonly #hashesById = new Map<string, Set<string>>();
  readonly #unknownUntilMs = new Map<string, number>();
  /** Keys that open nothing any more, by hash: whoever owns them is told that they are tried. */
  readonly #stopped = new Map<string, StoppedKey>();
  readonly #asking = new Map<string, Promise<KeyIdentity | null>>();
  /** When each revoked key was named, so that a look-up that began before does not bring it back. */
  readonly #revokedAtMs = new Map<string, number>();
  /** Secrets that this process made, and the key each stands for. */
  readonly #lent = new Map<string, string>();

  constructor(deps: KeyTableDeps) {
    this.#deps = deps;
    deps.feed.subscribe(({ feed, before }) =>
      this.#forgetRevoked(feed.revokedKeyIds, new Set(before.revokedKeyIds)),
    );
  }

  get size(): number {
    return this.#known.size;
  }

  /** A known key is answered at once, an unknown one after a look-up. Raises 401 codes and `control_unavailable`. */
  identify(secret: string): KeyIdentity | Promise<KeyIdentity> {
    const parsed = parseKey(secret);
    if (parsed === null) throw invalidKey();
    const lentFor = this.#lent.get(parsed.secretSha256);
    if (lentFor === undefined) return this.#identifyHash(parsed.secretSha256);
    const identity = this.#identifyHash(lentFor);
    return identity instanceof Promise ? identity.then(actingForTask) : actingForTask(identity);
  }

  /** Whose the key is that was just refused; null for a secret that is nobody's. */
  stoppedBehind(headers: KeyHeaders): StoppedKey | null {
    const secret = secretIn(headers);
    const hash = secret === null ? undefined : parseKey(secret)?.secretSha256;
    if (hash === undefined) return null;
    const stopped = this.#stopped.get(hash);
    if (stopped !== undefined) return stopped;
    const known = this.#known.get(hash)?.identity;
    if (known === undefined) return null;
    const { id, tenantId, projectId } = known;
    return { stopped: 'expired', id, tenantId, projectId };
  }

  #identifyHash(hash: string): KeyIdentity | Promise<KeyIdentity> {
    const nowMs = this.#deps.clock.monotonicMs();
    const found = this.#known.get(hash);
    if (found !== undefined) {
      if (nowMs - found.askedAtMs > KNOWN_TTL_MS) this.#refresh(hash);
      return this.#unexpired(found.identity);
    }
    if ((this.#unknownUntilMs.get(hash) ?? 0) > nowMs) throw invalidKey();
    return this.#ask(hash).then((identity) => {
      if (identity === null) throw invalidKey();
      return this.#unexpired(identity);
    });
  }

  /**
   * A secret for calls that are made here on behalf of a key that asked earlier, whose own secret nobody
   * keeps. It may what the key may at that moment, and leaves neither this process nor its use.
   */
  lend(secretSha256: string): Readonly<{ secret: string; giveBack: () => void }> {
    const { secret, sha256 } = createKey('api');
    const hash = sha256.toString('hex');
    this.#lent.set(hash, secretSha256);
    return { secret, giveBack: () => this.#lent.delete(hash) };
  }

  /** Those named before are forgotten already: what is known of them now was asked after. */
  #forgetRevoked(revokedKeyIds: readonly string[], before: ReadonlySet<string>): void {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const [id, atMs] of this.#revokedAtMs) {
      if (nowMs - atMs > REVOKED_MEMORY_MS) this.#revokedAtMs.delete(id);
    }
    for (const id of revokedKeyIds) {
      if (before.has(id)) continue;
      this.#revokedAtMs.set(id, nowMs);
      for (const hash of this.#hashesById.get(id) ?? []) this.#forget(hash, id);
    }
  }

  #forget(hash: string, id: string): void {
    const known = this.#known.get(hash)?.identity;
    if (known !== undefined) {
      const { tenantId, projectId } = known;
      remember(this.#stopped, hash, { stopped: 'revoked', id, tenantId, projectId }, UNKNOWN_MAX);
    }
    this.#known.delete(hash);
    this.#unlist(hash, id);
  }

  #unlist(hash: string, id: string): void {
    const hashes = this.#hashesById.get(id);
    hashes?.delete(hash);
    if (hashes?.size === 0) this.#hashesById.delete(id);
  }

  /** In the background: whoever calls now is answered with what is known. */
  #refresh(hash: string): void {
    if (this.#asking.has(hash)) return;
    // Control is away: the known answer stands, and the next call asks again.
    void this.#ask(hash).catch(() => null);
  }

  #ask(hash: string): Promise<KeyIdentity | null> {
    const running = this.#asking.get(hash);
    if (running !== undefined) return running;
    const asked = this.#askOnce(hash).finally(() => this.#asking.delete(hash));
    this.#asking.set(hash, asked);
    return asked;
  }

  async #askOnce(hash: string): Promise<KeyIdentity | null> {
    const askedAtMs = this.#deps.clock.monotonicMs();
    const found = await this.#deps.lookUp(hash);
    const identity = found === null || 'stopped' in found ? null : found;
    if (identity === null || (this.#revokedAtMs.get(identity.id) ?? -1) >= askedAtMs) {
      const before = this.#known.get(hash);
      if (before !== undefined) this.#forget(hash, before.identity.id);
      if (found !== null && 'stopped' in found) {
        remember(this.#stopped, hash, found, UNKNOWN_MAX);
      }
      const untilMs = this.#deps.clock.monotonicMs() + UNKNOWN_TTL_MS;
      remember(this.#unknownUntilMs, hash, untilMs, UNKNOWN_MAX);
      return null;
    }
    const oldest = remember(this.#known, hash, { identity, askedAtMs, hash }, KEYS_MAX);
    if (oldest !== undefined) this.#unlist(oldest.hash, oldest.identity.id);
    const hashes = this.#hashesById.get(identity.id);
    if (hashes === undefined) this.#hashesById.set(identity.id, new Set([hash]));
    else hashes.add(hash);
    return identity;
  }

  #unexpired(identity: KeyIdentity): KeyIdentity {
    if (identity.expiresAtMs !== null && identity.expiresAtMs <= this.#deps.clock.nowMs()) {
      throw failRequest('api_key_expired', 'This API key has expired.');
    }
    return identity;
  }
}

function actingForTask(identity: KeyIdentity): KeyIdentity {
  return { ...identity, actsFor: 'task' };
}

/** Adds to a bounded map; returns the value that had to go. */
function remember<T>(map: Map<string, T>, key: string, value: T, max: number): T | undefined {
  map.delete(key);
  map.set(key, value);
  if (map.size <= max) return undefined;
  const [oldest] = map;
  if (oldest === undefined) return undefined;
  map.delete(oldest[0]);
  return oldest[1];
}

function invalidKey(): Error {
  return failRequest('invalid_api_key', 'The API key is not valid or was revoked.');
}

/** The secret in `Authorization: Bearer …` or `x-api-key`. Raises `missing_api_key`. */
export function secretOf(headers: KeyHeaders): string {
  const secret = secretIn(headers);
  if (secret !== null) return secret;
  throw failRequest(
    'missing_api_key',
    'An API key is needed: send it as "Authorization: Bearer sk-fw-…".',
  );
}

type KeyHeaders = Readonly<{
  authorization?: string | undefined;
  'x-api-key'?: string | string[] | undefined;
}>;

function secretIn(headers: KeyHeaders): string | null {
  const { authorization } = headers;
  if (authorization !== undefined && /^bearer /i.test(authorization)) {
    return authorization.slice('bearer '.length).trim();
  }
  const plain = headers['x-api-key'];
  return typeof plain === 'string' && plain !== '' ? plain.trim() : null;
}
