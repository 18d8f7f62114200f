/** All SQL of kept responses. Every statement names the tenant and the project. */
import { type Database, sql } from '#platform/database.ts';
import type { Owner } from './kept-response.ts';

export type ResponseRow = Readonly<{
  id: string;
  previousId: string | null;
  /** JSON. */
  input: string;
  response: string;
  bytes: number;
}>;

/** A gateway that lost our answer sends it again: the first stands. */
export async function insertResponse(
  database: Database,
  { tenantId, projectId }: Owner,
  row: ResponseRow & Readonly<{ createdAt: Date; expiresAt: Date }>,
): Promise<void> {
  await sql`
    insert into kept_responses (tenant_id, project_id, id, previous_id, input, response, bytes,
      created_at, expires_at)
    values (${tenantId}, ${projectId}, ${row.id}, ${row.previousId}, ${row.input}, ${row.response},
      ${row.bytes}, ${row.createdAt}, ${row.expiresAt})
    on conflict (tenant_id, project_id, id) do nothing`.execute(database);
}

/** The response and those before it, newest first; as many as fit the limits. */
export async function selectConversation(
  database: Database,
  { tenantId, projectId }: Owner,
  given: Readonly<{ id: string; turnsMax: number; bytesMax: number; now: Date }>,
): Promise<ResponseRow[]> {
  const { rows } = await sql<ResponseRow>`
    with recursive turns as (
      select k.*, 1 as turn, k.bytes::bigint as total from kept_responses k
      where k.tenant_id = ${tenantId} and k.project_id = ${projectId} and k.id = ${given.id}
        and k.expires_at > ${given.now}
      union all
      select k.*, t.turn + 1, t.total + k.bytes from kept_responses k
      join turns t on k.id = t.previous_id
      where k.tenant_id = ${tenantId} and k.project_id = ${projectId}
        and k.expires_at > ${given.now}
        and t.turn < ${given.turnsMax} and t.total + k.bytes <= ${given.bytesMax}
    )
    select id, previous_id as "previousId", input, response, bytes from turns order by turn
  `.execute(database);
  return rows;
}

export async function deleteResponse(
  database: Database,
  { tenantId, projectId }: Owner,
  id: string,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from kept_responses
    where tenant_id = ${tenantId} and project_id = ${projectId} and id = ${id}`.execute(database);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Those past their time, and the oldest of projects that keep more than they may. */
export async function deleteOld(
  database: Database,
  limits: Readonly<{ now: Date; countMax: number; bytesMax: number }>,
): Promise<number> {
  const { numAffectedRows: expired } = await sql`
    delete from kept_responses where expires_at <= ${limits.now}`.execute(database);
  const { numAffectedRows: crowded } = await sql`
    delete from kept_responses k using (
      select tenant_id, project_id, id,
        row_number() over newest as place, sum(bytes) over newest as total
      from kept_responses
      window newest as (partition by tenant_id, project_id order by created_at desc, id desc)
    ) o
    where k.tenant_id = o.tenant_id and k.project_id = o.project_id and k.id = o.id
      and (o.place > ${limits.countMax} or o.total > ${limits.bytesMax})`.execute(database);
  return Number((expired ?? 0n) + (crowded ?? 0n));
}
