/**
 * What tenants, projects and keys may use at most: calls, tokens and requests at the same time, money a
 * day and a month, models, regions and networks. Owns the limits that are set, the shares of them that
 * gateways hold, and a fold of what was spent. Promises that shares of a limit never add up to more
 * than it, and that every change reaches gateways by the feed. What callers hear, and who may call at
 * this moment, is decided by gateways on their shares (see ../gateway/limits).
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Principal } from '#tenancy/principal.ts';
import type { Level, Limit, LimitSet } from './api.ts';
import { type Scope, type StoredLimit, parseDefinition } from './definition.ts';
import { fail } from './errors.ts';
import { presentLimits } from './present.ts';
import { type ScopeNames, chooseScope, mayRead } from './scope.ts';
import { type Shares, createShares } from './shares.ts';
import { type Spending, createSpending } from './spending.ts';
import {
  bumpVersion,
  countLimits,
  deleteLimit,
  selectAllVersionsSince,
  selectLimits,
  selectLimitsOf,
  selectVersion,
  upsertLimit,
} from './store.ts';

export type LimitsParts = Readonly<{ database: Database; clock: Clock; names: ScopeNames }>;

/** Everything that limits one key, the operator's ceiling first. */
export type Policy = Readonly<{ version: number; limits: readonly StoredLimit[] }>;

export type Limits = Readonly<{
  /** Raises `limit.scope_unknown` and, where the tenant is another's, `limit.not_yours`. */
  list: (principal: Principal, tenantId: string | undefined) => Promise<readonly Limit[]>;
  /** Raises `limit.not_yours`, `limit.scope_unknown` and what `parseDefinition` raises. */
  set: (principal: Principal, address: LevelAddress, set: LimitSet) => Promise<Limit>;
  /** Raises `limit.not_yours`, `limit.scope_unknown` and `limit.unknown`. */
  remove: (principal: Principal, address: LevelAddress) => Promise<void>;
  /** For gateways. */
  policyOf: (
    key: Readonly<{ tenantId: string; projectId: string; keyId: string }>,
  ) => Promise<Policy>;
  /** Tenants whose limits changed in the last day, for the feed. */
  listChanges: () => Promise<readonly Readonly<{ tenantId: string; version: number }>[]>;
  shares: Shares;
  spending: Spending;
}>;

export type LevelAddress = Readonly<{ level: Level; scopeId: string }>;

/** As many as a tenant may have keys in use, and a list that one answer carries. */
const LIMITS_PER_TENANT_MAX = 2_000;
/** A gateway that was away longer asks for everything anew. */
const CHANGES_MEMORY_MS = 24 * 60 * 60_000;

export function createLimits({ database, clock, names }: LimitsParts): Limits {
  const now = (): Date => new Date(clock.nowMs());
  const read = async (principal: Principal, tenantId: string): Promise<readonly Limit[]> => {
    const stored = await selectLimits(database, { tenantId, limit: LIMITS_PER_TENANT_MAX });
    const seen: StoredLimit[] = [];
    for (const limit of stored) if (await mayRead(names, principal, limit)) seen.push(limit);
    return presentLimits({ database, names, nowMs: clock.nowMs() }, tenantId, seen);
  };
  return {
    list: async (principal, asked) => {
      const tenantId = asked ?? principal.tenantId;
      if (tenantId !== principal.tenantId && principal.tenantKind !== 'operator') {
        throw fail('limit.scope_unknown', 'There is no such tenant.', { param: 'tenantId' });
      }
      return read(principal, tenantId);
    },
    set: async (principal, address, set) => {
      const scope = await chooseScope(names, principal, address);
      const definition = parseDefinition(scope.level, set);
      await transaction(database, async (tx) => {
        await bumpVersion(tx, { tenantId: scope.tenantId, now: now() });
        await requireRoom(tx, scope);
        await upsertLimit(tx, { ...scope, ...definition, updatedAt: now() });
      });
      const { tenantId } = scope;
      const stored = await selectLimitsOf(database, { tenantId, scopeIds: [scope.scopeId] });
      const own = stored.filter(({ level }) => level === scope.level);
      const [limit] = await presentLimits({ database, names, nowMs: clock.nowMs() }, tenantId, own);
      if (limit === undefined) throw fail('limit.unknown', 'The limit was removed meanwhile.');
      return limit;
    },
    remove: async (principal, address) => {
      const scope = await chooseScope(names, principal, address);
      const wasThere = await transaction(database, async (tx) => {
        await bumpVersion(tx, { tenantId: scope.tenantId, now: now() });
        return deleteLimit(tx, scope);
      });
      if (!wasThere) throw fail('limit.unknown', `Nothing limits ${scope.scopeId} at this level.`);
    },
    policyOf: async ({ tenantId, projectId, keyId }) => {
      // The version first: a change between the two is then asked for once more, and never missed.
      const version = await selectVersion(database, tenantId);
      const scopeIds = [tenantId, projectId, keyId];
      return { version, limits: await selectLimitsOf(database, { tenantId, scopeIds }) };
    },
    listChanges: () =>
      selectAllVersionsSince(database, new Date(clock.nowMs() - CHANGES_MEMORY_MS)),
    shares: createShares({ database, clock }),
    spending: createSpending(),
  };
}

/** Under the lock that the version's row is: two that set the last one cannot both find room. */
async function requireRoom(tx: Database, scope: Scope): Promise<void> {
  if ((await countLimits(tx, scope.tenantId)) < LIMITS_PER_TENANT_MAX) return;
  throw fail('limit.too_many', `A tenant has at most ${LIMITS_PER_TENANT_MAX} limits.`);
}
