/** SQL over uploads: which bytes a tenant has sent. */
import { type Database, sql } from '#platform/database.ts';

type Sent = Readonly<{ sha256: string; sizeBytes: number }>;

export async function insertUploads(
  tx: Database,
  tenantId: string,
  files: readonly Sent[],
  expiresAt: Date,
): Promise<void> {
  const distinct = [...new Map(files.map((file) => [file.sha256, file])).values()];
  await sql`
    insert into uploads (tenant_id, sha256, size_bytes, expires_at)
    select ${tenantId}, decode(sha256, 'hex'), size_bytes, ${expiresAt}
    from unnest(${distinct.map(({ sha256 }) => sha256)}::text[],
      ${distinct.map(({ sizeBytes }) => sizeBytes)}::bigint[]) as u (sha256, size_bytes)
    on conflict (tenant_id, sha256) do update set expires_at = excluded.expires_at`.execute(tx);
}

/** Forgets what expired, and says which bytes that were. */
export async function deleteExpiredUploads(
  database: Database,
  now: Date,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ sha256: string }>`
    delete from uploads where (tenant_id, sha256) in (
      select tenant_id, sha256 from uploads where expires_at < ${now} limit ${limit})
    returning encode(sha256, 'hex') as sha256`.execute(database);
  return rows.map(({ sha256 }) => sha256);
}
