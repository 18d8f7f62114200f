/**
 * Something that a key made and that goes on when its caller is gone (a batch) acts as that key by a secret
 * of its own. Each control that takes it over makes a new one and keeps it in memory; here is only its
 * hash. It ends with the key: what was revoked acts for nobody. A playground key's hour ends no batch.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import { type Database, sql } from '#platform/database.ts';
import type { Role } from './api.ts';
import { createKey } from './key.ts';

export type NewDelegation = Readonly<{
  /** What acts: the id of a batch. */
  subject: string;
  tenantId: string;
  keyId: string;
  expiresAtMs: number;
}>;

export type DelegatedKey = Readonly<{
  id: string;
  tenantId: string;
  projectId: string;
  currency: string;
  models: readonly string[] | null;
  role: Role;
  expiresAt: Date;
}>;

export type Delegations = Readonly<{
  /** A secret for the gateway; the one before it of the same subject is no longer good. */
  delegate: (delegation: NewDelegation) => Promise<string>;
  endDelegation: (subject: string) => Promise<void>;
  /** Whatever the tenant: the hash says whose it is. */
  findDelegated: (secretSha256: string) => Promise<DelegatedKey | null>;
}>;

export function createDelegations(
  deps: Readonly<{ database: Database; clock: Clock }>,
): Delegations {
  const { database, clock } = deps;
  return {
    delegate: async ({ subject, tenantId, keyId, expiresAtMs }) => {
      const { secret } = createKey('api');
      const sha256 = createHash('sha256').update(secret).digest();
      await sql`
        insert into key_delegations (subject, secret_sha256, key_id, expires_at)
        select ${subject}, ${sha256}, id, ${new Date(expiresAtMs)}::timestamptz from keys
        where tenant_id = ${tenantId} and id = ${keyId}
        on conflict (subject) do update
          set secret_sha256 = excluded.secret_sha256, expires_at = excluded.expires_at`.execute(
        database,
      );
      return secret;
    },
    endDelegation: async (subject) => {
      await sql`delete from key_delegations where subject = ${subject}`.execute(database);
    },
    findDelegated: async (secretSha256) => {
      const now = new Date(clock.nowMs());
      const { rows } = await sql<DelegatedKey>`
        select k.id, k.tenant_id as "tenantId", k.project_id as "projectId", k.models, k.role,
          d.expires_at as "expiresAt", t.currency
        from key_delegations d join keys k on k.id = d.key_id join tenants t on t.id = k.tenant_id
        where d.secret_sha256 = ${Buffer.from(secretSha256, 'hex')} and d.expires_at > ${now}
          and k.revoked_at is null
          and (k.kind = 'playground' or k.expires_at is null or k.expires_at > ${now})`.execute(
        database,
      );
      return rows[0] ?? null;
    },
  };
}
