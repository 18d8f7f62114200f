/** SQL that reads what bills are made of: sums by the price of one unit, sums by who paid, and the calls themselves. */
import type { RawBuilder } from 'kysely';
import { type Database, sql } from '#platform/database.ts';
import { selectDays } from './day-store.ts';

/** Half open, of when calls count. */
export type Period = Readonly<{
  tenantId: string;
  currency: string;
  fromMs: number;
  toMs: number;
}>;

/** `eachPico × priced = amountPico`. All of unit to eachPico is null for calls of before lines were kept. */
export type LineTotal = Readonly<{
  projectId: string;
  modelId: string;
  modelName: string;
  serviceTier: string;
  priceId: string | null;
  unit: string | null;
  direction: string | null;
  chargedAs: string | null;
  rate: string | null;
  upTo: number | null;
  eachPico: bigint | null;
  /** The UTC day of use, of calls whose own period was closed when they arrived; null for all others. */
  correctionOf: string | null;
  calls: number;
  units: bigint;
  priced: bigint;
  amountPico: bigint;
}>;

type LineRow = Omit<LineTotal, 'eachPico' | 'units' | 'priced' | 'amountPico'> &
  Readonly<{ eachPico: string | null; units: string; priced: string; amountPico: string }>;

export async function selectLineTotals(
  database: Database,
  period: Period,
): Promise<readonly LineTotal[]> {
  const { rows } = await sql<LineRow>`
    select project_id as "projectId", model_id as "modelId", model_name as "modelName",
      service_tier as "serviceTier", price_id as "priceId", unit, direction,
      charged_as as "chargedAs", rate, up_to as "upTo", each_pico as "eachPico",
      case when is_correction then service_day::text end as "correctionOf",
      sum(calls)::bigint as calls, sum(units)::text as units, sum(priced)::text as priced,
      sum(amount_pico) as "amountPico"
    from usage_line_sums where ${inQuarters(period)}
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
    order by 1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12`.execute(database);
  return rows.map((row) => ({
    ...row,
    eachPico: row.eachPico === null ? null : BigInt(row.eachPico),
    units: BigInt(row.units),
    priced: BigInt(row.priced),
    amountPico: BigInt(row.amountPico),
  }));
}

export type SourceTotal = Readonly<{
  projectId: string;
  modelId: string;
  modelName: string;
  source: string;
  sourceId: string | null;
  isCorrection: boolean;
  calls: number;
  units: bigint;
  amountPico: bigint;
}>;

type SourceRow = Omit<SourceTotal, 'units' | 'amountPico'> &
  Readonly<{ units: string; amountPico: string }>;

export async function selectSourceTotals(
  database: Database,
  period: Period,
): Promise<readonly SourceTotal[]> {
  const { rows } = await sql<SourceRow>`
    select project_id as "projectId", model_id as "modelId", model_name as "modelName", source,
      source_id as "sourceId", is_correction as "isCorrection", sum(calls)::bigint as calls,
      sum(units)::text as units, sum(amount_pico) as "amountPico"
    from usage_source_sums where ${inQuarters(period)}
    group by 1, 2, 3, 4, 5, 6 order by 1, 3, 2, 4, 5, 6`.execute(database);
  return rows.map((row) => ({
    ...row,
    units: BigInt(row.units),
    amountPico: BigInt(row.amountPico),
  }));
}

const inQuarters = ({ tenantId, currency, fromMs, toMs }: Period): RawBuilder<unknown> => sql`
  tenant_id = ${tenantId} and currency = ${currency}
  and quarter >= ${new Date(fromMs)} and quarter < ${new Date(toMs)}`;

/** One call as it stands on a bill. */
export type BilledCall = Readonly<{
  requestId: string;
  attempt: number;
  projectId: string;
  keyId: string;
  modelId: string;
  modelName: string;
  serviceTier: string;
  priceId: string | null;
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  cacheWrite1hTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  units: readonly Readonly<{ unit: string; direction: string; count: number }>[];
  amountPico: string;
  entryId: number | null;
  settledAt: Date;
  billedAt: Date;
}>;

/** Calls of the period after this one, in the order of their ids, which is nearly that of time. */
export async function selectBilledCalls(
  database: Database,
  page: Readonly<{
    period: Period;
    after: Pick<BilledCall, 'requestId' | 'attempt'> | null;
    limit: number;
  }>,
): Promise<readonly BilledCall[]> {
  const { period, after, limit } = page;
  const days = await selectDays(database, period);
  const { rows } = await sql<BilledCall>`
    select request_id as "requestId", attempt, project_id as "projectId", key_id as "keyId",
      model_id as "modelId", model_name as "modelName", service_tier as "serviceTier",
      price_id as "priceId", input_tokens as "inputTokens", cache_read_tokens as "cacheReadTokens",
      cache_write_tokens as "cacheWriteTokens", cache_write_1h_tokens as "cacheWrite1hTokens",
      output_tokens as "outputTokens", reasoning_tokens as "reasoningTokens",
      coalesce(units, '[]'::jsonb) as units, amount_pico as "amountPico", entry_id as "entryId",
      settled_at as "settledAt", billed_at as "billedAt"
    from usage_events
    where request_day = any(${days}::date[]) and tenant_id = ${period.tenantId}
      and currency = ${period.currency}
      and billed_at >= ${new Date(period.fromMs)} and billed_at < ${new Date(period.toMs)}
      and (request_id, attempt) > (${after?.requestId ?? ''}::text, ${after?.attempt ?? -1}::integer)
    order by request_id, attempt limit ${limit}`.execute(database);
  return rows;
}

/** What the calls of a period cost, from the calls themselves. */
export async function sumCalls(
  database: Database,
  period: Period,
): Promise<Readonly<{ calls: number; amountPico: bigint }>> {
  const days = await selectDays(database, period);
  const [from, to] = [new Date(period.fromMs), new Date(period.toMs)];
  const of = sql`request_day = any(${days}::date[]) and tenant_id = ${period.tenantId}
    and currency = ${period.currency}`;
  // Two halves, because each has an index.
  const { rows } = await sql<{ calls: number; amount: string }>`
    select sum(calls)::bigint as calls, sum(amount) as amount from (
      select count(*) as calls, coalesce(sum(amount_pico), 0) as amount from usage_events
      where ${of} and settled_at >= ${from} and settled_at < ${to} and billed_at = settled_at
      union all
      select count(*), coalesce(sum(amount_pico), 0) from usage_events
      where ${of} and billed_at >= ${from} and billed_at < ${to} and billed_at <> settled_at
    ) each`.execute(database);
  return { calls: rows[0]?.calls ?? 0, amountPico: BigInt(rows[0]?.amount ?? '0') };
}

export type WrongEntry = Readonly<{ entryId: number; ratedPico: bigint; postedPico: bigint }>;

/**
 * Entries of a tenant's usage that posted something else than their calls cost. What a call costs is taken
 * from whoever pays and given to revenue and its author: the sum of what was given.
 */
export async function selectWrongEntries(
  database: Database,
  period: Period,
  limit: number,
): Promise<readonly WrongEntry[]> {
  const days = await selectDays(database, period);
  const { rows } = await sql<{ entryId: number; rated: string; posted: string }>`
    with named as (
      select distinct entry_id from usage_events
      where request_day = any(${days}::date[]) and tenant_id = ${period.tenantId}
        and currency = ${period.currency} and entry_id is not null
        and billed_at >= ${new Date(period.fromMs)} and billed_at < ${new Date(period.toMs)}
    ), rated as (
      select entry_id, sum(amount_pico) as rated from usage_events
      where tenant_id = ${period.tenantId} and entry_id in (select entry_id from named)
      group by 1
    ), posted as (
      select entry_id, sum(amount_pico) as posted from ledger_postings
      where entry_id in (select entry_id from named) and amount_pico > 0 group by 1
    )
    select entry_id as "entryId", rated, coalesce(posted, 0) as posted
    from rated left join posted using (entry_id)
    where coalesce(posted, 0) <> rated order by 1 limit ${limit}`.execute(database);
  return rows.map(({ entryId, rated, posted }) => ({
    entryId,
    ratedPico: BigInt(rated),
    postedPico: BigInt(posted),
  }));
}
