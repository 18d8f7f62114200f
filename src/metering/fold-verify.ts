/**
 * Proves the sums that dashboards and bills read against the calls they are of. Hours in which calls of
 * dropped days counted are left out: those were proved before they were dropped.
 */
import type { RawBuilder } from 'kysely';
import { type Database, sql } from '#platform/database.ts';
import type { Finding } from '#ledger/verify.ts';

const FINDINGS_MAX = 100;

/** Only calls of one day's partition and the hours it touches, or everything. */
export type FoldScope = Readonly<{ fromMs: number; toMs: number }> | null;

export async function verifyFolds(
  database: Database,
  scope: FoldScope = null,
): Promise<readonly Finding[]> {
  const findings = [
    await wrongHours(database, scope),
    await wrongDays(database, scope),
    await wrongQuarters(database, scope),
    await wrongParts(database),
  ];
  return findings.flat();
}

type Difference = Readonly<{ tenantId: string; start: Date; kept: string; counted: string }>;

const within = (column: RawBuilder<unknown>, scope: FoldScope): RawBuilder<unknown> => sql`
  not exists (select 1 from usage_days d where d.dropped_at is not null
    and ${column} >= d.first_at and ${column} < d.last_at)
  and ${
    scope === null
      ? sql`true`
      : sql`${column} >= ${new Date(scope.fromMs)} and ${column} < ${new Date(scope.toMs)}`
  }`;

async function wrongHours(database: Database, scope: FoldScope): Promise<readonly Finding[]> {
  const { rows } = await sql<Difference>`
    with kept as (
      select tenant_id, hour as start, project_id, key_id, model_id, model_name, service_tier,
        rated_by, region, currency, is_correction,
        array[sum(calls), sum(input_tokens), sum(cache_read_tokens), sum(cache_write_tokens),
          sum(cache_write_1h_tokens), sum(output_tokens), sum(reasoning_tokens), sum(amount_pico),
          sum(cost_pico), sum(author_pico)]::text as sums
      from usage_hourly where ${within(sql`hour`, scope)}
      group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ), counted as (
      select tenant_id, date_trunc('hour', billed_at, 'UTC') as start, project_id, key_id, model_id,
        model_name, service_tier, rated_by, coalesce(attributes->>'region', '') as region, currency,
        billed_at <> settled_at as is_correction,
        array[count(*), sum(input_tokens), sum(cache_read_tokens), sum(cache_write_tokens),
          sum(cache_write_1h_tokens), sum(output_tokens), sum(reasoning_tokens), sum(amount_pico),
          coalesce(sum(cost_pico), 0), sum(author_pico)]::text as sums
      from usage_events where ${within(sql`date_trunc('hour', billed_at, 'UTC')`, scope)}
      group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    )
    select tenant_id as "tenantId", start, coalesce(kept.sums, 'nothing') as kept,
      coalesce(counted.sums, 'nothing') as counted
    from kept full join counted using (tenant_id, start, project_id, key_id, model_id, model_name,
      service_tier, rated_by, region, currency, is_correction)
    where kept.sums is distinct from counted.sums
    order by 1, 2 limit ${FINDINGS_MAX}`.execute(database);
  return found('the sums of an hour are those of its calls', rows);
}

async function wrongDays(database: Database, scope: FoldScope): Promise<readonly Finding[]> {
  const at = sql`(day::timestamp at time zone 'UTC')`;
  const numbers = sql`array[sum(calls), sum(input_tokens), sum(cache_read_tokens),
    sum(cache_write_tokens), sum(cache_write_1h_tokens), sum(output_tokens), sum(reasoning_tokens),
    sum(amount_pico), sum(cost_pico), sum(author_pico)]::text as sums`;
  const dimensions = sql`project_id, key_id, model_id, model_name, service_tier, rated_by, region,
    currency, is_correction`;
  const only =
    scope === null
      ? sql`true`
      : sql`start >= date_trunc('day', ${new Date(scope.fromMs)}::timestamptz, 'UTC')
          and start < ${new Date(scope.toMs)}`;
  const { rows } = await sql<Difference>`
    with kept as (
      select tenant_id, ${at} as start, ${dimensions}, ${numbers} from usage_daily
      group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ), counted as (
      select tenant_id, date_trunc('day', hour, 'UTC') as start, ${dimensions}, ${numbers}
      from usage_hourly group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    )
    select tenant_id as "tenantId", start, coalesce(kept.sums, 'nothing') as kept,
      coalesce(counted.sums, 'nothing') as counted
    from kept full join counted using (tenant_id, start, ${dimensions})
    where kept.sums is distinct from counted.sums and ${only}
    order by 1, 2 limit ${FINDINGS_MAX}`.execute(database);
  return found('the sums of a day are those of its hours', rows);
}

/** Lines and sources sum to what the calls of their quarter hour cost. */
async function wrongQuarters(database: Database, scope: FoldScope): Promise<readonly Finding[]> {
  const quarter = sql`date_bin('15 minutes', billed_at, 'epoch'::timestamptz)`;
  const { rows } = await sql<Difference & Readonly<{ what: string }>>`
    with counted as (
      select tenant_id, ${quarter} as start, currency, project_id, model_id, model_name,
        billed_at <> settled_at as is_correction, sum(amount_pico) as amount
      from usage_events where ${within(quarter, scope)} group by 1, 2, 3, 4, 5, 6, 7
    ), kept as (
      select 'lines' as what, tenant_id, quarter as start, currency, project_id, model_id,
        model_name, is_correction, sum(amount_pico) as amount
      from usage_line_sums where ${within(sql`quarter`, scope)} group by 1, 2, 3, 4, 5, 6, 7, 8
      union all
      select 'sources', tenant_id, quarter, currency, project_id, model_id, model_name,
        is_correction, sum(amount_pico)
      from usage_source_sums where ${within(sql`quarter`, scope)} group by 1, 2, 3, 4, 5, 6, 7, 8
    ), each as (select * from counted, (values ('lines'), ('sources')) as kind (what))
    select tenant_id as "tenantId", start, what,
      coalesce(kept.amount, 0)::text as kept, coalesce(each.amount, 0)::text as counted
    from kept full join each using (what, tenant_id, start, currency, project_id, model_id,
      model_name, is_correction)
    where coalesce(kept.amount, 0) <> coalesce(each.amount, 0)
    order by 1, 2, 3 limit ${FINDINGS_MAX}`.execute(database);
  return rows.flatMap((row) => found(`the ${row.what} of a bill sum to its calls`, [row]));
}

async function wrongParts(database: Database): Promise<readonly Finding[]> {
  const { rows } = await sql<Difference & Readonly<{ requestId: string }>>`
    select e.tenant_id as "tenantId", e.settled_at as start, e.request_id as "requestId",
      s.amount::text as kept, e.amount_pico::text as counted
    from (
      select request_id, attempt, tenant_id, request_day, sum(amount_pico) as amount
      from usage_sources group by 1, 2, 3, 4
    ) s join usage_events e using (request_id, attempt, tenant_id, request_day)
    where s.amount <> e.amount_pico order by 1, 3 limit ${FINDINGS_MAX}`.execute(database);
  return rows.map((row) => ({
    law: 'what paid for a call is what it cost',
    subject: `event ${row.tenantId}/${row.requestId}`,
    detail: `parts say ${row.kept} pico, the event says ${row.counted}`,
  }));
}

function found(law: string, rows: readonly Difference[]): readonly Finding[] {
  return rows.map(({ tenantId, start, kept, counted }) => ({
    law,
    subject: `sums of ${tenantId} at ${start.toISOString()}`,
    detail: `kept are ${kept}, counted are ${counted}`,
  }));
}
