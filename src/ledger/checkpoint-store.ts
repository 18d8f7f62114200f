/** All SQL of checkpoints. */
import { type Database, sql } from '#platform/database.ts';

export type Checkpoint = Readonly<{
  /** UTC, as `2026-01-31`. */
  day: string;
  /** The day holds the entries after the last of the day before, up to this one. */
  lastEntryId: number;
  entries: number;
  previous: Buffer;
  sha256: Buffer;
}>;

/** Digests of some entries in the order of their ids, cut short. */
export type CheckpointPart = Readonly<{ entryIds: readonly number[]; digests: Buffer }>;

export type EntryDigest = Readonly<{ id: number; sha256: Buffer }>;

/**
 * Waits until nobody is in the middle of posting. Ids are drawn by the insert, which holds its lock on the
 * table until it commits: after this no entry will appear with a smaller id than the largest there is.
 */
export async function waitForWriters(tx: Database, lockTimeoutMs: number): Promise<void> {
  await sql`select set_config('lock_timeout', ${String(lockTimeoutMs)}, true)`.execute(tx);
  await sql`lock table ledger_entries in share mode`.execute(tx);
}

export async function selectLastCheckpoint(database: Database): Promise<Checkpoint | null> {
  const { rows } = await sql<Checkpoint>`select ${columns} from ledger_checkpoints
    order by day desc limit 1`.execute(database);
  return rows[0] ?? null;
}

const columns = sql`day::text as day, last_entry_id as "lastEntryId", entries,
  previous_sha256 as previous, sha256`;

export async function selectCheckpoints(
  database: Database,
  page: Readonly<{ afterDay: string | null; limit: number }>,
): Promise<readonly Checkpoint[]> {
  const { rows } = await sql<Checkpoint>`select ${columns} from ledger_checkpoints
    where (${page.afterDay}::date is null or day > ${page.afterDay}::date)
    order by day limit ${page.limit}`.execute(database);
  return rows;
}

/** Null while nothing was ever posted. */
export async function selectFirstDay(database: Database): Promise<string | null> {
  const { rows } = await sql<{ day: string }>`
    select (recorded_at at time zone 'UTC')::date::text as day from ledger_entries
    order by id limit 1`.execute(database);
  return rows[0]?.day ?? null;
}

/** The last entry recorded before the end of the day, or `afterId` where the day has none. */
export async function selectLastEntryId(
  database: Database,
  request: Readonly<{ afterId: number; day: string }>,
): Promise<number> {
  const { rows } = await sql<{ id: number | null }>`
    select max(id) as id from ledger_entries
    where id > ${request.afterId}
      and recorded_at < ((${request.day}::date + 1)::timestamp at time zone 'UTC')`.execute(
    database,
  );
  return rows[0]?.id ?? request.afterId;
}

/**
 * Everything that is written of an entry and its postings, in one digest each. jsonb and numeric have one
 * text form, and instants are counted in microseconds, so that the same rows give the same digest anywhere.
 */
export async function selectEntryDigests(
  database: Database,
  page: Readonly<{ afterId: number; lastId: number; limit: number }>,
): Promise<readonly EntryDigest[]> {
  const { rows } = await sql<EntryDigest>`
    select e.id, sha256(convert_to(json_build_array(e.id, e.key, encode(e.payload_sha256, 'hex'),
        e.kind, e.reference::text, (extract(epoch from e.effective_at) * 1000000)::bigint,
        (extract(epoch from e.recorded_at) * 1000000)::bigint,
        (select json_agg(json_build_array(p.position, p.account_id, p.currency, p.amount_pico::text)
          order by p.position) from ledger_postings p where p.entry_id = e.id)
      )::text, 'UTF8')) as sha256
    from ledger_entries e
    where e.id > ${page.afterId} and e.id <= ${page.lastId}
    order by e.id limit ${page.limit}`.execute(database);
  return rows;
}

export async function insertCheckpoint(
  tx: Database,
  checkpoint: Checkpoint,
  parts: readonly CheckpointPart[],
): Promise<void> {
  await sql`
    insert into ledger_checkpoints (day, last_entry_id, entries, previous_sha256, sha256)
    values (${checkpoint.day}::date, ${checkpoint.lastEntryId}, ${checkpoint.entries},
      ${checkpoint.previous}, ${checkpoint.sha256})`.execute(tx);
  for (const [position, { entryIds, digests }] of parts.entries()) {
    await sql`
      insert into ledger_checkpoint_parts (day, position, entry_ids, digests)
      values (${checkpoint.day}::date, ${position}, ${entryIds}::bigint[], ${digests})`.execute(tx);
  }
}

export async function selectParts(
  database: Database,
  day: string,
): Promise<readonly CheckpointPart[]> {
  // As text, because the driver hands arrays of int8 over as texts.
  const { rows } = await sql<{ entryIds: string; digests: Buffer }>`
    select array_to_string(entry_ids, ',') as "entryIds", digests
    from ledger_checkpoint_parts where day = ${day}::date order by position`.execute(database);
  return rows.map(({ entryIds, digests }) => ({
    entryIds: entryIds.split(',').map(Number),
    digests,
  }));
}
