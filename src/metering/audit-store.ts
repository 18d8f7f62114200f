/** SQL that walks every event once, for the conservation checker. */
import { type Database, sql } from '#platform/database.ts';
import type { RatedBy } from './rating.ts';
import type { PriceTier } from '#pricing/tier.ts';
import type { Outcome, UsageBuckets } from './usage-event.ts';

export type AuditRow = Readonly<{
  tenantId: string;
  requestId: string;
  attempt: number;
  priceId: string | null;
  modelId: string;
  outcome: Outcome;
  usage: UsageBuckets;
  holdPico: string;
  amountPico: string;
  ratedBy: RatedBy;
  serviceTier: PriceTier;
}>;

type Row = Omit<AuditRow, 'usage'> & UsageBuckets;

/** In key order, across tenants: only the operator's checker calls this. */
export async function selectForAudit(
  database: Database,
  page: Readonly<{ after: AuditRow | null; limit: number }>,
): Promise<readonly AuditRow[]> {
  const { after, limit } = page;
  const { rows } = await sql<Row>`
    select tenant_id as "tenantId", request_id as "requestId", attempt, price_id as "priceId",
      model_id as "modelId", outcome, input_tokens as input, cache_read_tokens as "cacheRead",
      cache_write_tokens as "cacheWrite", output_tokens as output, reasoning_tokens as reasoning,
      hold_pico as "holdPico", amount_pico as "amountPico", rated_by as "ratedBy",
      service_tier as "serviceTier"
    from usage_events
    where (tenant_id, request_id, attempt)
      > (${after?.tenantId ?? ''}::text, ${after?.requestId ?? ''}::text, ${after?.attempt ?? -1}::integer)
    order by tenant_id, request_id, attempt limit ${limit}`.execute(database);
  return rows.map(({ input, cacheRead, cacheWrite, output, reasoning, ...row }) => ({
    ...row,
    usage: { input, cacheRead, cacheWrite, output, reasoning },
  }));
}
