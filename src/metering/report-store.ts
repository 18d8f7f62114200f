/** SQL that reads usage. Every query states its tenant (null only for the operator's whole cloud) and bounds its time. */
import type { RawBuilder } from 'kysely';
import { type Database, sql } from '#platform/database.ts';
import type { Outcome } from './usage-event.ts';

/** Whose usage: a tenant's, one project of it when a key asks, or the whole cloud for the operator. */
export type Scope = Readonly<{ tenantId: string | null; projectId: string | null }>;

export type Range = Readonly<{ fromMs: number; toMs: number }>;

const inScope = ({ tenantId, projectId }: Scope): RawBuilder<unknown> => sql`
  (${tenantId}::text is null or tenant_id = ${tenantId}::text)
  and (${projectId}::text is null or project_id = ${projectId}::text)`;

const inRange = ({ fromMs, toMs }: Range): RawBuilder<unknown> => sql`
  settled_at >= ${new Date(fromMs)} and settled_at < ${new Date(toMs)}`;

const sums = sql`count(*) as calls, coalesce(sum(input_tokens), 0)::bigint as "inputTokens",
  coalesce(sum(cache_read_tokens), 0)::bigint as "cacheReadTokens",
  coalesce(sum(output_tokens), 0)::bigint as "outputTokens",
  coalesce(sum(reasoning_tokens), 0)::bigint as "reasoningTokens",
  coalesce(sum(amount_pico), 0) as "amountPico", coalesce(sum(cost_pico), 0) as "costPico"`;

export type SumRow = Readonly<{
  calls: number;
  inputTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  amountPico: string;
  /** What external providers ask of us for it. */
  costPico: string;
}>;

export type BucketRow = SumRow & Readonly<{ start: Date; group: string | null }>;

export type Grouping = 'model' | 'key' | 'project' | 'none';
export type Interval = 'hour' | 'day';

const GROUP_COLUMN: Readonly<Record<Grouping, RawBuilder<unknown>>> = {
  model: sql`model_name`,
  key: sql`key_id`,
  project: sql`project_id`,
  none: sql`null::text`,
};

export type ReportQuery = Readonly<{
  scope: Scope;
  range: Range;
  currency: string;
  interval: Interval;
  groupBy: Grouping;
  /** Rows at most, by time. */
  limit: number;
}>;

export async function selectBuckets(
  database: Database,
  query: ReportQuery,
): Promise<readonly BucketRow[]> {
  const { rows } = await sql<BucketRow>`
    select date_trunc(${query.interval}, settled_at, 'UTC') as start,
      ${GROUP_COLUMN[query.groupBy]} as "group", ${sums}
    from usage_events
    where ${inScope(query.scope)} and ${inRange(query.range)} and currency = ${query.currency}
    group by 1, 2 order by 1, 2 limit ${query.limit}`.execute(database);
  return rows;
}

export async function selectTotal(
  database: Database,
  query: Pick<ReportQuery, 'scope' | 'range' | 'currency'>,
): Promise<SumRow> {
  const { rows } = await sql<SumRow>`
    select ${sums} from usage_events
    where ${inScope(query.scope)} and ${inRange(query.range)}
      and currency = ${query.currency}`.execute(database);
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate has one row');
  return row;
}

export type EventRow = Readonly<{
  requestId: string;
  attempt: number;
  modelName: string;
  projectId: string;
  keyId: string;
  outcome: Outcome;
  status: number;
  inputTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  amountPico: string;
  costPico: string | null;
  currency: string;
  deploymentId: string | null;
  cache: 'hit' | 'miss' | null;
  queueMs: number | null;
  errorCode: string | null;
  entryId: number | null;
  admittedAt: Date;
  firstByteAt: Date | null;
  settledAt: Date;
}>;

const eventColumns = sql`request_id as "requestId", attempt, model_name as "modelName",
  project_id as "projectId", key_id as "keyId", outcome, status, input_tokens as "inputTokens",
  cache_read_tokens as "cacheReadTokens", output_tokens as "outputTokens",
  reasoning_tokens as "reasoningTokens", amount_pico as "amountPico", currency,
  cost_pico as "costPico", deployment_id as "deploymentId", cache, queue_ms as "queueMs",
  error_code as "errorCode",
  entry_id as "entryId", admitted_at as "admittedAt", first_byte_at as "firstByteAt",
  settled_at as "settledAt"`;

/** Where the next page of events begins: after this one, newest first. */
export type EventCursor = Readonly<{ settledAtMs: number; requestId: string; attempt: number }>;

/** Which events a person looks for; null lets all through. */
export type EventFilter = Readonly<{
  keyId: string | null;
  modelName: string | null;
  outcome: Outcome | null;
  /** One status, or a class of them by its first digit. */
  status: number | null;
  cache: 'hit' | 'miss' | null;
}>;

const passes = (filter: EventFilter): RawBuilder<unknown> => sql`
  (${filter.keyId}::text is null or key_id = ${filter.keyId}::text)
  and (${filter.modelName}::text is null or model_name = ${filter.modelName}::text)
  and (${filter.outcome}::text is null or outcome = ${filter.outcome}::text)
  and (${filter.cache}::text is null or cache = ${filter.cache}::text)
  and (${filter.status}::integer is null or status = ${filter.status}::integer
    or status / 100 = ${filter.status}::integer)`;

export async function selectEvents(
  database: Database,
  query: Readonly<{
    scope: Scope;
    range: Range;
    filter: EventFilter;
    after: EventCursor | null;
    limit: number;
  }>,
): Promise<readonly EventRow[]> {
  const { after } = query;
  const settledAt = after === null ? null : new Date(after.settledAtMs);
  const { rows } = await sql<EventRow>`
    select ${eventColumns} from usage_events
    where ${inScope(query.scope)} and ${inRange(query.range)} and ${passes(query.filter)}
      and (${settledAt}::timestamptz is null
        or (settled_at, request_id, attempt)
          < (${settledAt}::timestamptz, ${after?.requestId ?? ''}::text, ${after?.attempt ?? 0}::integer))
    order by settled_at desc, request_id desc, attempt desc
    limit ${query.limit}`.execute(database);
  return rows;
}

/** The attempts of one request, the last one first. */
export async function selectEventsOfRequest(
  database: Database,
  query: Readonly<{ scope: Scope; requestId: string }>,
): Promise<readonly EventRow[]> {
  const { rows } = await sql<EventRow>`
    select ${eventColumns} from usage_events
    where ${inScope(query.scope)} and request_id = ${query.requestId}
    order by attempt desc limit 100`.execute(database);
  return rows;
}

/** Keys that called: one per person (their playground key) or service. */
export async function countDevelopers(
  database: Database,
  query: Readonly<{ scope: Scope; range: Range }>,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(distinct key_id) as count from usage_events
    where ${inScope(query.scope)} and ${inRange(query.range)}`.execute(database);
  return rows[0]?.count ?? 0;
}
