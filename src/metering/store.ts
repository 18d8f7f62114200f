/** SQL that writes usage: events inserted if absent in whole batches, quarantine, and how far each gateway is. */
import { createHash } from 'node:crypto';
import { copyRows } from '#platform/copy.ts';
import { type Database, sql } from '#platform/database.ts';
import { EVENT_COLUMNS, eventRows } from './event-rows.ts';
import type { FundingPart } from './funding.ts';
import type { RatedEvent } from './rating.ts';
import { requestDay } from './request-day.ts';
import type { SettledRecord } from './usage-event.ts';

export type EventKey = Readonly<{ tenantId: string; requestId: string; attempt: number }>;

/** How far a gateway's journal has been taken over. */
export type Shipped = Readonly<{ segment: number; offset: number }>;

/** One shipment of a gateway at a time: two of the same records cannot both find them absent. */
export async function lockGateway(tx: Database, gatewayId: string): Promise<Shipped> {
  await sql`insert into usage_shipments (gateway_id, segment, offset_bytes)
    values (${gatewayId}, 0, 0) on conflict do nothing`.execute(tx);
  const { rows } = await sql<Shipped>`
    select segment, offset_bytes as offset from usage_shipments
    where gateway_id = ${gatewayId} for update`.execute(tx);
  return rows[0] ?? { segment: 0, offset: 0 };
}

export async function updateShipment(
  tx: Database,
  shipment: Readonly<{ gatewayId: string; segment: number; toOffset: number; nowMs: number }>,
): Promise<void> {
  await sql`update usage_shipments
    set segment = ${shipment.segment}, offset_bytes = ${shipment.toOffset},
      shipped_at = ${new Date(shipment.nowMs)}
    where gateway_id = ${shipment.gatewayId}`.execute(tx);
}

/** The question that the foreign key of an event will ask, put first so that the answer is no error. */
/** Those that there are, with the currency of each. */
export async function selectKnownTenants(
  tx: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; currency: string }>`
    select id, currency from tenants where id = any(${ids}::text[])`.execute(tx);
  return new Map(rows.map(({ id, currency }) => [id, currency]));
}

export function eventKey(event: EventKey): string {
  return `${event.tenantId}/${event.requestId}/${event.attempt}`;
}

/** Which of these events are recorded already, as `eventKey`s. */
export async function selectRecorded(
  tx: Database,
  records: readonly SettledRecord[],
): Promise<ReadonlySet<string>> {
  const days = records.map(requestDay);
  const { rows } = await sql<EventKey>`
    select e.tenant_id as "tenantId", e.request_id as "requestId", e.attempt
    from unnest(
      ${records.map(({ tenantId }) => tenantId)}::text[],
      ${records.map(({ requestId }) => requestId)}::text[],
      ${records.map(({ attempt }) => attempt)}::integer[],
      ${days}::date[]
    ) as asked (tenant_id, request_id, attempt, request_day)
    join usage_events e on e.request_id = asked.request_id and e.attempt = asked.attempt
      and e.tenant_id = asked.tenant_id and e.request_day = asked.request_day
    where e.request_day = any(${[...new Set(days)]}::date[])`.execute(tx);
  return new Set(rows.map(eventKey));
}

export type PostedEvent = RatedEvent &
  Readonly<{
    gatewayId: string;
    entryId: number | null;
    /** When it counts: when it was settled, or later where that period was closed. */
    billedAtMs: number;
    /** Who paid; empty where it cost nothing. */
    parts: readonly FundingPart[];
    /** What the model's author earns of it. */
    authorPico: bigint;
  }>;

/** Raises a unique violation when one of them is there already; the caller's transaction starts over. */
export async function insertEvents(tx: Database, events: readonly PostedEvent[]): Promise<void> {
  await copyRows(tx, `copy usage_events (${EVENT_COLUMNS}) from stdin`, eventRows(events));
}

/** Who paid, for the calls that anybody but cash paid a part of; the others have no rows. */
export async function insertSources(tx: Database, events: readonly PostedEvent[]): Promise<void> {
  const rows = events
    .filter(({ parts }) => parts.some(({ source }) => source !== 'cash'))
    .flatMap(({ record, currency, parts }) =>
      parts.map((part, position) => ({ record, currency, part, position })),
    );
  if (rows.length === 0) return;
  await sql`
    insert into usage_sources (tenant_id, request_day, request_id, attempt, position, source, source_id,
      currency, amount_pico, units)
    select tenant_id, request_day, request_id, attempt, position, source, source_id,
      currency, amount_pico, units
    from unnest(
      ${rows.map(({ record }) => record.tenantId)}::text[],
      ${rows.map(({ record }) => requestDay(record))}::date[],
      ${rows.map(({ record }) => record.requestId)}::text[],
      ${rows.map(({ record }) => record.attempt)}::integer[],
      ${rows.map(({ position }) => position)}::integer[],
      ${rows.map(({ part }) => part.source)}::text[],
      ${rows.map(({ part }) => part.sourceId)}::text[],
      ${rows.map(({ currency }) => currency)}::text[],
      ${rows.map(({ part }) => part.amountPico.toString())}::numeric[],
      ${rows.map(({ part }) => part.units ?? null)}::bigint[]
    ) as new (tenant_id, request_day, request_id, attempt, position, source, source_id,
      currency, amount_pico, units)`.execute(tx);
}

export type Quarantined = Readonly<{ gatewayId: string; reason: string; record: unknown }>;

/** Kept whole and once, however often it is shipped. */
export async function insertQuarantine(
  tx: Database,
  records: readonly Quarantined[],
): Promise<void> {
  const texts = records.map(({ record }) => JSON.stringify(record));
  await sql`
    insert into usage_quarantine (record_sha256, gateway_id, reason, record)
    select sha256, gateway_id, reason, record from unnest(
      ${texts.map((text) => createHash('sha256').update(text).digest())}::bytea[],
      ${records.map(({ gatewayId }) => gatewayId)}::text[],
      ${records.map(({ reason }) => reason)}::text[],
      ${texts.map(withoutUnstorable)}::jsonb[]
    ) as new (sha256, gateway_id, reason, record)
    on conflict do nothing`.execute(tx);
}

/** `jsonb` refuses these two escapes; the second alternative keeps an escaped backslash from looking like one. */
function withoutUnstorable(json: string): string {
  return json.replaceAll(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape) =>
    escape.length > 2 && /^\\u(?:0000|d)/.test(escape) ? '\\ufffd' : escape,
  );
}
