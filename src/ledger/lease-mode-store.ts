/** All SQL of the modes of leases. */
import { type Database, sql } from '#platform/database.ts';
import type { LeaseMode } from './lease.ts';

export async function selectMode(
  database: Database,
  tenantId: string,
): Promise<Readonly<{ mode: LeaseMode; isOwn: boolean }>> {
  const { rows } = await sql<{ own: LeaseMode | null; cloud: LeaseMode }>`
    select mode as cloud, (select mode from lease_modes where tenant_id = ${tenantId}) as own
    from lease_mode_of_cloud`.execute(database);
  const row = rows[0];
  return { mode: row?.own ?? row?.cloud ?? 'strict', isOwn: (row?.own ?? null) !== null };
}

export async function selectModeOfCloud(database: Database): Promise<LeaseMode> {
  const { rows } = await sql<{ mode: LeaseMode }>`
    select mode from lease_mode_of_cloud`.execute(database);
  return rows[0]?.mode ?? 'strict';
}

export async function updateModeOfCloud(database: Database, mode: LeaseMode): Promise<void> {
  await sql`update lease_mode_of_cloud set mode = ${mode}, changed_at = now()`.execute(database);
}

export async function upsertMode(
  database: Database,
  request: Readonly<{ tenantId: string; mode: LeaseMode }>,
): Promise<void> {
  await sql`insert into lease_modes (tenant_id, mode) values (${request.tenantId}, ${request.mode})
    on conflict (tenant_id) do update set mode = excluded.mode, changed_at = now()`.execute(
    database,
  );
}

export async function deleteMode(database: Database, tenantId: string): Promise<void> {
  await sql`delete from lease_modes where tenant_id = ${tenantId}`.execute(database);
}
