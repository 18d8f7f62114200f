/**
 * What a tenant may keep: every different file of its repositories and of what it has uploaded, counted once
 * however often it lies in revisions. Asked before bytes are taken, and held for good where they become part of a
 * repository: commits of one tenant count one after the other there, so no race gets past it. What is kept is known as "at
 * most" and counted exactly only where that is beyond the quota.
 */
import { type Database, sql } from '#platform/database.ts';
import { failHub } from '../errors.ts';

/** For whom the operator said nothing. */
export const TENANT_BYTES_MAX = 16 * 1024 ** 4;

export async function selectQuota(
  database: Database,
  tenantId: string,
): Promise<Readonly<{ bytesMax: number; isDefault: boolean }>> {
  const { rows } = await sql<{ bytesMax: number }>`
    select bytes_max as "bytesMax" from storage_quotas where tenant_id = ${tenantId}`.execute(
    database,
  );
  const [own] = rows;
  return { bytesMax: own?.bytesMax ?? TENANT_BYTES_MAX, isDefault: own === undefined };
}

/** Of repositories, and of uploads that are in none yet. */
export async function sumStored(
  database: Database,
  tenantId: string,
): Promise<Readonly<{ bytes: number; waitingBytes: number }>> {
  const { rows } = await sql<{ bytes: number; waitingBytes: number }>`
    with kept as (select distinct blob_sha256, size_bytes from files where tenant_id = ${tenantId}),
    waiting as (select sha256, size_bytes from uploads u where tenant_id = ${tenantId}
      and not exists (select 1 from kept k where k.blob_sha256 = u.sha256))
    select coalesce((select sum(size_bytes) from kept), 0)::bigint as bytes,
      coalesce((select sum(size_bytes) from waiting), 0)::bigint as "waitingBytes"`.execute(
    database,
  );
  return rows[0] ?? { bytes: 0, waitingBytes: 0 };
}

/** Before bytes are taken. Raises `storage.quota_exceeded`. */
export async function requireRoom(
  database: Database,
  tenantId: string,
  newBytes: number,
): Promise<void> {
  if (newBytes === 0) return;
  const { bytesMax } = await selectQuota(database, tenantId);
  const known = await selectAtMost(database, tenantId);
  if (known !== null && known + newBytes <= bytesMax) return;
  const { bytes, waitingBytes } = await sumStored(database, tenantId);
  const taken = bytes + waitingBytes;
  if (taken + newBytes > bytesMax) throw full(newBytes, taken, bytesMax);
}

/**
 * Once files are part of a repository, in that transaction, with the bytes that were put. The row is locked until it ends: commits
 * of one tenant count one after the other. Raises `storage.quota_exceeded`, which undoes it.
 */
export async function requireWithinQuota(
  tx: Database,
  tenantId: string,
  putBytes: number,
): Promise<void> {
  const { bytesMax } = await selectQuota(tx, tenantId);
  const { rows } = await sql<{ atMost: number }>`
    insert into storage_sums (tenant_id, bytes_at_most) values (${tenantId},
      (select coalesce(sum(size_bytes), 0) from (
        select distinct blob_sha256, size_bytes from files
        where tenant_id = ${tenantId} and not exists (
          select 1 from storage_sums where tenant_id = ${tenantId})) as kept))
    on conflict (tenant_id) do update
      set bytes_at_most = storage_sums.bytes_at_most + ${putBytes}::bigint
    returning bytes_at_most as "atMost"`.execute(tx);
  if ((rows[0]?.atMost ?? Infinity) <= bytesMax) return;
  const { bytes } = await sumStored(tx, tenantId);
  if (bytes > bytesMax) throw full(0, bytes, bytesMax);
  await sql`
    update storage_sums set bytes_at_most = ${bytes} where tenant_id = ${tenantId}`.execute(tx);
}

/** With what waits, which is little; null where nothing was committed yet. */
async function selectAtMost(database: Database, tenantId: string): Promise<number | null> {
  const { rows } = await sql<{ atMost: number }>`
    select s.bytes_at_most + (select coalesce(sum(size_bytes), 0) from uploads
        where tenant_id = ${tenantId})::bigint as "atMost"
    from storage_sums s where s.tenant_id = ${tenantId}`.execute(database);
  return rows[0]?.atMost ?? null;
}

function full(newBytes: number, takenBytes: number, bytesMax: number): Error {
  const asked =
    newBytes === 0
      ? `With this your repositories would keep ${takenBytes} bytes; they may keep ${bytesMax}.`
      : `This needs ${newBytes} bytes more; ${takenBytes} of your ${bytesMax} are taken.`;
  return failHub('storage.quota_exceeded', asked);
}
