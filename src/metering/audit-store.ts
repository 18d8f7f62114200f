/** SQL that walks every event once, for the conservation checker. */
import { type Database, sql } from '#platform/database.ts';
import type { RatedBy } from './rating.ts';
import type { PriceAttributes, UnitCount } from '#pricing/quantities.ts';
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
  units?: readonly UnitCount[] | undefined;
  attributes?: PriceAttributes | undefined;
  holdPico: string;
  amountPico: string;
  ratedBy: RatedBy;
  serviceTier: PriceTier;
  leaseId: string | null;
}>;

/** The key of an event within its day. */
export type EventPlace = Readonly<{ requestId: string; attempt: number; tenantId: string }>;

type Row = Omit<AuditRow, 'usage' | 'units' | 'attributes'> &
  UsageBuckets &
  Readonly<{ units: readonly UnitCount[] | null; attributes: PriceAttributes | null }>;

/**
 * Day by day in the order of the key, across tenants: only the operator's checker calls this. The days are
 * those of `selectAuditDays`, and `after` is of the same day.
 */
export async function selectForAudit(
  database: Database,
  page: Readonly<{ day: string; after: EventPlace | null; limit: number }>,
): Promise<readonly AuditRow[]> {
  const { day, after, limit } = page;
  const { rows } = await sql<Row>`
    select tenant_id as "tenantId", request_id as "requestId", attempt, price_id as "priceId",
      model_id as "modelId", outcome, input_tokens as input, cache_read_tokens as "cacheRead",
      cache_write_tokens as "cacheWrite", cache_write_1h_tokens as "cacheWrite1h",
      output_tokens as output, reasoning_tokens as reasoning, units, attributes,
      hold_pico as "holdPico", amount_pico as "amountPico", rated_by as "ratedBy",
      service_tier as "serviceTier", lease_id as "leaseId"
    from usage_events
    where request_day = ${day}::date and (request_id, attempt, tenant_id)
      > (${after?.requestId ?? ''}::text, ${after?.attempt ?? -1}::integer, ${after?.tenantId ?? ''}::text)
    order by request_id, attempt, tenant_id limit ${limit}`.execute(database);
  return rows.map(
    ({
      input,
      cacheRead,
      cacheWrite,
      cacheWrite1h,
      output,
      reasoning,
      units,
      attributes,
      ...row
    }) => ({
      ...row,
      usage: { input, cacheRead, cacheWrite, cacheWrite1h, output, reasoning },
      units: units ?? undefined,
      attributes: attributes ?? undefined,
    }),
  );
}

export async function selectAuditDays(
  database: Database,
  fromDay: string,
): Promise<readonly string[]> {
  const { rows } = await sql<{ day: string }>`
    select request_day::text as day from usage_days
    where request_day >= ${fromDay}::date and dropped_at is null order by 1`.execute(database);
  return rows.map(({ day }) => day);
}

export type PartsSum = EventPlace & Readonly<{ amountPico: string }>;

/** Who paid, summed by call, of the calls of a day after one and up to another, both by their key. */
export async function selectPartsForAudit(
  database: Database,
  range: Readonly<{ day: string; after: EventPlace | null; last: EventPlace | null }>,
): Promise<readonly PartsSum[]> {
  const { day, after, last } = range;
  const { rows } = await sql<PartsSum>`
    select request_id as "requestId", attempt, tenant_id as "tenantId", sum(amount_pico) as "amountPico"
    from usage_sources
    where request_day = ${day}::date and (request_id, attempt, tenant_id)
      > (${after?.requestId ?? ''}::text, ${after?.attempt ?? -1}::integer, ${after?.tenantId ?? ''}::text)
      and (${last === null} or (request_id, attempt, tenant_id)
        <= (${last?.requestId ?? ''}::text, ${last?.attempt ?? 0}::integer, ${last?.tenantId ?? ''}::text))
    group by 1, 2, 3 order by 1, 2, 3`.execute(database);
  return rows;
}

/** Which of these leases there are. */
export async function selectLeasesThatAre(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from leases where id = any(${ids}::text[])`.execute(database);
  return new Set(rows.map(({ id }) => id));
}
