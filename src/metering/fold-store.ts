/** SQL that adds sums of calls to the rows kept for dashboards and bills, in the order of their locks. */
import type { RawBuilder } from 'kysely';
import { type Database, sql } from '#platform/database.ts';
import type { CallSum, LineSum, SourceSum } from './fold.ts';
import { dayOf } from './request-day.ts';

export async function addToHours(tx: Database, sums: readonly CallSum[]): Promise<void> {
  const starts = (of: readonly Started[]) =>
    sql`${of.map(({ startMs }) => new Date(startMs))}::timestamptz[]`;
  const start = sql.ref('hour');
  await addToCalls(tx, sums, { table: sql.table('usage_hourly'), start, starts: starts(sums) });
  await addToUnits(tx, sums, { table: sql.table('usage_units_hourly'), start, starts });
}

export async function addToDays(tx: Database, sums: readonly CallSum[]): Promise<void> {
  const starts = (of: readonly Started[]) =>
    sql`${of.map(({ startMs }) => dayOf(startMs))}::date[]`;
  const start = sql.ref('day');
  await addToCalls(tx, sums, { table: sql.table('usage_daily'), start, starts: starts(sums) });
  await addToUnits(tx, sums, { table: sql.table('usage_units_daily'), start, starts });
}

type Started = Readonly<{ startMs: number }>;

/** Under the locks of the calls' rows, which are taken first. */
async function addToUnits(
  tx: Database,
  sums: readonly CallSum[],
  kept: Readonly<{
    table: RawBuilder<unknown>;
    start: RawBuilder<unknown>;
    starts: (of: readonly Started[]) => RawBuilder<unknown>;
  }>,
): Promise<void> {
  const rows = sums.flatMap(({ tenantId, startMs, groupId, units = new Map<string, number>() }) =>
    [...units].map(([name, count]) => {
      const [unit = '', direction = ''] = name.split('/');
      return { tenantId, startMs, groupId, unit, direction, count };
    }),
  );
  if (rows.length === 0) return;
  const { table, start, starts } = kept;
  await sql`
    insert into ${table} as kept (tenant_id, ${start}, group_id, unit, direction, count)
    select * from unnest(
      ${rows.map(({ tenantId }) => tenantId)}::text[],
      ${starts(rows)},
      ${rows.map(({ groupId }) => groupId)}::uuid[],
      ${rows.map(({ unit }) => unit)}::text[],
      ${rows.map(({ direction }) => direction)}::text[],
      ${rows.map(({ count }) => count)}::bigint[])
    on conflict (tenant_id, ${start}, group_id, unit, direction) do update set
      count = kept.count + excluded.count`.execute(tx);
}

async function addToCalls(
  tx: Database,
  sums: readonly CallSum[],
  kept: Readonly<{
    table: RawBuilder<unknown>;
    start: RawBuilder<unknown>;
    starts: RawBuilder<unknown>;
  }>,
): Promise<void> {
  if (sums.length === 0) return;
  const { table, start, starts } = kept;
  await sql`
    insert into ${table} as kept (tenant_id, ${start}, group_id, project_id, key_id, model_id, model_name,
      service_tier, rated_by, region, currency, is_correction, calls, input_tokens, cache_read_tokens,
      cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, amount_pico,
      cost_pico, author_pico)
    select * from unnest(
      ${sums.map(({ tenantId }) => tenantId)}::text[],
      ${starts},
      ${sums.map(({ groupId }) => groupId)}::uuid[],
      ${sums.map(({ projectId }) => projectId)}::text[],
      ${sums.map(({ keyId }) => keyId)}::text[],
      ${sums.map(({ modelId }) => modelId)}::text[],
      ${sums.map(({ modelName }) => modelName)}::text[],
      ${sums.map(({ serviceTier }) => serviceTier)}::text[],
      ${sums.map(({ ratedBy }) => ratedBy)}::text[],
      ${sums.map(({ region }) => region)}::text[],
      ${sums.map(({ currency }) => currency)}::text[],
      ${sums.map(({ isCorrection }) => isCorrection)}::boolean[],
      ${sums.map(({ calls }) => calls)}::bigint[],
      ${sums.map(({ inputTokens }) => inputTokens)}::bigint[],
      ${sums.map(({ cacheReadTokens }) => cacheReadTokens)}::bigint[],
      ${sums.map(({ cacheWriteTokens }) => cacheWriteTokens)}::bigint[],
      ${sums.map(({ cacheWrite1hTokens }) => cacheWrite1hTokens)}::bigint[],
      ${sums.map(({ outputTokens }) => outputTokens)}::bigint[],
      ${sums.map(({ reasoningTokens }) => reasoningTokens)}::bigint[],
      ${sums.map(({ amountPico }) => amountPico.toString())}::numeric[],
      ${sums.map(({ costPico }) => costPico.toString())}::numeric[],
      ${sums.map(({ authorPico }) => authorPico.toString())}::numeric[])
    on conflict (tenant_id, ${start}, group_id) do update set
      calls = kept.calls + excluded.calls,
      input_tokens = kept.input_tokens + excluded.input_tokens,
      cache_read_tokens = kept.cache_read_tokens + excluded.cache_read_tokens,
      cache_write_tokens = kept.cache_write_tokens + excluded.cache_write_tokens,
      cache_write_1h_tokens = kept.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
      output_tokens = kept.output_tokens + excluded.output_tokens,
      reasoning_tokens = kept.reasoning_tokens + excluded.reasoning_tokens,
      amount_pico = kept.amount_pico + excluded.amount_pico,
      cost_pico = kept.cost_pico + excluded.cost_pico,
      author_pico = kept.author_pico + excluded.author_pico`.execute(tx);
}

export async function addToLines(tx: Database, sums: readonly LineSum[]): Promise<void> {
  if (sums.length === 0) return;
  await sql`
    insert into usage_line_sums as kept (tenant_id, quarter, group_id, currency, project_id, model_id,
      model_name, service_tier, price_id, unit, direction, charged_as, rate, up_to, each_pico,
      is_correction, service_day, calls, units, priced, amount_pico)
    select * from unnest(
      ${sums.map(({ tenantId }) => tenantId)}::text[],
      ${sums.map(({ startMs }) => new Date(startMs))}::timestamptz[],
      ${sums.map(({ groupId }) => groupId)}::uuid[],
      ${sums.map(({ currency }) => currency)}::text[],
      ${sums.map(({ projectId }) => projectId)}::text[],
      ${sums.map(({ modelId }) => modelId)}::text[],
      ${sums.map(({ modelName }) => modelName)}::text[],
      ${sums.map(({ serviceTier }) => serviceTier)}::text[],
      ${sums.map(({ priceId }) => priceId)}::text[],
      ${sums.map(({ line }) => line.unit)}::text[],
      ${sums.map(({ line }) => line.direction)}::text[],
      ${sums.map(({ line }) => line.chargedAs)}::text[],
      ${sums.map(({ line }) => line.rate)}::text[],
      ${sums.map(({ line }) => line.upTo)}::bigint[],
      ${sums.map(({ line }) => line.eachPico.toString())}::numeric[],
      ${sums.map(({ isCorrection }) => isCorrection)}::boolean[],
      ${sums.map(({ serviceDayMs }) => dayOf(serviceDayMs))}::date[],
      ${sums.map(({ calls }) => calls)}::bigint[],
      ${sums.map(({ units }) => units)}::bigint[],
      ${sums.map(({ priced }) => priced)}::bigint[],
      ${sums.map(({ amountPico }) => amountPico.toString())}::numeric[])
    on conflict (tenant_id, quarter, group_id) do update set
      calls = kept.calls + excluded.calls,
      units = kept.units + excluded.units,
      priced = kept.priced + excluded.priced,
      amount_pico = kept.amount_pico + excluded.amount_pico`.execute(tx);
}

export async function addToSources(tx: Database, sums: readonly SourceSum[]): Promise<void> {
  if (sums.length === 0) return;
  await sql`
    insert into usage_source_sums as kept (tenant_id, quarter, group_id, currency, project_id, model_id,
      model_name, source, source_id, is_correction, calls, units, amount_pico)
    select * from unnest(
      ${sums.map(({ tenantId }) => tenantId)}::text[],
      ${sums.map(({ startMs }) => new Date(startMs))}::timestamptz[],
      ${sums.map(({ groupId }) => groupId)}::uuid[],
      ${sums.map(({ currency }) => currency)}::text[],
      ${sums.map(({ projectId }) => projectId)}::text[],
      ${sums.map(({ modelId }) => modelId)}::text[],
      ${sums.map(({ modelName }) => modelName)}::text[],
      ${sums.map(({ source }) => source)}::text[],
      ${sums.map(({ sourceId }) => sourceId)}::text[],
      ${sums.map(({ isCorrection }) => isCorrection)}::boolean[],
      ${sums.map(({ calls }) => calls)}::bigint[],
      ${sums.map(({ units }) => units)}::bigint[],
      ${sums.map(({ amountPico }) => amountPico.toString())}::numeric[])
    on conflict (tenant_id, quarter, group_id) do update set
      calls = kept.calls + excluded.calls,
      units = kept.units + excluded.units,
      amount_pico = kept.amount_pico + excluded.amount_pico`.execute(tx);
}
