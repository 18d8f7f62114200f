/** SQL of requests that were refused before a model was called. */
import type { RawBuilder } from 'kysely';
import { type Database, sql } from '#platform/database.ts';

export type RefusalRow = Readonly<{
  tenantId: string;
  projectId: string;
  keyId: string;
  requestId: string;
  modelName: string;
  status: number;
  errorCode: string;
  repeats: number;
  startedAtMs: number;
  endedAtMs: number;
}>;

/** Those of keys that there are; what came before stays as it was. */
export async function insertRefusals(
  database: Database,
  rows: readonly RefusalRow[],
): Promise<void> {
  await sql`
    insert into refused_requests (tenant_id, request_id, project_id, key_id, model_name, status,
      error_code, repeats, started_at, ended_at)
    select k.tenant_id, r."requestId", k.project_id, k.id, r."modelName", r.status, r."errorCode",
      r.repeats, to_timestamp(r."startedAtMs" / 1000), to_timestamp(r."endedAtMs" / 1000)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r ("tenantId" text, "keyId" text,
      "requestId" text, "modelName" text, status integer, "errorCode" text, repeats bigint,
      "startedAtMs" double precision, "endedAtMs" double precision)
    join keys k on k.tenant_id = r."tenantId" and k.id = r."keyId"
    on conflict do nothing`.execute(database);
}

/** With the columns of `usage_events`, so that one list shows both: no tokens, no money, attempt 0. */
export const refusedAsEvents: RawBuilder<unknown> = sql`(
  select tenant_id, request_id, 0 as attempt, project_id, key_id, model_name, 'refused' as outcome,
    status, 0::bigint as input_tokens, 0::bigint as cache_read_tokens,
    0::bigint as cache_write_tokens, 0::bigint as cache_write_1h_tokens, 0::bigint as output_tokens,
    0::bigint as reasoning_tokens, null::jsonb as units, null::jsonb as attributes,
    0::numeric as amount_pico,
    (select t.currency from tenants t where t.id = refused_requests.tenant_id) as currency,
    null::numeric as cost_pico,
    null::text as deployment_id, null::text as cache, null::bigint as queue_ms, error_code,
    null::bigint as entry_id, started_at as admitted_at, null::timestamptz as first_byte_at,
    ended_at as settled_at, repeats
  from refused_requests) refused`;

/** Of every tenant: what is older than that, and the oldest where a tenant has more than its share. */
export async function deleteOldRefusals(
  database: Database,
  keep: Readonly<{ since: Date; perTenant: number }>,
): Promise<void> {
  await sql`delete from refused_requests where ended_at < ${keep.since}`.execute(database);
  await sql`
    delete from refused_requests where (tenant_id, request_id) in (
      select tenant_id, request_id from (
        select tenant_id, request_id,
          row_number() over (partition by tenant_id order by ended_at desc, request_id desc) as place
        from refused_requests
      ) placed where place > ${keep.perTenant})`.execute(database);
}
