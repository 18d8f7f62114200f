/** All SQL of tasks. */
import { type Database, sql } from '#platform/database.ts';
import type { NewTask, TakenTask, Task, TaskState } from './task.ts';

type TaskRow = Readonly<{
  id: string;
  tenantId: string;
  keyId: string;
  modelName: string;
  state: TaskState;
  submittedAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  status: number | null;
  answer: string | null;
}>;

const columns = sql`id, tenant_id as "tenantId", key_id as "keyId", model_name as "modelName", state,
  submitted_at as "submittedAt", started_at as "startedAt", ended_at as "endedAt", status, answer`;
/** A list is no place for results of megabytes. */
const listedColumns = sql`id, tenant_id as "tenantId", key_id as "keyId", model_name as "modelName",
  state, submitted_at as "submittedAt", started_at as "startedAt", ended_at as "endedAt", status,
  null::text as answer`;

export type TaskFilter = Readonly<{
  tenantId: string;
  state: TaskState | null;
  modelName: string | null;
  keyId: string | null;
  from: Date;
  to: Date;
}>;

/** False when the tenant has as much waiting or kept as it may. */
export async function insertTask(
  database: Database,
  task: NewTask & Readonly<{ id: string; now: Date }>,
  max: Readonly<{ pending: number; tasks: number; storedBytes: number }>,
): Promise<boolean> {
  const { rows } = await sql`
    insert into tasks (tenant_id, id, project_id, key_id, key_sha256, model_name, path, body, state,
      submitted_at, not_before)
    select ${task.tenantId}, ${task.id}, ${task.projectId}, ${task.keyId}, ${task.keySha256},
      ${task.modelName}, ${task.path}, ${task.body}, 'pending', ${task.now}, ${task.now}
    where (
      select count(*) filter (where state = 'pending') < ${max.pending} and count(*) < ${max.tasks}
        and coalesce(sum(octet_length(coalesce(body, '')) + octet_length(coalesce(answer, ''))), 0)
          < ${max.storedBytes}
      from tasks where tenant_id = ${task.tenantId}
    )
    returning id`.execute(database);
  return rows.length === 1;
}

export async function selectTask(
  database: Database,
  tenantId: string,
  id: string,
): Promise<Task | null> {
  const { rows } = await sql<TaskRow>`
    select ${columns} from tasks where tenant_id = ${tenantId} and id = ${id}`.execute(database);
  const [row] = rows;
  return row === undefined ? null : toTask(row);
}

export async function listTasks(
  database: Database,
  filter: TaskFilter,
  page: Readonly<{ offset: number; limit: number }>,
): Promise<Readonly<{ tasks: Task[]; total: number }>> {
  const matches = sql`tenant_id = ${filter.tenantId}
    and submitted_at >= ${filter.from} and submitted_at <= ${filter.to}
    and (${filter.state}::text is null or state = ${filter.state})
    and (${filter.modelName}::text is null or model_name = ${filter.modelName})
    and (${filter.keyId}::text is null or key_id = ${filter.keyId})`;
  const { rows } = await sql<TaskRow>`
    select ${listedColumns} from tasks where ${matches}
    order by submitted_at desc, id desc offset ${page.offset} limit ${page.limit}`.execute(
    database,
  );
  const counted = await sql<{ total: number }>`
    select count(*) as total from tasks where ${matches}`.execute(database);
  return { tasks: rows.map(toTask), total: counted.rows[0]?.total ?? 0 };
}

/**
 * Gives waiting tasks to a gateway. Tenants take turns: the turn of a task is its place in its tenant's
 * line behind what runs for that tenant already, so that a flood of one delays no other. Two gateways
 * that ask at once may choose the same rows; the second finds them running and gets fewer.
 */
export async function takeTasks(
  database: Database,
  request: Readonly<{ gatewayId: string; limit: number; now: Date; leasedUntil: Date }>,
): Promise<TakenTask[]> {
  const { rows } = await sql<TakenTask>`
    with running as (
      select tenant_id, count(*) as count from tasks where state = 'running' group by tenant_id
    ), waiting as (
      select t.tenant_id, t.id, t.submitted_at, coalesce(r.count, 0)
        + row_number() over (partition by t.tenant_id order by t.submitted_at, t.id) as turn
      from tasks t left join running r on r.tenant_id = t.tenant_id
      where t.state = 'pending' and t.not_before <= ${request.now}
    ), chosen as (
      select tenant_id, id from waiting order by turn, submitted_at, id limit ${request.limit}
    )
    update tasks t set state = 'running', gateway_id = ${request.gatewayId},
      leased_until = ${request.leasedUntil}, started_at = coalesce(t.started_at, ${request.now})
    from chosen c
    where t.tenant_id = c.tenant_id and t.id = c.id and t.state = 'pending'
    returning t.id, t.tenant_id as "tenantId", t.key_sha256 as "keySha256", t.path, t.body`.execute(
    database,
  );
  return rows;
}

/** Those that this gateway still has. */
export async function renewTasks(
  database: Database,
  request: Readonly<{ gatewayId: string; ids: readonly string[]; leasedUntil: Date }>,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update tasks set leased_until = ${request.leasedUntil}
    where id = any(${request.ids}::text[]) and state = 'running' and gateway_id = ${request.gatewayId}
    returning id`.execute(database);
  return rows.map(({ id }) => id);
}

/** How often a running task has failed, locked; null when this gateway does not have it. */
export async function lockRunning(
  tx: Database,
  request: Readonly<{ gatewayId: string; id: string }>,
): Promise<number | null> {
  const { rows } = await sql<{ failures: number }>`
    select failures from tasks
    where id = ${request.id} and state = 'running' and gateway_id = ${request.gatewayId}
    for update`.execute(tx);
  return rows[0]?.failures ?? null;
}

export async function endTask(
  tx: Database,
  end: Readonly<{
    id: string;
    state: 'succeeded' | 'failed';
    status: number;
    answer: string;
    now: Date;
  }>,
): Promise<void> {
  await sql`
    update tasks set state = ${end.state}, status = ${end.status}, answer = ${end.answer},
      ended_at = ${end.now}, body = null, gateway_id = null, leased_until = null
    where id = ${end.id}`.execute(tx);
}

export async function putBack(
  tx: Database,
  request: Readonly<{ id: string; failures: number; notBefore: Date }>,
): Promise<void> {
  await sql`
    update tasks set state = 'pending', failures = ${request.failures},
      not_before = ${request.notBefore}, gateway_id = null, leased_until = null
    where id = ${request.id}`.execute(tx);
}

/** True when it was still waiting. */
export async function cancelTask(
  database: Database,
  request: Readonly<{ tenantId: string; id: string; now: Date }>,
): Promise<boolean> {
  const { rows } = await sql`
    update tasks set state = 'canceled', ended_at = ${request.now}, body = null
    where tenant_id = ${request.tenantId} and id = ${request.id} and state = 'pending'
    returning id`.execute(database);
  return rows.length === 1;
}

/** Of gateways that were not heard of; locked, oldest first. */
export async function lockOverdue(
  tx: Database,
  request: Readonly<{ now: Date; limit: number }>,
): Promise<{ id: string; failures: number }[]> {
  const { rows } = await sql<{ id: string; failures: number }>`
    select id, failures from tasks where state = 'running' and leased_until < ${request.now}
    order by leased_until limit ${request.limit} for update skip locked`.execute(tx);
  return rows;
}

export async function failUnserved(
  database: Database,
  request: Readonly<{ before: Date; now: Date; status: number; answer: string }>,
): Promise<void> {
  await sql`
    update tasks set state = 'failed', status = ${request.status}, answer = ${request.answer},
      ended_at = ${request.now}, body = null
    where state = 'pending' and submitted_at < ${request.before}`.execute(database);
}

export async function deleteEnded(database: Database, before: Date): Promise<void> {
  await sql`delete from tasks where ended_at < ${before}`.execute(database);
}

function toTask({ submittedAt, startedAt, endedAt, ...row }: TaskRow): Task {
  return {
    ...row,
    submittedAtMs: submittedAt.getTime(),
    startedAtMs: startedAt?.getTime() ?? null,
    endedAtMs: endedAt?.getTime() ?? null,
  };
}
