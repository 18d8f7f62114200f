/** All SQL of batches as wholes. What changes a batch that runs names the claim it holds: a control that lost it changes nothing. */
import { type Database, sql } from '#platform/database.ts';
import type { BatchError } from './api.ts';
import type { BatchEnd, StoredBatch } from './batch.ts';
import type { Place } from './file-store.ts';

const columns = sql`b.id, b.tenant_id as "tenantId", b.project_id as "projectId", b.key_id as "keyId",
  b.endpoint, b.input_file_id as "inputFileId", b.metadata, b.status, b.model_name as "modelName",
  b.lines_total as "linesTotal", b.lines_completed as "linesCompleted",
  b.lines_failed as "linesFailed", b.errors, b.ends_as as "endsAs",
  b.output_file_id as "outputFileId", b.error_file_id as "errorFileId",
  b.output_expires_after_seconds as "outputExpiresAfterSeconds", b.currency,
  b.cost_pico as "costPico", b.input_tokens as "inputTokens",
  b.cache_read_tokens as "cacheReadTokens", b.output_tokens as "outputTokens",
  b.reasoning_tokens as "reasoningTokens", b.is_settled as "isSettled",
  b.created_at as "createdAt", b.expires_at as "expiresAt", b.in_progress_at as "inProgressAt",
  b.finalizing_at as "finalizingAt", b.cancelling_at as "cancellingAt", b.ended_at as "endedAt"`;

export type NewBatch = Pick<
  StoredBatch,
  | 'id'
  | 'tenantId'
  | 'projectId'
  | 'keyId'
  | 'endpoint'
  | 'inputFileId'
  | 'metadata'
  | 'outputExpiresAfterSeconds'
  | 'createdAt'
  | 'expiresAt'
>;

export async function insertBatch(tx: Database, batch: NewBatch): Promise<StoredBatch> {
  const metadata = batch.metadata === null ? null : JSON.stringify(batch.metadata);
  const { rows } = await sql<StoredBatch>`
    insert into batches as b (tenant_id, project_id, id, key_id, endpoint, input_file_id, metadata, status,
      output_expires_after_seconds, created_at, expires_at)
    values (${batch.tenantId}, ${batch.projectId}, ${batch.id}, ${batch.keyId}, ${batch.endpoint},
      ${batch.inputFileId}, ${metadata}::jsonb, 'validating', ${batch.outputExpiresAfterSeconds},
      ${batch.createdAt}, ${batch.expiresAt})
    returning ${columns}`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new Error('an insert that returns its row returned none');
  return row;
}

export async function countOpenBatches(tx: Database, place: Place): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from batches
    where tenant_id = ${place.tenantId} and project_id = ${place.projectId}
      and status in ('validating', 'in_progress', 'finalizing', 'cancelling')`.execute(tx);
  return rows[0]?.count ?? 0;
}

export async function selectBatch(
  database: Database,
  place: Place,
  id: string,
): Promise<StoredBatch | null> {
  const { rows } = await sql<StoredBatch>`
    select ${columns} from batches b
    where b.tenant_id = ${place.tenantId} and b.project_id = ${place.projectId}
      and b.id = ${id}`.execute(database);
  return rows[0] ?? null;
}

/** Newest first. */
export async function selectBatches(
  database: Database,
  place: Place,
  page: Readonly<{ after: string | null; limit: number }>,
): Promise<readonly StoredBatch[]> {
  const { rows } = await sql<StoredBatch>`
    select ${columns} from batches b
    where b.tenant_id = ${place.tenantId} and b.project_id = ${place.projectId}
      and (${page.after}::text is null or b.id < ${page.after})
    order by b.id desc limit ${page.limit}`.execute(database);
  return rows;
}

/** False where it is too late. */
export async function markCancelling(
  database: Database,
  batch: Place & Readonly<{ id: string; now: Date }>,
): Promise<boolean> {
  const { rows } = await sql`
    update batches set status = 'cancelling', cancelling_at = ${batch.now}
    where tenant_id = ${batch.tenantId} and project_id = ${batch.projectId} and id = ${batch.id}
      and status in ('validating', 'in_progress')
    returning id`.execute(database);
  return rows.length === 1;
}

/**
 * Batches that nobody works on, a few of each tenant at a time, so that one with many stands in no other's
 * way. Two controls may choose the same; the second finds them taken and gets fewer.
 */
export async function claimBatches(
  database: Database,
  request: Readonly<{
    claim: string;
    now: Date;
    until: Date;
    limit: number;
    perTenantMax: number;
  }>,
): Promise<readonly StoredBatch[]> {
  const { claim, now, until, limit, perTenantMax } = request;
  const { rows } = await sql<StoredBatch>`
    with running as (
      select tenant_id, count(*) as count from batches
      where status in ('validating', 'in_progress', 'finalizing', 'cancelling')
        and claimed_until >= ${now} group by tenant_id
    ), free as (
      select f.tenant_id, f.id, f.created_at, coalesce(r.count, 0)
        + row_number() over (partition by f.tenant_id order by f.created_at, f.id) as turn
      from batches f left join running r on r.tenant_id = f.tenant_id
      where f.status in ('validating', 'in_progress', 'finalizing', 'cancelling')
        and (f.claimed_until is null or f.claimed_until < ${now})
    ), chosen as (
      select tenant_id, id from free where turn <= ${perTenantMax}
      order by turn, created_at limit ${limit}
    )
    update batches b set claim = ${claim}, claimed_until = ${until}
    from chosen c
    where b.tenant_id = c.tenant_id and b.id = c.id
      and (b.claimed_until is null or b.claimed_until < ${now})
    returning ${columns}`.execute(database);
  return rows;
}

export type Claimed = Readonly<{ tenantId: string; id: string; claim: string }>;

const held = ({ tenantId, id, claim }: Claimed) => sql`
  tenant_id = ${tenantId} and id = ${id} and claim = ${claim}`;

/** The batch as it is now, or null when another control has it. */
export async function renewClaim(
  database: Database,
  batch: Claimed,
  until: Date,
): Promise<StoredBatch | null> {
  const { rows } = await sql<StoredBatch>`
    update batches b set claimed_until = ${until} where ${held(batch)}
    returning ${columns}`.execute(database);
  return rows[0] ?? null;
}

export async function releaseClaim(database: Database, batch: Claimed): Promise<void> {
  await sql`update batches set claim = null, claimed_until = null where ${held(batch)}`.execute(
    database,
  );
}

/** Locks the batch for the rest of the transaction; false when another control has it. */
export async function lockClaim(tx: Database, batch: Claimed): Promise<boolean> {
  const { rows } = await sql`
    select 1 from batches where ${held(batch)} for update`.execute(tx);
  return rows.length === 1;
}

export async function failBatch(
  tx: Database,
  batch: Claimed,
  end: Readonly<{ errors: readonly BatchError[]; now: Date }>,
): Promise<void> {
  await sql`
    update batches set status = 'failed', errors = ${JSON.stringify(end.errors)}::jsonb,
      ended_at = ${end.now}, is_settled = true
    where ${held(batch)} and status = 'validating'`.execute(tx);
}

/** A batch that was cancelled meanwhile stays so. */
export async function beginBatch(
  tx: Database,
  batch: Claimed,
  facts: Readonly<{ linesTotal: number; modelName: string; now: Date }>,
): Promise<void> {
  await sql`
    update batches set status = case when status = 'validating' then 'in_progress' else status end,
      lines_total = ${facts.linesTotal}, model_name = ${facts.modelName}, in_progress_at = ${facts.now}
    where ${held(batch)}`.execute(tx);
}

export async function beginFinalizing(
  tx: Database,
  batch: Claimed,
  plan: Readonly<{
    endsAs: BatchEnd;
    outputFileId: string | null;
    errorFileId: string | null;
    now: Date;
  }>,
): Promise<void> {
  await sql`
    update batches set status = 'finalizing', ends_as = ${plan.endsAs},
      output_file_id = ${plan.outputFileId}, error_file_id = ${plan.errorFileId},
      finalizing_at = ${plan.now}
    where ${held(batch)} and status in ('in_progress', 'cancelling')`.execute(tx);
}

export async function endBatch(tx: Database, batch: Claimed, now: Date): Promise<void> {
  await sql`
    update batches set status = ends_as, ended_at = ${now}, claim = null, claimed_until = null
    where ${held(batch)} and status = 'finalizing'`.execute(tx);
}

export async function addCounts(
  tx: Database,
  batch: Readonly<{ tenantId: string; id: string }>,
  counts: Readonly<{ completed: number; failed: number }>,
): Promise<void> {
  await sql`
    update batches set lines_completed = lines_completed + ${counts.completed},
      lines_failed = lines_failed + ${counts.failed}
    where tenant_id = ${batch.tenantId} and id = ${batch.id}`.execute(tx);
}
