/** SQL that reads single events. Every query states its tenant (null only for the operator's whole cloud) and its days. */
import type { PriceAttributes, UnitCount } from '#pricing/quantities.ts';
import type { RawBuilder } from 'kysely';
import { type Database, sql } from '#platform/database.ts';
import { tagsOfKeys } from '#tenancy/tags.ts';
import { selectDays } from './day-store.ts';
import { dayOfId } from './request-day.ts';
import { refusedAsEvents } from './refusal-store.ts';
import type { Range, Scope } from './rollup-store.ts';
import type { Outcome } from './usage-event.ts';

const inScope = ({ tenantId, projectId }: Scope): RawBuilder<unknown> => sql`
  (${tenantId}::text is null or tenant_id = ${tenantId}::text)
  and (${projectId}::text is null or project_id = ${projectId}::text)`;

const inRange = ({ fromMs, toMs }: Range): RawBuilder<unknown> => sql`
  settled_at >= ${new Date(fromMs)} and settled_at < ${new Date(toMs)}`;

export type EventRow = Readonly<{
  requestId: string;
  attempt: number;
  modelName: string;
  projectId: string;
  keyId: string;
  outcome: Outcome | 'refused';
  status: number;
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  units: readonly UnitCount[] | null;
  attributes: PriceAttributes | null;
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
  /** Refused calls like it that have no row; 0 for every other. */
  repeats: number;
}>;

type Source = Readonly<{ from: RawBuilder<unknown>; repeats: RawBuilder<unknown> }>;

const MEASURED: Source = { from: sql`usage_events`, repeats: sql`0::bigint` };
const REFUSED: Source = { from: refusedAsEvents, repeats: sql`repeats` };

const columnsOf = ({
  repeats,
}: Source): RawBuilder<unknown> => sql`request_id as "requestId", attempt, model_name as "modelName",
  project_id as "projectId", key_id as "keyId", outcome, status, input_tokens as "inputTokens",
  cache_read_tokens as "cacheReadTokens", output_tokens as "outputTokens",
  (cache_write_tokens + cache_write_1h_tokens) as "cacheWriteTokens",
  reasoning_tokens as "reasoningTokens", units, attributes, amount_pico as "amountPico", currency,
  cost_pico as "costPico", deployment_id as "deploymentId", cache, queue_ms as "queueMs",
  error_code as "errorCode",
  entry_id as "entryId", admitted_at as "admittedAt", first_byte_at as "firstByteAt",
  settled_at as "settledAt", ${repeats} as repeats`;

/** Where the next page of events begins: after this one, newest first. */
export type EventCursor = Readonly<{ settledAtMs: number; requestId: string; attempt: number }>;

/** Which events a person looks for; null lets all through. */
export type EventFilter = Readonly<{
  keyId: string | null;
  modelName: string | null;
  outcome: Outcome | 'refused' | null;
  /** One status, or a class of them by its first digit. */
  status: number | null;
  cache: 'hit' | 'miss' | null;
  /** Of the ledger: the calls that it was posted for. */
  entryId: number | null;
  /** Of keys that carry it. */
  tag: string | null;
}>;

const passes = (filter: EventFilter): RawBuilder<unknown> => sql`
  (${filter.keyId}::text is null or key_id = ${filter.keyId}::text)
  and (${filter.modelName}::text is null or model_name = ${filter.modelName}::text)
  and (${filter.outcome}::text is null or outcome = ${filter.outcome}::text)
  and (${filter.cache}::text is null or cache = ${filter.cache}::text)
  and (${filter.entryId}::bigint is null or entry_id = ${filter.entryId}::bigint)
  and (${filter.tag}::text is null or (tenant_id, key_id) in (
    select worn.tenant_id, worn.key_id from ${tagsOfKeys} worn where worn.tag = ${filter.tag}::text))
  and (${filter.status}::integer is null or status = ${filter.status}::integer
    or status / 100 = ${filter.status}::integer)`;

type EventsQuery = Readonly<{
  scope: Scope;
  range: Range;
  filter: EventFilter;
  after: EventCursor | null;
  limit: number;
}>;

/** Measured calls and refused ones, the newest first. */
export async function selectEvents(
  database: Database,
  query: EventsQuery,
): Promise<readonly EventRow[]> {
  const days = await selectDays(database, query.range);
  const pages = [
    pageOf(MEASURED, query, sql`request_day = any(${days}::date[])`),
    pageOf(REFUSED, query, sql`true`),
  ];
  const { rows } = await sql<EventRow>`${sql.join(pages, sql` union all `)}
    order by "settledAt" desc, "requestId" desc, attempt desc limit ${query.limit}`.execute(
    database,
  );
  return rows;
}

/** Each source gives a whole page, of which the newest are the page of both. */
function pageOf(
  source: Source,
  query: EventsQuery,
  isThere: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const { after } = query;
  const settledAt = after === null ? null : new Date(after.settledAtMs);
  return sql`(select ${columnsOf(source)} from ${source.from}
    where ${isThere} and ${inScope(query.scope)} and ${inRange(query.range)} and ${passes(query.filter)}
      and (${settledAt}::timestamptz is null
        or (settled_at, request_id, attempt)
          < (${settledAt}::timestamptz, ${after?.requestId ?? ''}::text, ${after?.attempt ?? 0}::integer))
    order by settled_at desc, request_id desc, attempt desc
    limit ${query.limit})`;
}

/** The attempts of one request, the last one first; attempt 0 where it was refused. */
export async function selectEventsOfRequest(
  database: Database,
  query: Readonly<{ scope: Scope; requestId: string }>,
): Promise<readonly EventRow[]> {
  const day = dayOfId(query.requestId);
  const ofRequest = sql`${inScope(query.scope)} and request_id = ${query.requestId}`;
  const { rows } = await sql<EventRow>`
    select ${columnsOf(MEASURED)} from ${MEASURED.from}
    where ${ofRequest} and ${day === null ? sql`true` : sql`request_day = ${day}::date`}
    union all
    select ${columnsOf(REFUSED)} from ${REFUSED.from} where ${ofRequest}
    order by attempt desc limit 100`.execute(database);
  return rows;
}
