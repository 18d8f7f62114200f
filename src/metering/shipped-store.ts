/** SQL of what was taken over from gateways: which of their records, and how many calls, by the hour. */
import { type Database, sql } from '#platform/database.ts';
import type { CallSum } from './fold.ts';

/** Which records of one process of a gateway a shipment holds, by their numbers; both ends included. */
export type JournalRange = Readonly<{ run: string; first: number; last: number }>;

/** The numbers that a journal wrote into its records; a record without them is of an older gateway. */
export function rangesOf(records: readonly unknown[]): readonly JournalRange[] {
  const ranges: { run: string; first: number; last: number }[] = [];
  for (const record of records) {
    const place = placeOf(record);
    if (place === null) continue;
    const range = ranges.at(-1);
    if (range?.run === place.run && range.last + 1 === place.sequence) range.last += 1;
    else ranges.push({ run: place.run, first: place.sequence, last: place.sequence });
  }
  return ranges;
}

function placeOf(record: unknown): Readonly<{ run: string; sequence: number }> | null {
  if (typeof record !== 'object' || record === null || !('journal' in record)) return null;
  const { journal } = record;
  if (typeof journal !== 'object' || journal === null) return null;
  if (!('run' in journal) || !('sequence' in journal)) return null;
  const { run, sequence } = journal;
  if (typeof run !== 'string' || run === '' || run.length > RUN_LENGTH_MAX) return null;
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 1) return null;
  return { run, sequence };
}

const RUN_LENGTH_MAX = 40;

/** Taking a record again changes nothing. */
export async function addJournalRanges(
  tx: Database,
  request: Readonly<{ gatewayId: string; ranges: readonly JournalRange[]; nowMs: number }>,
): Promise<void> {
  const { gatewayId, ranges } = request;
  if (ranges.length === 0) return;
  const now = new Date(request.nowMs);
  await sql`
    insert into usage_journals as kept (gateway_id, run, taken, first_at, last_at)
    select ${gatewayId}, run, range_agg(int8range(first, last, '[]')), ${now}, ${now}
    from unnest(
      ${ranges.map(({ run }) => run)}::text[],
      ${ranges.map(({ first }) => first)}::bigint[],
      ${ranges.map(({ last }) => last)}::bigint[]
    ) as new (run, first, last) group by run order by run
    on conflict (gateway_id, run) do update
      set taken = kept.taken + excluded.taken, last_at = excluded.last_at`.execute(tx);
}

/** In the transaction that records the calls, under the lock of their gateway. */
export async function addTaken(
  tx: Database,
  request: Readonly<{ gatewayId: string; hours: readonly CallSum[] }>,
): Promise<void> {
  const byHour = Map.groupBy(request.hours, ({ startMs }) => startMs);
  const rows = [...byHour].map(([startMs, sums]) => ({
    hour: new Date(startMs),
    calls: sums.reduce((total, { calls }) => total + calls, 0),
    amountPico: sums.reduce((total, { amountPico }) => total + amountPico, 0n),
  }));
  if (rows.length === 0) return;
  await sql`
    insert into usage_taken as kept (gateway_id, hour, calls, amount_pico)
    select ${request.gatewayId}, hour, calls, amount from unnest(
      ${rows.map(({ hour }) => hour)}::timestamptz[],
      ${rows.map(({ calls }) => calls)}::bigint[],
      ${rows.map(({ amountPico }) => amountPico.toString())}::numeric[]
    ) as new (hour, calls, amount) order by hour
    on conflict (hour, gateway_id) do update set calls = kept.calls + excluded.calls,
      amount_pico = kept.amount_pico + excluded.amount_pico`.execute(tx);
}

export type JournalAudit = Readonly<{
  gatewayId: string;
  run: string;
  /** Numbers below the highest that never came, as PostgreSQL writes ranges; empty where none are missing. */
  missing: string;
  count: number;
}>;

/** A page of journals in the order of their keys. */
export async function auditJournals(
  database: Database,
  page: Readonly<{ after: readonly [gatewayId: string, run: string]; limit: number }>,
): Promise<readonly JournalAudit[]> {
  const [gatewayId, run] = page.after;
  const { rows } = await sql<JournalAudit>`
    select gateway_id as "gatewayId", run, missing::text as missing,
      coalesce((select sum(upper(gap) - lower(gap)) from unnest(missing) as gap), 0)::bigint as count
    from (
      select gateway_id, run, int8multirange(int8range(1, upper(taken))) - taken as missing
      from usage_journals where (gateway_id, run) > (${gatewayId}::text, ${run}::text)
      order by gateway_id, run limit ${page.limit}
    ) as page order by 1, 2`.execute(database);
  return rows;
}

export type HourAudit = Readonly<{
  hour: Date;
  gateways: string;
  taken: number;
  counted: number;
  takenPico: string;
  countedPico: string;
}>;

/** Every hour of a time: what shipments recorded, beside what was counted. */
export async function auditTaken(
  database: Database,
  scope: Readonly<{ fromMs: number; toMs: number }>,
): Promise<readonly HourAudit[]> {
  const [from, to] = [new Date(scope.fromMs), new Date(scope.toMs)];
  const { rows } = await sql<HourAudit>`
    select hour, coalesce(taken.gateways, 'none') as gateways,
      coalesce(taken.calls, 0) as taken, coalesce(counted.calls, 0) as counted,
      coalesce(taken.amount, 0) as "takenPico", coalesce(counted.amount, 0) as "countedPico"
    from (
      select hour, string_agg(gateway_id, ', ' order by gateway_id) as gateways,
        sum(calls)::bigint as calls, sum(amount_pico) as amount
      from usage_taken where hour >= ${from} and hour < ${to} group by 1
    ) as taken full join (
      select hour, sum(calls)::bigint as calls, sum(amount_pico) as amount
      from usage_hourly where hour >= ${from} and hour < ${to} group by 1
    ) as counted using (hour)
    order by 1`.execute(database);
  return rows;
}

/** The first hour from a time on that anything is kept of; null after the last. */
export async function selectNextHour(database: Database, fromMs: number): Promise<number | null> {
  const from = new Date(fromMs);
  const { rows } = await sql<{ hour: Date | null }>`
    select least((select min(hour) from usage_taken where hour >= ${from}),
      (select min(hour) from usage_hourly where hour >= ${from})) as hour`.execute(database);
  return rows[0]?.hour?.getTime() ?? null;
}
