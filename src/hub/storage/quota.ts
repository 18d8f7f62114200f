/**
 * What a tenant may keep: every different file of its repositories and of what it has uploaded, counted once
 * however often it lies in revisions. Asked before bytes are taken, and held for good where they become part of a
 * repository: commits of one tenant count one after the other there, so no race gets past it.
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
  const [{ bytesMax }, { bytes, waitingBytes }] = await Promise.all([
    selectQuota(database, tenantId),
    sumStored(database, tenantId),
  ]);
  const taken = bytes + waitingBytes;
  if (taken + newBytes > bytesMax) throw full(newBytes, taken, bytesMax);
}

/** Once files are part of a repository, in that transaction. Raises `storage.quota_exceeded`, which undoes it. */
export async function requireWithinQuota(tx: Database, tenantId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`storage:${tenantId}`}, 0))`.execute(
    tx,
  );
  const { bytesMax } = await selectQuota(tx, tenantId);
  const { bytes } = await sumStored(tx, tenantId);
  if (bytes > bytesMax) throw full(0, bytes, bytesMax);
}

function full(newBytes: number, takenBytes: number, bytesMax: number): Error {
  const asked =
    newBytes === 0
      ? `With this your repositories would keep ${takenBytes} bytes; they may keep ${bytesMax}.`
      : `This needs ${newBytes} bytes more; ${takenBytes} of your ${bytesMax} are taken.`;
  return failHub('storage.quota_exceeded', asked);
}
