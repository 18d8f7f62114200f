/** SQL that drops the calls of a day and keeps what the books need of them. */
import { type Database, sql } from '#platform/database.ts';
import type { DaySpan } from './day-store.ts';

/** Days before this one that have calls and were not dropped, oldest first. */
export async function selectEndedDays(
  database: Database,
  before: string,
): Promise<readonly DaySpan[]> {
  const { rows } = await sql<{ day: string; first: Date; last: Date }>`
    select request_day::text as day, first_at as first, last_at as last from usage_days
    where request_day < ${before}::date and dropped_at is null and first_at < last_at
    order by request_day`.execute(database);
  return rows.map(({ day, first, last }) => ({
    day,
    firstMs: first.getTime(),
    lastMs: last.getTime(),
  }));
}

export async function selectTenantsOf(database: Database, day: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct tenant_id as id from usage_events where request_day = ${day}::date
    order by 1`.execute(database);
  return rows.map(({ id }) => id);
}

/** Which of these days were dropped. */
export async function selectDroppedDays(
  database: Database,
  days: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ day: string }>`
    select request_day::text as day from usage_days
    where request_day = any(${days}::date[]) and dropped_at is not null`.execute(database);
  return new Set(rows.map(({ day }) => day));
}

/** Entries of the day's calls that gave something else than all their calls, of any day, cost. */
export async function selectWrongEntriesOfDay(database: Database, day: string): Promise<number> {
  const { rows } = await sql<{ wrong: number }>`
    with named as (
      select distinct entry_id from usage_events
      where request_day = ${day}::date and entry_id is not null
    ), rated as (
      select entry_id, sum(amount_pico) as rated from (
        select entry_id, amount_pico from usage_events
          where entry_id in (select entry_id from named)
        union all
        select entry_id, amount_pico from usage_archived_entries
          where entry_id in (select entry_id from named)
      ) each group by 1
    ), posted as (
      select entry_id, sum(amount_pico) as posted from ledger_postings
      where entry_id in (select entry_id from named) and amount_pico > 0 group by 1
    )
    select count(*) as wrong from rated left join posted using (entry_id)
    where coalesce(posted, 0) <> rated`.execute(database);
  return rows[0]?.wrong ?? 0;
}

export async function archiveDay(tx: Database, day: string): Promise<void> {
  await sql`
    insert into usage_archived_entries (tenant_id, entry_id, request_day, calls, amount_pico)
    select tenant_id, entry_id, request_day, count(*), sum(amount_pico) from usage_events
    where request_day = ${day}::date and entry_id is not null group by 1, 2, 3`.execute(tx);
  await sql`
    insert into usage_archived_leases (tenant_id, lease_id, request_day, amount_pico)
    select tenant_id, lease_id, request_day, sum(amount_pico) from usage_events
    where request_day = ${day}::date and lease_id is not null group by 1, 2, 3`.execute(tx);
}

export async function dropDay(
  tx: Database,
  request: Readonly<{ day: string; nowMs: number; lockTimeoutMs: number }>,
): Promise<void> {
  const { day, nowMs, lockTimeoutMs } = request;
  await sql`select set_config('lock_timeout', ${String(lockTimeoutMs)}, true)`.execute(tx);
  for (const parent of ['usage_events', 'usage_sources']) {
    await sql`drop table if exists ${sql.table(`${parent}_${day.replaceAll('-', '')}`)}`.execute(
      tx,
    );
    await sql`delete from ${sql.table(`${parent}_rest`)}
      where request_day = ${day}::date`.execute(tx);
  }
  await sql`update usage_days set dropped_at = ${new Date(nowMs)}
    where request_day = ${day}::date`.execute(tx);
}
