/** SQL of sealed secrets. Every statement names the tenant, but for the turn of the master key. */
import { type Database, sql } from '#platform/database.ts';
import type { SealedSecret, SecretOwner } from './envelope.ts';

export type SealedRow = SealedSecret & SecretOwner;

const columns = sql`tenant_id as "tenantId", id, master_key_id as "masterKeyId",
  wrapped_key as "wrappedKey", ciphertext`;

export async function upsertSealed(tx: Database, row: SealedRow): Promise<void> {
  await sql`
    insert into sealed_secrets (tenant_id, id, master_key_id, wrapped_key, ciphertext)
    values (${row.tenantId}, ${row.id}, ${row.masterKeyId}, ${row.wrappedKey}, ${row.ciphertext})
    on conflict (tenant_id, id) do update set master_key_id = excluded.master_key_id,
      wrapped_key = excluded.wrapped_key, ciphertext = excluded.ciphertext`.execute(tx);
}

export async function selectSealed(
  database: Database,
  owner: SecretOwner,
): Promise<SealedRow | null> {
  const { rows } = await sql<SealedRow>`select ${columns} from sealed_secrets
    where tenant_id = ${owner.tenantId} and id = ${owner.id}`.execute(database);
  return rows[0] ?? null;
}

export async function deleteSealed(tx: Database, owner: SecretOwner): Promise<void> {
  await sql`delete from sealed_secrets
    where tenant_id = ${owner.tenantId} and id = ${owner.id}`.execute(tx);
}

/** Of every tenant. */
export async function lockAllSealedByOthers(
  tx: Database,
  query: Readonly<{ masterKeyId: string; limit: number }>,
): Promise<readonly SealedRow[]> {
  const { rows } = await sql<SealedRow>`select ${columns} from sealed_secrets
    where master_key_id <> ${query.masterKeyId}
    order by tenant_id, id limit ${query.limit} for update`.execute(tx);
  return rows;
}
