/** SQL of providers: who they are, their sealed keys, and how their last test ended. */
import { type Database, sql } from '#platform/database.ts';
import type { ProviderDialect } from './api.ts';
import type { SealedSecret } from '#vault/envelope.ts';

/** Without its key, which only `selectSealed` reads. */
export type ProviderRow = Readonly<{
  tenantId: string;
  id: string;
  name: string;
  dialect: ProviderDialect;
  baseUrl: string;
  allowsPrivate: boolean;
  parallel: number;
  timeoutMs: number;
  isEnabled: boolean;
  keyHint: string;
  keyVersion: number;
  testedAt: Date | null;
  testResult: string | null;
  createdAt: Date;
}>;

export type ProviderKey = Readonly<{ tenantId: string; id: string }>;

const columns = sql`tenant_id as "tenantId", id, name, dialect, base_url as "baseUrl",
  allows_private as "allowsPrivate", parallel, timeout_ms as "timeoutMs",
  is_enabled as "isEnabled", key_hint as "keyHint", key_version as "keyVersion",
  tested_at as "testedAt", test_result as "testResult", created_at as "createdAt"`;

export async function insertProvider(
  database: Database,
  provider: ProviderRow & Readonly<{ sealed: SealedSecret }>,
): Promise<void> {
  const { sealed } = provider;
  await sql`insert into providers (tenant_id, id, name, dialect, base_url, allows_private, parallel,
      timeout_ms, is_enabled, key_hint, key_ciphertext, key_wrapped, master_key_id, created_at)
    values (${provider.tenantId}, ${provider.id}, ${provider.name}, ${provider.dialect},
      ${provider.baseUrl}, ${provider.allowsPrivate}, ${provider.parallel}, ${provider.timeoutMs},
      ${provider.isEnabled}, ${provider.keyHint}, ${sealed.ciphertext}, ${sealed.wrappedKey},
      ${sealed.masterKeyId}, ${provider.createdAt})`.execute(database);
}

export async function selectProviders(
  database: Database,
  query: Readonly<{ tenantId: string; afterId: string; limit: number }>,
): Promise<readonly ProviderRow[]> {
  const { rows } = await sql<ProviderRow>`
    select ${columns} from providers
    where tenant_id = ${query.tenantId} and id > ${query.afterId} and removed_at is null
    order by id limit ${query.limit}`.execute(database);
  return rows;
}

export async function selectProvider(
  database: Database,
  { tenantId, id }: ProviderKey,
): Promise<ProviderRow | null> {
  const { rows } = await sql<ProviderRow>`
    select ${columns} from providers
    where tenant_id = ${tenantId} and id = ${id} and removed_at is null`.execute(database);
  return rows[0] ?? null;
}

/** Of every tenant, for the feed. */
export async function selectServingProviders(database: Database): Promise<readonly ProviderRow[]> {
  const { rows } = await sql<ProviderRow>`
    select ${columns} from providers where removed_at is null and is_enabled order by id`.execute(
    database,
  );
  return rows;
}

export async function countProviders(database: Database, tenantId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from providers
    where tenant_id = ${tenantId} and removed_at is null`.execute(database);
  return rows[0]?.count ?? 0;
}

export type ProviderChange = Readonly<
  Pick<ProviderRow, 'name' | 'baseUrl' | 'allowsPrivate' | 'parallel' | 'timeoutMs' | 'isEnabled'>
>;

export async function updateProvider(
  database: Database,
  { tenantId, id }: ProviderKey,
  change: ProviderChange,
): Promise<void> {
  await sql`update providers set name = ${change.name}, base_url = ${change.baseUrl},
      allows_private = ${change.allowsPrivate}, parallel = ${change.parallel},
      timeout_ms = ${change.timeoutMs}, is_enabled = ${change.isEnabled}
    where tenant_id = ${tenantId} and id = ${id} and removed_at is null`.execute(database);
}

export async function updateKey(
  database: Database,
  { tenantId, id }: ProviderKey,
  key: Readonly<{ keyHint: string; sealed: SealedSecret }>,
): Promise<void> {
  const { sealed } = key;
  await sql`update providers set key_hint = ${key.keyHint}, key_version = key_version + 1,
      key_ciphertext = ${sealed.ciphertext}, key_wrapped = ${sealed.wrappedKey},
      master_key_id = ${sealed.masterKeyId}, tested_at = null, test_result = null
    where tenant_id = ${tenantId} and id = ${id} and removed_at is null`.execute(database);
}

export async function updateTest(
  database: Database,
  { tenantId, id }: ProviderKey,
  test: Readonly<{ at: Date; result: string }>,
): Promise<void> {
  await sql`update providers set tested_at = ${test.at}, test_result = ${test.result}
    where tenant_id = ${tenantId} and id = ${id}`.execute(database);
}

/** The row stays for the usage that names it; the key goes. False when there was none. */
export async function removeProvider(
  database: Database,
  { tenantId, id }: ProviderKey,
  at: Date,
): Promise<boolean> {
  const { numAffectedRows } = await sql`update providers
    set removed_at = ${at}, key_ciphertext = ''::bytea, key_wrapped = ''::bytea, key_hint = ''
    where tenant_id = ${tenantId} and id = ${id} and removed_at is null`.execute(database);
  return (numAffectedRows ?? 0n) > 0n;
}

export type SealedRow = ProviderKey & Readonly<{ keyVersion: number }> & SealedSecret;

const sealedColumns = sql`tenant_id as "tenantId", id, key_version as "keyVersion",
  key_ciphertext as ciphertext, key_wrapped as "wrappedKey", master_key_id as "masterKeyId"`;

/** By id alone: gateways know no tenants. */
export async function selectSealed(database: Database, id: string): Promise<SealedRow | null> {
  const { rows } = await sql<SealedRow>`
    select ${sealedColumns} from providers where id = ${id} and removed_at is null`.execute(
    database,
  );
  return rows[0] ?? null;
}

/** Locked until the transaction ends: what is sealed by another master key than this one. */
export async function lockSealedByOthers(
  tx: Database,
  query: Readonly<{ masterKeyId: string; limit: number }>,
): Promise<readonly SealedRow[]> {
  const { rows } = await sql<SealedRow>`
    select ${sealedColumns} from providers
    where master_key_id <> ${query.masterKeyId} and removed_at is null
    order by id limit ${query.limit} for update`.execute(tx);
  return rows;
}

export async function updateWrapping(tx: Database, row: SealedRow): Promise<void> {
  await sql`update providers set key_wrapped = ${row.wrappedKey}, master_key_id = ${row.masterKeyId}
    where tenant_id = ${row.tenantId} and id = ${row.id}`.execute(tx);
}
