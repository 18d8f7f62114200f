/** SQL that reads sums of calls. No dashboard reads anything else, so none slows down as calls pile up. */
import type { RawBuilder } from 'kysely';
import { type Database, sql } from '#platform/database.ts';
import type { OtherUnit } from '#pricing/quantities.ts';
import { tagsOfKeys } from '#tenancy/tags.ts';

/** Whose usage: a tenant's, one project of it when a key asks, or the whole cloud for the operator. */
export type Scope = Readonly<{ tenantId: string | null; projectId: string | null }>;

/** Half open. Sums are kept by UTC hours and days: bounds within one count as its start. */
export type Range = Readonly<{ fromMs: number; toMs: number }>;

export const DIMENSIONS = [
  'tenant',
  'project',
  'key',
  'model',
  'region',
  'serviceTier',
  'ratedBy',
  'correction',
  /** A word on the key or its project; a call counts once for each it carries. */
  'tag',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** `none` sums over all of the range. Months are of UTC. */
export type Interval = 'hour' | 'day' | 'month' | 'none';

export type RollupQuery = Readonly<{
  scope: Scope;
  range: Range;
  /** Null for every currency: then amounts are of no use, and are not to be shown. */
  currency: string | null;
  interval: Interval;
  groupBy: readonly Dimension[];
  /** Only of these; empty lets all through. */
  filter?: Readonly<{
    keyIds?: readonly string[];
    modelNames?: readonly string[];
    projectIds?: readonly string[];
    /** Of keys that carry one of them, themselves or by their project. */
    tags?: readonly string[];
  }>;
  /** Rows at most, by time. */
  limit: number;
}>;

export type SumRow = Readonly<{
  calls: number;
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  amountPico: string;
  /** What external providers ask of us for it. */
  costPico: string;
  /** What authors earn of it. */
  authorPico: string;
}>;

/** Dimensions that were not asked for are null. */
export type RollupRow = SumRow &
  Readonly<{ start: Date }> &
  Readonly<Record<Dimension, string | null>>;

const COLUMN: Readonly<Record<Dimension, RawBuilder<unknown>>> = {
  tenant: sql`kept.tenant_id`,
  project: sql`project_id`,
  key: sql`kept.key_id`,
  model: sql`model_name`,
  region: sql`region`,
  serviceTier: sql`service_tier`,
  ratedBy: sql`rated_by`,
  correction: sql`is_correction::text`,
  tag: sql`tagged.tag`,
};

const sums = sql`coalesce(sum(calls), 0)::bigint as calls,
  coalesce(sum(input_tokens), 0)::bigint as "inputTokens",
  coalesce(sum(cache_read_tokens), 0)::bigint as "cacheReadTokens",
  coalesce(sum(cache_write_tokens + cache_write_1h_tokens), 0)::bigint as "cacheWriteTokens",
  coalesce(sum(output_tokens), 0)::bigint as "outputTokens",
  coalesce(sum(reasoning_tokens), 0)::bigint as "reasoningTokens",
  coalesce(sum(amount_pico), 0) as "amountPico", coalesce(sum(cost_pico), 0) as "costPico",
  coalesce(sum(author_pico), 0) as "authorPico"`;

const inScope = ({ tenantId, projectId }: Scope): RawBuilder<unknown> => sql`
  (${tenantId}::text is null or tenant_id = ${tenantId}::text)
  and (${projectId}::text is null or project_id = ${projectId}::text)`;

/** Ordered by time, then by the dimensions. */
export async function selectRollup(
  database: Database,
  query: RollupQuery,
): Promise<readonly RollupRow[]> {
  const { range, interval, limit } = query;
  const { rows } = await sql<RollupRow>`
    select ${startOf(query)} as start, ${dimensionsOf(query)}, ${sums}
    from ${kept(query)} kept ${joins(query)}
    where ${passes(query)}
    group by ${groups} order by ${groups} limit ${limit}`.execute(database);
  return interval === 'none'
    ? rows.map((row) => ({ ...row, start: new Date(range.fromMs) }))
    : rows;
}

/** The start and all dimensions, by their places. */
const groups = sql.join(
  Array.from({ length: DIMENSIONS.length + 1 }, (_, at) => sql.raw(`${at + 1}`)),
);

function dimensionsOf({ groupBy }: RollupQuery): RawBuilder<unknown> {
  return sql.join(
    DIMENSIONS.map((dimension) => {
      const column = groupBy.includes(dimension) ? COLUMN[dimension] : sql`null::text`;
      return sql`${column} as ${sql.ref(dimension)}`;
    }),
  );
}

function joins({ groupBy }: RollupQuery): RawBuilder<unknown> {
  if (!groupBy.includes('tag')) return sql``;
  return sql`left join ${tagsOfKeys} tagged
    on tagged.tenant_id = kept.tenant_id and tagged.key_id = kept.key_id`;
}

function passes(query: RollupQuery): RawBuilder<unknown> {
  const { currency, filter = {}, scope } = query;
  const only = (dimension: Dimension, values: readonly string[] = []): RawBuilder<unknown> =>
    values.length === 0 ? sql`true` : sql`${COLUMN[dimension]} = any(${values}::text[])`;
  const { tags = [] } = filter;
  const isTagged =
    tags.length === 0
      ? sql`true`
      : sql`exists (select 1 from ${tagsOfKeys} worn where worn.tenant_id = kept.tenant_id
          and worn.key_id = kept.key_id and worn.tag = any(${tags}::text[]))`;
  return sql`(${scope.tenantId}::text is null or kept.tenant_id = ${scope.tenantId}::text)
    and (${scope.projectId}::text is null or project_id = ${scope.projectId}::text)
    and ${inRange(query)} and (${currency}::text is null or currency = ${currency}::text)
    and ${only('key', filter.keyIds)} and ${only('model', filter.modelNames)}
    and ${only('project', filter.projectIds)} and ${isTagged}`;
}

/** One unit other than tokens, summed like calls. */
export type UnitRow = Readonly<{
  start: Date;
  unit: OtherUnit;
  direction: 'input' | 'output';
  /** In `COUNTS_PER_UNIT`. */
  count: number;
}> &
  Readonly<Record<Dimension, string | null>>;

/** Units beside tokens of the same calls, in rows of their own: most calls have none. */
export async function selectUnits(
  database: Database,
  query: RollupQuery,
): Promise<readonly UnitRow[]> {
  const { range, interval, limit } = query;
  const [table, start] = isByHour(query)
    ? [sql`usage_units_hourly`, sql`hour`]
    : [sql`usage_units_daily`, sql`day`];
  const { rows } = await sql<UnitRow>`
    select ${startOf(query)} as start, ${dimensionsOf(query)}, unit, direction,
      sum(count)::bigint as count
    from ${kept(query)} kept join ${table} used using (tenant_id, ${start}, group_id) ${joins(query)}
    where ${passes(query)}
    group by ${groups}, unit, direction order by ${groups}, unit, direction limit ${limit}`.execute(
    database,
  );
  return interval === 'none'
    ? rows.map((row) => ({ ...row, start: new Date(range.fromMs) }))
    : rows;
}

const NO_CALLS: SumRow = {
  calls: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  amountPico: '0',
  costPico: '0',
  authorPico: '0',
};

export async function selectTotal(
  database: Database,
  query: Pick<RollupQuery, 'scope' | 'range' | 'currency' | 'filter'>,
): Promise<SumRow> {
  const [row] = await selectRollup(database, { ...query, interval: 'none', groupBy: [], limit: 1 });
  return row ?? NO_CALLS;
}

/** Tenants that called a model on or after a day, by the name they called it last in the alphabet. */
export async function selectCallers(
  tx: Database,
  query: Readonly<{
    modelId: string;
    currency: string;
    sinceMs: number;
    afterTenantId: string;
    limit: number;
  }>,
): Promise<readonly Readonly<{ tenantId: string; modelName: string }>[]> {
  const { modelId, currency, sinceMs, afterTenantId, limit } = query;
  const { rows } = await sql<{ tenantId: string; modelName: string }>`
    select tenant_id as "tenantId", max(model_name) as "modelName" from usage_daily
    where day >= ${new Date(sinceMs).toISOString().slice(0, 10)}::date and model_id = ${modelId}
      and currency = ${currency} and tenant_id > ${afterTenantId}
    group by 1 order by 1 limit ${limit}`.execute(tx);
  return rows;
}

/** Keys that called: one per person (their playground key) or service. */
export async function countDevelopers(
  database: Database,
  query: Readonly<{ scope: Scope; range: Range }>,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(distinct key_id) as count from usage_daily
    where ${inScope(query.scope)} and ${inDays(query.range)}`.execute(database);
  return rows[0]?.count ?? 0;
}

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** Hours only where they are needed: a year of them is a year times 24. */
function isByHour({
  interval,
  range,
}: Pick<RollupQuery, 'range'> & { interval: Interval }): boolean {
  if (interval === 'hour') return true;
  return interval === 'none' && (range.fromMs % DAY_MS !== 0 || range.toMs % DAY_MS !== 0);
}

function kept(query: RollupQuery): RawBuilder<unknown> {
  return isByHour(query) ? sql`usage_hourly` : sql`usage_daily`;
}

function startOf(query: RollupQuery): RawBuilder<unknown> {
  const { interval } = query;
  if (interval === 'none') return sql`null::timestamptz`;
  if (interval === 'hour') return sql`hour`;
  if (interval === 'day') return sql`(day::timestamp at time zone 'UTC')`;
  return sql`(date_trunc('month', day::timestamp) at time zone 'UTC')`;
}

function inRange(query: RollupQuery): RawBuilder<unknown> {
  if (!isByHour(query)) return inDays(query.range);
  const { fromMs, toMs } = wholeHours(query.range);
  return sql`hour >= ${new Date(fromMs)} and hour < ${new Date(toMs)}`;
}

function inDays(range: Range): RawBuilder<unknown> {
  const { fromMs, toMs } = wholeDays(range);
  const day = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
  return sql`day >= ${day(fromMs)}::date and day < ${day(toMs)}::date`;
}

/** Widened to the hours that the bounds fall in. */
export function wholeHours(range: Range): Range {
  return widened(range, HOUR_MS);
}

export function wholeDays(range: Range): Range {
  return widened(range, DAY_MS);
}

function widened({ fromMs, toMs }: Range, stepMs: number): Range {
  return { fromMs: Math.floor(fromMs / stepMs) * stepMs, toMs: Math.ceil(toMs / stepMs) * stepMs };
}
