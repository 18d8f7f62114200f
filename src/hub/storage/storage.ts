/** What a tenant keeps in the hub, by repository, and how much it may. */
import { type Database, sql } from '#platform/database.ts';
import { failHub } from '../errors.ts';
import type { StorageUse } from './api.ts';
import { selectQuota, sumStored } from './quota.ts';

const REPOSITORIES_SHOWN = 20;

export interface Storage {
  /** Raises `storage.tenant_unknown`. */
  use(tenantId: string): Promise<StorageUse>;
  /** Null: as much as all others may. What is there already stays. Raises `storage.tenant_unknown`. */
  setQuota(tenantId: string, bytesMax: number | null): Promise<StorageUse>;
}

export function createStorage({ database }: Readonly<{ database: Database }>): Storage {
  const use = async (tenantId: string): Promise<StorageUse> => {
    await requireTenant(database, tenantId);
    const [quota, stored, repositories] = await Promise.all([
      selectQuota(database, tenantId),
      sumStored(database, tenantId),
      selectLargest(database, tenantId),
    ]);
    return {
      tenantId,
      bytesMax: quota.bytesMax,
      isDefault: quota.isDefault,
      bytes: stored.bytes,
      waitingBytes: stored.waitingBytes,
      repositories: [...repositories],
    };
  };
  return {
    use,
    setQuota: async (tenantId, bytesMax) => {
      await requireTenant(database, tenantId);
      if (bytesMax === null) {
        await sql`delete from storage_quotas where tenant_id = ${tenantId}`.execute(database);
      } else {
        await sql`
          insert into storage_quotas (tenant_id, bytes_max) values (${tenantId}, ${bytesMax})
          on conflict (tenant_id) do update set bytes_max = excluded.bytes_max, set_at = now()`.execute(
          database,
        );
      }
      return use(tenantId);
    },
  };
}

async function requireTenant(database: Database, tenantId: string): Promise<void> {
  const { rows } = await sql`select 1 from tenants where id = ${tenantId}`.execute(database);
  if (rows.length === 0) throw failHub('storage.tenant_unknown', 'There is no such tenant.');
}

/** A file that lies in two repositories counts in both, and once in the sum. */
async function selectLargest(
  database: Database,
  tenantId: string,
): Promise<StorageUse['repositories']> {
  const { rows } = await sql<StorageUse['repositories'][number]>`
    select m.kind, m.owner || '/' || m.name as name, sum(f.size_bytes)::bigint as bytes
    from (select distinct model_id, blob_sha256, size_bytes from files
      where tenant_id = ${tenantId}) as f
    join models m on m.tenant_id = ${tenantId} and m.id = f.model_id
    group by m.id, m.kind, m.owner, m.name order by bytes desc, name
    limit ${REPOSITORIES_SHOWN}`.execute(database);
  return rows;
}
