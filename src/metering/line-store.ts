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
  // By the digest alone, which stands for all the texts; those are read from one row of each group.
  const { rows } = await sql<LineRow>`
    with groups as (
      select group_id, max(quarter) as quarter, sum(calls) as calls, sum(units) as units,
        sum(priced) as priced, sum(amount_pico) as amount_pico
      from usage_line_sums where ${inQuarters(period)} group by group_id
    )
    select s.project_id as "projectId", s.model_id as "modelId", s.model_name as "modelName",
      s.service_tier as "serviceTier", s.price_id as "priceId", s.unit, s.direction,
      s.charged_as as "chargedAs", s.rate, s.up_to as "upTo", s.each_pico as "eachPico",
      case when s.is_correction then s.service_day::text end as "correctionOf",
      sum(g.calls)::bigint as calls, sum(g.units)::text as units, sum(g.priced)::text as priced,
      sum(g.amount_pico) as "amountPico"
    from groups g join usage_line_sums s
      on s.tenant_id = ${period.tenantId} and s.quarter = g.quarter and s.group_id = g.group_id
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
    with groups as (
      select group_id, max(quarter) as quarter, sum(calls) as calls, sum(units) as units,
        sum(amount_pico) as amount_pico
      from usage_source_sums where ${inQuarters(period)} group by group_id
    )
    select s.project_id as "projectId", s.model_id as "modelId", s.model_name as "modelName",
      s.source, s.source_id as "sourceId", s.is_correction as "isCorrection",
      g.calls::bigint as calls, g.units::text as units, g.amount_pico as "amountPico"
    from groups g join usage_source_sums s
      on s.tenant_id = ${period.tenantId} and s.quarter = g.quarter and s.group_id = g.group_id
    order by 1, 3, 2, 4, 5, 6`.execute(database);
  return rows.map((row) => ({
    ...row,
    units: BigInt(row.units),
    amountPico: BigInt(row.amountPico),
  }));
}

export type Drawn = Readonly<{ sourceId: string; beforePico: bigint; untilPico: bigint }>;

export async function selectDrawn(
  database: Database,
  query: Period & Readonly<{ sourceIds: readonly string[] }>,
): Promise<readonly Drawn[]> {
  const { rows } = await sql<{ sourceId: string; before: string; until: string }>`
    select source_id as "sourceId", sum(amount_pico) as until,
      coalesce(sum(amount_pico) filter (where quarter < ${new Date(query.fromMs)}), 0) as before
    from usage_source_sums
    where tenant_id = ${query.tenantId} and currency = ${query.currency}
      and quarter < ${new Date(query.toMs)} and source_id = any(${query.sourceIds}::text[])
    group by 1`.execute(database);
  return rows.map(({ sourceId, before, until }) => ({
    sourceId,
    beforePico: BigInt(before),
    untilPico: BigInt(until),
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

export type ShareTotal = Readonly<{
  modelId: string;
  /** The first of these calls. */
  admittedAtMs: number;
  amountPico: bigint;
  sharePico: bigint;
}>;

/** What authors earned of the calls of a period, apart by model and by between which of the instants they were admitted. */
export async function selectShareTotals(
  database: Database,
  query: Period & Readonly<{ instantsMs: readonly number[] }>,
): Promise<readonly ShareTotal[]> {
  const days = await selectDays(database, query);
  const instants = query.instantsMs.toSorted((a, b) => a - b).map((atMs) => new Date(atMs));
  const { rows } = await sql<{
    modelId: string;
    admittedAt: Date;
    amount: string;
    share: string;
  }>`
    select model_id as "modelId", min(admitted_at) as "admittedAt", sum(amount_pico) as amount,
      sum(author_pico) as share
    from usage_events
    where request_day = any(${days}::date[]) and tenant_id = ${query.tenantId}
      and currency = ${query.currency} and author_pico > 0
      and billed_at >= ${new Date(query.fromMs)} and billed_at < ${new Date(query.toMs)}
    group by model_id, width_bucket(admitted_at, ${instants}::timestamptz[])
    order by 1, 2`.execute(database);
  return rows.map(({ modelId, admittedAt, amount, share }) => ({
    modelId,
    admittedAtMs: admittedAt.getTime(),
    amountPico: BigInt(amount),
    sharePico: BigInt(share),
  }));
}

/** Other currencies in which something of a tenant counts in these hours. */
export async function selectOtherCurrencies(
  database: Database,
  period: Period,
): Promise<readonly string[]> {
  const { rows } = await sql<{ currency: string }>`
    select distinct currency from usage_line_sums
    where tenant_id = ${period.tenantId} and currency <> ${period.currency} and amount_pico <> 0
      and quarter >= ${new Date(period.fromMs)} and quarter < ${new Date(period.toMs)}
    order by 1`.execute(database);
  return rows.map(({ currency }) => currency);
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
