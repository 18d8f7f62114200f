/** SQL of the days that usage is partitioned by. */
import { type Database, sql } from '#platform/database.ts';

/** Between which instants the events of a day count; half open. */
export type DaySpan = Readonly<{ day: string; firstMs: number; lastMs: number }>;

/** Makes the partitions of a day, unless somebody holds what that needs for longer. */
export async function makeDay(tx: Database, day: string, lockTimeoutMs: number): Promise<void> {
  await sql`select set_config('lock_timeout', ${String(lockTimeoutMs)}, true)`.execute(tx);
  await sql`select usage_make_day(${day}::date)`.execute(tx);
}

/** Which of these days have partitions. */
export async function selectMadeDays(
  database: Database,
  days: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ day: string }>`
    select day::text from unnest(${days}::date[]) as day
    where to_regclass('usage_events_' || to_char(day, 'YYYYMMDD')) is not null`.execute(database);
  return new Set(rows.map(({ day }) => day));
}

/** In the order of the days, which is the lock order. */
export async function widenDays(tx: Database, spans: readonly DaySpan[]): Promise<void> {
  const sorted = spans.toSorted((a, b) => (a.day < b.day ? -1 : 1));
  await sql`
    insert into usage_days as kept (request_day, first_at, last_at)
    select * from unnest(
      ${sorted.map(({ day }) => day)}::date[],
      ${sorted.map(({ firstMs }) => new Date(firstMs))}::timestamptz[],
      ${sorted.map(({ lastMs }) => new Date(lastMs))}::timestamptz[])
    on conflict (request_day) do update set
      first_at = least(kept.first_at, excluded.first_at),
      last_at = greatest(kept.last_at, excluded.last_at)`.execute(tx);
}

/** Days with events that count in this time: a reader looks through no others. */
export async function selectDays(
  database: Database,
  range: Readonly<{ fromMs: number; toMs: number }>,
): Promise<readonly string[]> {
  const { rows } = await sql<{ day: string }>`
    select request_day::text as day from usage_days
    where first_at < ${new Date(range.toMs)} and last_at > ${new Date(range.fromMs)}
    order by request_day`.execute(database);
  return rows.map(({ day }) => day);
}

/** The first moment from a time on at which a call counts, as far as days tell; null after the last. */
export async function selectNextSpanStart(
  database: Database,
  fromMs: number,
): Promise<number | null> {
  const from = new Date(fromMs);
  const { rows } = await sql<{ start: Date | null }>`
    select min(greatest(first_at, ${from})) as start from usage_days
    where last_at > ${from} and first_at < last_at`.execute(database);
  return rows[0]?.start?.getTime() ?? null;
}

/** How many calls were counted in these hours. */
export async function selectCallsOf(
  database: Database,
  range: Readonly<{ fromMs: number; toMs: number }>,
): Promise<number> {
  const { rows } = await sql<{ calls: number }>`
    select coalesce(sum(calls), 0)::bigint as calls from usage_hourly
    where hour >= ${new Date(range.fromMs)} and hour < ${new Date(range.toMs)}`.execute(database);
  return rows[0]?.calls ?? 0;
}
