/** SQL over gated repositories: who asked for the files, and what was said. */
import { type Database, sql } from '#platform/database.ts';
import type { RepositoryKey } from './repository-store.ts';

export type AccessState = 'pending' | 'accepted' | 'rejected';

export type AccessRequest = Readonly<{
  tenantId: string;
  /** The asker's namespace. */
  name: string;
  state: AccessState;
  askedAt: Date;
}>;

/** What was said before stays said: asking again is no way round a refusal. */
export async function insertRequest(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  asker: Readonly<{ tenantId: string; name: string; state: AccessState }>,
): Promise<AccessState> {
  const { rows } = await sql<{ state: AccessState }>`
    insert into access_requests (tenant_id, model_id, asker_tenant_id, asker_name, state)
    values (${tenantId}, ${modelId}, ${asker.tenantId}, ${asker.name}, ${asker.state})
    on conflict (tenant_id, model_id, asker_tenant_id) do update set asker_name = excluded.asker_name
    returning state`.execute(database);
  return rows[0]?.state ?? asker.state;
}

export async function selectRequestState(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  askerTenantId: string,
): Promise<AccessState | null> {
  const { rows } = await sql<{ state: AccessState }>`
    select state from access_requests where tenant_id = ${tenantId} and model_id = ${modelId}
      and asker_tenant_id = ${askerTenantId}`.execute(database);
  return rows[0]?.state ?? null;
}

export async function selectRequests(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  state: AccessState,
  limit: number,
): Promise<readonly AccessRequest[]> {
  const { rows } = await sql<AccessRequest>`
    select asker_tenant_id as "tenantId", asker_name as name, state, asked_at as "askedAt"
    from access_requests
    where tenant_id = ${tenantId} and model_id = ${modelId} and state = ${state}
    order by asked_at, asker_tenant_id limit ${limit}`.execute(database);
  return rows;
}

/** By the asker's name or tenant id. False when it never asked. */
export async function updateRequest(
  database: Database,
  { tenantId, modelId }: RepositoryKey,
  asker: string,
  state: AccessState,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update access_requests set state = ${state}
    where tenant_id = ${tenantId} and model_id = ${modelId}
      and (asker_name = ${asker} or asker_tenant_id = ${asker})`.execute(database);
  return (numAffectedRows ?? 0n) > 0n;
}
