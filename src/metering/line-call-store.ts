/** SQL of the calls behind a line of a bill. */
import type { RawBuilder } from 'kysely';
import { type Database, sql } from '#platform/database.ts';
import type { PriceAttributes, UnitCount } from '#pricing/quantities.ts';
import type { PriceTier } from '#pricing/tier.ts';
import { selectDays } from './day-store.ts';
import type { EventCursor } from './event-store.ts';
import type { Period } from './line-store.ts';
import type { RatedBy } from './rating.ts';
import type { Outcome, UsageBuckets } from './usage-event.ts';

/** What of a line the calls themselves say. Null lets all through. */
export type LineFilter = Readonly<{
  modelId: string;
  modelName: string;
  serviceTier: string;
  /** The bucket that the line counts; calls where it is empty are passed over. */
  bucket: keyof typeof BUCKETS | null;
  /** The UTC day of calls that came too late for their own period; null for the period's own. */
  correctionOf: string | null;
}>;

export type SourceFilter = Readonly<{ source: string; sourceId: string | null }>;

export type CandidateRow = Readonly<{
  tenantId: string;
  requestId: string;
  attempt: number;
  projectId: string;
  keyId: string;
  modelId: string;
  modelName: string;
  priceId: string | null;
  serviceTier: PriceTier;
  outcome: Outcome;
  usage: UsageBuckets;
  units?: readonly UnitCount[] | undefined;
  attributes?: PriceAttributes | undefined;
  holdPico: string;
  currency: string;
  amountPico: string;
  /** What the source that was asked for paid of it; null where none was. */
  paidPico: string | null;
  ratedBy: RatedBy;
  entryId: number | null;
  settledAt: Date;
  billedAt: Date;
}>;

type Row = Omit<CandidateRow, 'usage' | 'units' | 'attributes'> &
  Required<UsageBuckets> &
  Readonly<{ units: readonly UnitCount[] | null; attributes: PriceAttributes | null }>;

const BUCKETS = {
  input: sql`input_tokens`,
  cache_read: sql`cache_read_tokens`,
  cache_write: sql`cache_write_tokens`,
  cache_write_1h: sql`cache_write_1h_tokens`,
  output: sql`output_tokens`,
  reasoning: sql`reasoning_tokens`,
} as const;

export function bucketOf(unit: string, direction: string): LineFilter['bucket'] {
  if (unit !== 'token') return null;
  return (
    Object.keys(BUCKETS).find((name): name is keyof typeof BUCKETS => name === direction) ?? null
  );
}

/** Calls of the period that may be behind the line, newest first; which are, rating them again says. */
export async function selectCandidates(
  database: Database,
  query: Readonly<{
    period: Period;
    line: LineFilter | null;
    source: SourceFilter | null;
    after: EventCursor | null;
    limit: number;
  }>,
): Promise<readonly CandidateRow[]> {
  const { period, line, source, after } = query;
  const days = await selectDays(database, period);
  const settledAt = after === null ? null : new Date(after.settledAtMs);
  const { rows } = await sql<Row>`
    select e.tenant_id as "tenantId", e.request_id as "requestId", e.attempt,
      e.project_id as "projectId", e.key_id as "keyId", e.model_id as "modelId",
      e.model_name as "modelName", e.price_id as "priceId", e.service_tier as "serviceTier",
      e.outcome, e.input_tokens as input, e.cache_read_tokens as "cacheRead",
      e.cache_write_tokens as "cacheWrite", e.cache_write_1h_tokens as "cacheWrite1h",
      e.output_tokens as output, e.reasoning_tokens as reasoning, e.units, e.attributes,
      e.hold_pico as "holdPico", e.currency, e.amount_pico as "amountPico",
      ${source === null ? sql`null` : paidBy(source)} as "paidPico",
      e.rated_by as "ratedBy", e.entry_id as "entryId", e.settled_at as "settledAt",
      e.billed_at as "billedAt"
    from usage_events e
    where e.request_day = any(${days}::date[]) and e.tenant_id = ${period.tenantId}
      and e.currency = ${period.currency} and e.settled_at < ${new Date(period.toMs)}
      and e.billed_at >= ${new Date(period.fromMs)} and e.billed_at < ${new Date(period.toMs)}
      and ${line === null ? sql`true` : isOfLine(line)}
      and ${source === null ? sql`true` : sql`${paidBy(source)} > 0`}
      and (${settledAt}::timestamptz is null or (e.settled_at, e.request_id, e.attempt)
        < (${settledAt}::timestamptz, ${after?.requestId ?? ''}::text, ${after?.attempt ?? 0}::integer))
    order by e.settled_at desc, e.request_id desc, e.attempt desc limit ${query.limit}`.execute(
    database,
  );
  return rows.map(toCandidate);
}

function isOfLine(line: LineFilter): RawBuilder<unknown> {
  const { modelId, modelName, serviceTier, bucket, correctionOf } = line;
  return sql`e.model_id = ${modelId} and e.model_name = ${modelName}
    and e.service_tier = ${serviceTier}
    and ${bucket === null ? sql`true` : sql`e.${BUCKETS[bucket]} > 0`}
    and ${
      correctionOf === null
        ? sql`e.billed_at = e.settled_at`
        : sql`e.billed_at <> e.settled_at
            and (e.settled_at at time zone 'UTC')::date = ${correctionOf}::date`
    }`;
}

/** A call without rows of its own was paid in cash. */
function paidBy({ source, sourceId }: SourceFilter): RawBuilder<unknown> {
  const parts = sql`from usage_sources s where s.request_id = e.request_id
    and s.attempt = e.attempt and s.tenant_id = e.tenant_id and s.request_day = e.request_day`;
  const paid = sql`(select coalesce(sum(s.amount_pico), 0) ${parts} and s.source = ${source}
    and (${sourceId}::text is null or s.source_id = ${sourceId}::text))`;
  if (source !== 'cash') return paid;
  return sql`(case when exists (select 1 ${parts}) then ${paid} else e.amount_pico end)`;
}

function toCandidate(row: Row): CandidateRow {
  const {
    input,
    cacheRead,
    cacheWrite,
    cacheWrite1h,
    output,
    reasoning,
    units,
    attributes,
    ...of
  } = row;
  return {
    ...of,
    usage: { input, cacheRead, cacheWrite, cacheWrite1h, output, reasoning },
    units: units ?? undefined,
    attributes: attributes ?? undefined,
  };
}
