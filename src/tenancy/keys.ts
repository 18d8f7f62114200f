/**
 * Keys: made, listed, revoked, looked up. A key never has more than who made it: not a higher role,
 * and when a key makes a key, not more models and not a longer life. The secret is returned once;
 * only its hash is kept.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Key, KeyCreate, KeyCreated, PageQuery, PlaygroundKey, Role } from './api.ts';
import { keyCreateSchema } from './api.ts';
import type { Delegations } from './delegation.ts';
import { fail } from './errors.ts';
import {
  findKey,
  findKeyByHash,
  findUsableKey,
  insertKey,
  listKeyIdsRevokedSince,
  listKeys,
  revokeKey,
} from './key-store.ts';
import { chooseProject, requireGrant, requireRoom, requireWithinCreator } from './key-rules.ts';
import { createKey } from './key.ts';
import { type Page, pageOf, toPage } from './page.ts';
import { presentKey } from './present.ts';
import { createPlaygroundKey } from './playground-key.ts';
import { type Principal, requirePermission } from './principal.ts';

/** What a gateway must know of a key; it keeps this in memory until the feed says "revoked". */
export type KeyLookup = Readonly<{
  key: Readonly<{
    id: string;
    tenantId: string;
    projectId: string;
    /** In which its tenant is charged. */
    currency: string;
    /** Null means every model the tenant may call. */
    models: readonly string[] | null;
    expiresAtMs: number | null;
    role: Role;
    /** Set where something that the key made acts for it, on this side of the front door. */
    actsFor?: 'batch';
  }> | null;
}>;

/** A key that opens nothing any more. */
export type StoppedKey = Readonly<{
  stopped: 'revoked' | 'expired';
  id: string;
  tenantId: string;
  projectId: string;
}>;

export type Keys = Readonly<{
  list: (principal: Principal, query: PageQuery) => Promise<Page<Key>>;
  create: (principal: Principal, input: KeyCreate) => Promise<KeyCreated>;
  revoke: (principal: Principal, id: string) => Promise<void>;
  createPlaygroundKey: (principal: Principal) => Promise<PlaygroundKey>;
  lookup: (secretSha256: string) => Promise<KeyLookup>;
  /** Whose a key was that `lookup` does not find; null where there never was such a key. */
  findStopped: (secretSha256: string) => Promise<StoppedKey | null>;
  listRevokedIds: () => Promise<string[]>;
}>;

/** A gateway that was away longer than this starts from nothing anyway. */
const REVOKED_MEMORY_MS = 24 * 60 * 60_000;

async function lookUp(
  deps: Readonly<{
    database: Database;
    delegations: Pick<Delegations, 'findDelegated'>;
    now: Date;
  }>,
  secretSha256: string,
): Promise<KeyLookup> {
  const { database, delegations, now } = deps;
  const key = await findUsableKey(database, Buffer.from(secretSha256, 'hex'), now);
  const found = key ?? (await delegations.findDelegated(secretSha256));
  if (found === null) return { key: null };
  const { id, tenantId, projectId, currency, models, role } = found;
  const expiresAtMs = found.expiresAt?.getTime() ?? null;
  const identity = { id, tenantId, projectId, currency, models, expiresAtMs, role };
  return { key: key === null ? { ...identity, actsFor: 'batch' } : identity };
}

async function findStopped(database: Database, secretSha256: string): Promise<StoppedKey | null> {
  const row = await findKeyByHash(database, Buffer.from(secretSha256, 'hex'));
  if (row === null) return null;
  const { id, tenantId, projectId, revokedAt } = row;
  return { stopped: revokedAt === null ? 'expired' : 'revoked', id, tenantId, projectId };
}

export function createKeys({
  database,
  clock,
  delegations,
}: {
  database: Database;
  clock: Clock;
  delegations: Pick<Delegations, 'findDelegated'>;
}): Keys {
  const now = (): Date => new Date(clock.nowMs());

  return {
    list: async (principal, query) => {
      requirePermission(principal, 'key.read');
      const page = { ...pageOf(query), projectId: principal.projectId };
      return toPage(await listKeys(database, principal.tenantId, page), query.limit, presentKey);
    },

    create: async (principal, input) => {
      requirePermission(principal, 'key.write');
      const wish = keyCreateSchema.parse(input);
      const expiresAt = wish.expiresAt === null ? null : new Date(wish.expiresAt);
      requireGrant(principal, wish.role);
      if (expiresAt !== null && expiresAt <= now()) {
        throw fail('key.expiry_past', 'A key must expire in the future.', { param: 'expiresAt' });
      }
      await requireWithinCreator(database, principal, { models: wish.models, expiresAt });
      const projectId = await chooseProject(database, principal, wish.projectId);
      const { secret, sha256, hint } = createKey(wish.kind);
      const { tenantId, userId } = principal;
      const createdAt = now();
      const row = await transaction(database, async (tx) => {
        await requireRoom(tx, { tenantId, projectId, now: createdAt });
        return insertKey(tx, {
          id: createId('key', clock.nowMs()),
          tenantId,
          projectId,
          kind: wish.kind,
          name: wish.name,
          hint,
          sha256,
          role: wish.role,
          models: wish.models,
          createdBy: userId,
          createdAt,
          expiresAt,
        });
      });
      return { ...presentKey(row), secret };
    },

    revoke: async (principal, id) => {
      requirePermission(principal, 'key.write');
      const key = await findKey(database, principal.tenantId, id);
      const isVisible = principal.projectId === null || key?.projectId === principal.projectId;
      if (key === null || !isVisible) throw fail('key.unknown', `There is no key ${id}.`);
      requireGrant(principal, key.role);
      await revokeKey(database, { tenantId: principal.tenantId, id, now: now() });
    },

    createPlaygroundKey: (principal) => createPlaygroundKey({ database, clock }, principal),

    lookup: (secretSha256) => lookUp({ database, delegations, now: now() }, secretSha256),

    findStopped: (secretSha256) => findStopped(database, secretSha256),

    listRevokedIds: () =>
      listKeyIdsRevokedSince(database, new Date(clock.nowMs() - REVOKED_MEMORY_MS)),
  };
}
