/** SQL over what was fetched. */
import { type Database, sql } from '#platform/database.ts';

export type DayCount = Readonly<{
  tenantId: string;
  modelId: string;
  /** `2026-11-24` */
  day: string;
  downloads: number;
  bytes: number;
  /** Hashes, in hexadecimal. */
  clients: readonly string[];
}>;

/** Of repositories that are still there. */
export async function addCounts(tx: Database, counts: readonly DayCount[]): Promise<void> {
  const rows = counts.map(({ tenantId, modelId, day, downloads, bytes }) => ({
    tenantId,
    modelId,
    day,
    downloads,
    bytes,
  }));
  const seen = counts.flatMap(({ tenantId, modelId, day, clients }) =>
    clients.map((client) => ({ tenantId, modelId, day, client })),
  );
  // Locked in one order by everybody: two flushes never wait for each other in a circle.
  await sql`
    with given as (select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as g ("tenantId" text, "modelId" text, day date, downloads bigint, bytes bigint)),
    fresh as (
      insert into downloaders (tenant_id, model_id, day, client)
      select s."tenantId", s."modelId", s.day, decode(s.client, 'hex')
      from jsonb_to_recordset(${JSON.stringify(seen)}::jsonb)
        as s ("tenantId" text, "modelId" text, day date, client text)
      order by 1, 2, 3, 4 on conflict do nothing
      returning tenant_id, model_id, day)
    insert into downloads_daily as d (tenant_id, model_id, day, downloads, bytes, downloaders)
    select g."tenantId", g."modelId", g.day, g.downloads, g.bytes,
      (select count(*) from fresh f where f.tenant_id = g."tenantId" and f.model_id = g."modelId"
        and f.day = g.day)
    from given g join models m on m.tenant_id = g."tenantId" and m.id = g."modelId"
    where m.removed_at is null
    order by 1, 2, 3
    on conflict (tenant_id, model_id, day) do update set downloads = d.downloads + excluded.downloads,
      bytes = d.bytes + excluded.bytes, downloaders = d.downloaders + excluded.downloaders`.execute(
    tx,
  );
  await sql`
    update catalogue c set downloads_all_time = c.downloads_all_time + g.downloads
    from (select "modelId", sum(downloads) as downloads
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as given ("modelId" text, downloads bigint)
      where downloads > 0 group by "modelId") as g
    where c.model_id = g."modelId"`.execute(tx);
}

/** Hashes of days before this moment's. */
export async function forgetDownloaders(database: Database, before: Date): Promise<void> {
  await sql`delete from downloaders where day < (${before}::timestamptz at time zone 'UTC')::date`.execute(
    database,
  );
}

/**
 * Downloads of 30 days, and what trends: over the last seven days, each day's likes three times and
 * its different downloaders once, halved for every three days that have passed since. Touches only what changes.
 */
export async function refreshFigures(database: Database, now: Date): Promise<void> {
  await sql`
    with days as (select tenant_id, model_id, downloads, downloaders,
        extract(epoch from ${now}::timestamptz - day)::double precision / 86400 as age
      from downloads_daily where day > (${now}::timestamptz at time zone 'UTC')::date - 30),
    fetched as (select tenant_id, model_id, sum(downloads) as downloads,
        sum(case when age < 8 then downloaders * power(0.5, greatest(age - 1, 0) / 3) else 0 end) as heat
      from days group by tenant_id, model_id),
    liked as (select tenant_id, model_id, sum(3 * power(0.5,
        extract(epoch from ${now}::timestamptz - created_at)::double precision / 259200)) as heat
      from repository_likes where created_at > ${now}::timestamptz - interval '7 days'
      group by tenant_id, model_id),
    figures as (
      select c.tenant_id, c.model_id, coalesce(f.downloads, 0) as downloads,
        round((coalesce(f.heat, 0) + coalesce(l.heat, 0))::numeric, 3)::double precision as trending
      from catalogue c
      left join fetched f using (tenant_id, model_id)
      left join liked l using (tenant_id, model_id)
      where f.model_id is not null or l.model_id is not null or c.downloads > 0 or c.trending > 0)
    update catalogue c set downloads = f.downloads, trending = f.trending
    from figures f
    where f.tenant_id = c.tenant_id and f.model_id = c.model_id
      and (c.downloads, c.trending) is distinct from (f.downloads, f.trending)`.execute(database);
}

export type DayFigures = Readonly<{
  day: string;
  downloads: number;
  downloaders: number;
  bytes: number;
}>;

/** So many days until this moment's, the oldest first, with zeros where nobody came. */
export async function selectDays(
  database: Database,
  { tenantId, modelId }: Readonly<{ tenantId: string; modelId: string }>,
  { until, count }: Readonly<{ until: Date; count: number }>,
): Promise<readonly DayFigures[]> {
  const { rows } = await sql<DayFigures>`
    select to_char(d.day, 'YYYY-MM-DD') as day, coalesce(f.downloads, 0) as downloads,
      coalesce(f.downloaders, 0) as downloaders, coalesce(f.bytes, 0) as bytes
    from (select (${until}::timestamptz at time zone 'UTC')::date - ago as day
      from generate_series(0, ${count}::int - 1) as ago) as d
    left join downloads_daily f on f.tenant_id = ${tenantId} and f.model_id = ${modelId}
      and f.day = d.day
    order by d.day`.execute(database);
  return rows;
}
