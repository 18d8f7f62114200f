/** All SQL of keys. Look-ups by hash cross tenants, because the hash is what says whose key it is. */
import { type Database, sql } from '#platform/database.ts';
import type { Role } from './api.ts';
import type { PageOf } from './store.ts';

export type KeyRow = Readonly<{
  id: string;
  tenantId: string;
  projectId: string;
  kind: 'api' | 'hub' | 'playground';
  name: string;
  hint: string;
  role: Role;
  models: readonly string[] | null;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
}>;

/** A key that may be used, with what its tenant is. */
export type UsableKey = KeyRow &
  Readonly<{
    tenantKind: 'operator' | 'partner' | 'customer';
    tenantState: 'active' | 'suspended';
    currency: string;
  }>;

export type NewKey = Omit<KeyRow, 'revokedAt'> &
  Readonly<{ sha256: Uint8Array; createdBy: string | null }>;

const keyColumns = sql`k.id, k.tenant_id as "tenantId", k.project_id as "projectId", k.kind, k.name,
  k.hint, k.role, k.models, k.created_at as "createdAt", k.expires_at as "expiresAt",
  k.revoked_at as "revokedAt"`;

export async function insertKey(tx: Database, key: NewKey): Promise<KeyRow> {
  const { rows } = await sql<KeyRow>`
    insert into keys as k (tenant_id, project_id, id, kind, name, hint, secret_sha256, role, models,
      created_by, created_at, expires_at)
    values (${key.tenantId}, ${key.projectId}, ${key.id}, ${key.kind}, ${key.name}, ${key.hint},
      ${key.sha256}, ${key.role}, ${key.models}::text[], ${key.createdBy}, ${key.createdAt},
      ${key.expiresAt})
    returning ${keyColumns}`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new Error('an insert that returns its row returned none');
  return row;
}

/** Keys that people made; those of the playground are ours. */
export async function listKeys(
  database: Database,
  tenantId: string,
  page: PageOf & Readonly<{ projectId: string | null }>,
): Promise<KeyRow[]> {
  const { rows } = await sql<KeyRow>`
    select ${keyColumns} from keys k
    where k.tenant_id = ${tenantId} and k.kind <> 'playground'
      and (${page.projectId}::text is null or k.project_id = ${page.projectId})
      and (${page.cursor}::text is null or k.id < ${page.cursor})
    order by k.id desc limit ${page.limit + 1}`.execute(database);
  return rows;
}

export async function findKey(
  database: Database,
  tenantId: string,
  id: string,
): Promise<KeyRow | null> {
  const { rows } = await sql<KeyRow>`
    select ${keyColumns} from keys k where k.tenant_id = ${tenantId} and k.id = ${id}`.execute(
    database,
  );
  return rows[0] ?? null;
}

/** Whatever the tenant; neither revoked nor expired. */
export async function findUsableKey(
  database: Database,
  sha256: Uint8Array,
  now: Date,
): Promise<UsableKey | null> {
  const { rows } = await sql<UsableKey>`
    select ${keyColumns}, t.kind as "tenantKind", t.state as "tenantState", t.currency
    from keys k join tenants t on t.id = k.tenant_id
    where k.secret_sha256 = ${sha256} and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > ${now})`.execute(database);
  return rows[0] ?? null;
}

/** Whatever the tenant; revoked and expired ones too. */
export async function findKeyByHash(
  database: Database,
  sha256: Uint8Array,
): Promise<KeyRow | null> {
  const { rows } = await sql<KeyRow>`
    select ${keyColumns} from keys k where k.secret_sha256 = ${sha256}`.execute(database);
  return rows[0] ?? null;
}

/** Keeps the first time when it is revoked again. */
export async function revokeKey(
  tx: Database,
  key: Readonly<{ tenantId: string; id: string; now: Date }>,
): Promise<void> {
  await sql`
    update keys set revoked_at = ${key.now}
    where tenant_id = ${key.tenantId} and id = ${key.id} and revoked_at is null`.execute(tx);
}

/** When a member leaves or gets another role, what the console calls with for them must not go on. */
export async function revokePlaygroundKeys(
  tx: Database,
  key: Readonly<{ tenantId: string; createdBy: string; now: Date }>,
): Promise<void> {
  await sql`
    update keys set revoked_at = ${key.now}
    where tenant_id = ${key.tenantId} and created_by = ${key.createdBy} and kind = 'playground'
      and revoked_at is null`.execute(tx);
}

export async function countUsableKeys(
  tx: Database,
  key: Readonly<{ tenantId: string; projectId: string; now: Date }>,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from keys
    where tenant_id = ${key.tenantId} and project_id = ${key.projectId} and revoked_at is null
      and (expires_at is null or expires_at > ${key.now})`.execute(tx);
  return rows[0]?.count ?? 0;
}

export async function deleteExpiredPlaygroundKeys(
  tx: Database,
  key: Readonly<{ tenantId: string; createdBy: string; before: Date }>,
): Promise<void> {
  await sql`
    delete from keys
    where tenant_id = ${key.tenantId} and created_by = ${key.createdBy} and kind = 'playground'
      and expires_at < ${key.before}`.execute(tx);
}

/** Whatever the tenant: gateways forget these. */
export async function listKeyIdsRevokedSince(database: Database, since: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from keys where revoked_at >= ${since} order by id`.execute(database);
  return rows.map(({ id }) => id);
}
