/** SQL that folds what the lines of a batch cost into the batch, each line once. */
import { type Database, sql } from '#platform/database.ts';

type Of = Readonly<{ tenantId: string; id: string }>;

/** Batches with lines that are not costed yet, whatever the tenant. */
export async function selectUnsettled(
  database: Database,
  request: Readonly<{ after: string; limit: number }>,
): Promise<readonly Of[]> {
  const { rows } = await sql<Of>`
    select tenant_id as "tenantId", id from batches
    where not is_settled and id > ${request.after} order by id limit ${request.limit}`.execute(
    database,
  );
  return rows;
}

export type UncostedLine = Readonly<{ line: number; attempt: number }>;

export async function selectUncosted(
  database: Database,
  batch: Of,
  limit: number,
): Promise<readonly UncostedLine[]> {
  const { rows } = await sql<UncostedLine>`
    select line, attempt from batch_lines
    where tenant_id = ${batch.tenantId} and batch_id = ${batch.id}
      and state = 'done' and status = 200 and not is_costed
    order by line limit ${limit}`.execute(database);
  return rows;
}

/** Those of the lines that were not costed before. */
export async function markCosted(
  tx: Database,
  batch: Of,
  lines: readonly number[],
): Promise<readonly number[]> {
  await sql`select 1 from batches where tenant_id = ${batch.tenantId} and id = ${batch.id}
    for update`.execute(tx);
  const { rows } = await sql<{ line: number }>`
    update batch_lines set is_costed = true
    where tenant_id = ${batch.tenantId} and batch_id = ${batch.id}
      and line = any(${lines}::integer[]) and not is_costed
    returning line`.execute(tx);
  return rows.map(({ line }) => line);
}

export type CostSum = Readonly<{
  currency: string;
  costPico: bigint;
  inputTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
  reasoningTokens: number;
}>;

export async function addCost(tx: Database, batch: Of, sum: CostSum): Promise<void> {
  await sql`
    update batches set currency = ${sum.currency}, cost_pico = cost_pico + ${sum.costPico.toString()}::numeric,
      input_tokens = input_tokens + ${sum.inputTokens},
      cache_read_tokens = cache_read_tokens + ${sum.cacheReadTokens},
      output_tokens = output_tokens + ${sum.outputTokens},
      reasoning_tokens = reasoning_tokens + ${sum.reasoningTokens}
    where tenant_id = ${batch.tenantId} and id = ${batch.id}`.execute(tx);
}

/** Over, and every answer on the books; or over so long that what is missing will not come. */
export async function settleBatch(
  database: Database,
  batch: Of,
  givesUpBefore: Date,
): Promise<void> {
  await sql`
    update batches b set is_settled = true
    where b.tenant_id = ${batch.tenantId} and b.id = ${batch.id}
      and b.status in ('failed', 'completed', 'expired', 'cancelled')
      and (b.ended_at < ${givesUpBefore} or not exists (
        select 1 from batch_lines l where l.tenant_id = b.tenant_id and l.batch_id = b.id
          and l.state = 'done' and l.status = 200 and not l.is_costed))`.execute(database);
}
