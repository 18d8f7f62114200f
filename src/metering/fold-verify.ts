/**
 * Proves the sums that dashboards and bills read against the calls they are of, so many hours at a time.
 * Hours in which calls of dropped days counted are left out: those were proved before they were dropped.
 */
import type { RawBuilder } from 'kysely';
import { type Database, sql } from '#platform/database.ts';
import type { Finding } from '#ledger/law.ts';
import { selectDays } from './day-store.ts';

const FINDINGS_MAX = 100;

/** Whole hours; half open. */
export type FoldScope = Readonly<{ fromMs: number; toMs: number }>;

/** Hours and bills against their calls, and days against their hours. */
export async function verifyFolds(
  database: Database,
  scope: FoldScope,
): Promise<readonly Finding[]> {
  return [
    ...(await wrongHours(database, scope)),
    ...(await wrongDays(database, scope)),
    ...(await wrongQuarters(database, scope)),
  ];
}

type Difference = Readonly<{ tenantId: string; start: Date; kept: string; counted: string }>;

const within = (
  column: RawBuilder<unknown>,
  { fromMs, toMs }: FoldScope,
): RawBuilder<unknown> => sql`
  ${column} >= ${new Date(fromMs)} and ${column} < ${new Date(toMs)}
  and not exists (select 1 from usage_days d where d.dropped_at is not null
    and ${column} >= d.first_at and ${column} < d.last_at)`;

/** The calls that count in these hours: in time, or late. Each half has an index. */
async function callsOf(database: Database, scope: FoldScope): Promise<RawBuilder<unknown>> {
  const days = await selectDays(database, scope);
  const half = (time: RawBuilder<unknown>, condition: RawBuilder<unknown>) => sql`
    select tenant_id, project_id, key_id, model_id, model_name, service_tier, rated_by, attributes,
      currency, input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens,
      output_tokens, reasoning_tokens, amount_pico, cost_pico, author_pico, settled_at, billed_at
    from usage_events where request_day = any(${days}::date[]) and ${condition}
      and ${time} >= ${new Date(scope.fromMs)} and ${time} < ${new Date(scope.toMs)}`;
  return sql`(${half(sql`settled_at`, sql`billed_at = settled_at`)}
    union all ${half(sql`billed_at`, sql`billed_at <> settled_at`)}) as calls`;
}

export async function wrongHours(
  database: Database,
  scope: FoldScope,
): Promise<readonly Finding[]> {
  const calls = await callsOf(database, scope);
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
      from ${calls} where ${within(sql`date_trunc('hour', billed_at, 'UTC')`, scope)}
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

/** Of every UTC day that the scope touches. */
export async function wrongDays(database: Database, scope: FoldScope): Promise<readonly Finding[]> {
  const from = sql`(date_trunc('day', ${new Date(scope.fromMs)}::timestamptz, 'UTC'))`;
  const to = sql`(date_trunc('day', ${new Date(scope.toMs - 1)}::timestamptz, 'UTC') + interval '1 day')`;
  const at = sql`(day::timestamp at time zone 'UTC')`;
  const numbers = sql`array[sum(calls), sum(input_tokens), sum(cache_read_tokens),
    sum(cache_write_tokens), sum(cache_write_1h_tokens), sum(output_tokens), sum(reasoning_tokens),
    sum(amount_pico), sum(cost_pico), sum(author_pico)]::text as sums`;
  const dimensions = sql`project_id, key_id, model_id, model_name, service_tier, rated_by, region,
    currency, is_correction`;
  const { rows } = await sql<Difference>`
    with kept as (
      select tenant_id, ${at} as start, ${dimensions}, ${numbers} from usage_daily
      where day >= (${from} at time zone 'UTC')::date and day < (${to} at time zone 'UTC')::date
      group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ), counted as (
      select tenant_id, date_trunc('day', hour, 'UTC') as start, ${dimensions}, ${numbers}
      from usage_hourly where hour >= ${from} and hour < ${to}
      group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    )
    select tenant_id as "tenantId", start, coalesce(kept.sums, 'nothing') as kept,
      coalesce(counted.sums, 'nothing') as counted
    from kept full join counted using (tenant_id, start, ${dimensions})
    where kept.sums is distinct from counted.sums
    order by 1, 2 limit ${FINDINGS_MAX}`.execute(database);
  return found('the sums of a day are those of its hours', rows);
}

/** Lines and sources sum to what the calls of their quarter hour cost. */
export async function wrongQuarters(
  database: Database,
  scope: FoldScope,
): Promise<readonly Finding[]> {
  const calls = await callsOf(database, scope);
  const quarter = sql`date_bin('15 minutes', billed_at, 'epoch'::timestamptz)`;
  const { rows } = await sql<Difference & Readonly<{ what: string }>>`
    with counted as (
      select tenant_id, ${quarter} as start, currency, project_id, model_id, model_name,
        billed_at <> settled_at as is_correction, sum(amount_pico) as amount
      from ${calls} where ${within(quarter, scope)} group by 1, 2, 3, 4, 5, 6, 7
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

function found(law: string, rows: readonly Difference[]): readonly Finding[] {
  return rows.map(({ tenantId, start, kept, counted }) => ({
    law,
    subject: `sums of ${tenantId} at ${start.toISOString()}`,
    detail: `kept are ${kept}, counted are ${counted}`,
  }));
}
