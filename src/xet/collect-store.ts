/**
 * SQL over what may be collected. All times are the database's, so that several collectors agree; a row that
 * somebody locks is left for the next pass, and one that was touched meanwhile stays.
 */
import { type Database, sql } from '#platform/database.ts';
import type { XetHash } from './hash.ts';
import type { XorbRow } from './store.ts';

/** A file is registered before the hub has it: see `putShard`. */
const YOUNG_FILE = sql`interval '1 hour'`;
/** Whoever is in the middle of reading it comes to its end. */
const ORPHAN_KEPT = sql`interval '1 day'`;
/** Clients remember for three weeks which xorbs they sent, and for one which they were told of. */
const XORB_KEPT = sql`interval '28 days'`;

export type FileName = Readonly<{ hash: XetHash; sha256: string }>;

const FILE_NAME = sql`encode(hash, 'hex') as hash, encode(sha256, 'hex') as sha256`;
const among = (hashes: readonly string[]) =>
  sql`(select decode(h, 'hex') from unnest(${hashes}::text[]) as u (h))`;

/** Files after one, in order, that are no orphans yet. */
export async function selectSettledFiles(
  database: Database,
  after: XetHash | null,
  limit: number,
): Promise<readonly FileName[]> {
  const { rows } = await sql<FileName>`
    select ${FILE_NAME} from xet_files
    where orphaned_at is null and touched_at < now() - ${YOUNG_FILE}
      and (${after}::text is null or hash > decode(${after}, 'hex'))
    order by xet_files.hash limit ${limit}`.execute(database);
  return rows;
}

/** Not those that were touched since they were looked at. */
export async function markOrphans(database: Database, hashes: readonly XetHash[]): Promise<void> {
  await sql`
    update xet_files set orphaned_at = now()
    where hash in ${among(hashes)} and orphaned_at is null
      and touched_at < now() - ${YOUNG_FILE}`.execute(database);
}

/** Locks files that have been orphans for long enough. */
export async function lockOldOrphans(tx: Database, limit: number): Promise<readonly FileName[]> {
  const { rows } = await sql<FileName>`
    select ${FILE_NAME} from xet_files where orphaned_at < now() - ${ORPHAN_KEPT}
    order by orphaned_at limit ${limit} for update skip locked`.execute(tx);
  return rows;
}

export async function unmarkOrphans(tx: Database, hashes: readonly XetHash[]): Promise<void> {
  await sql`update xet_files set orphaned_at = null where hash in ${among(hashes)}`.execute(tx);
}

export async function deleteFiles(tx: Database, hashes: readonly XetHash[]): Promise<void> {
  await sql`delete from xet_files where hash in ${among(hashes)}`.execute(tx);
}

/**
 * Deletes xorbs that no file is made of, long after anybody was told of them. Whoever makes a file of one
 * touches it first, under its lock, so that it is young by the time this one gets it; the foreign key of
 * `xet_file_xorbs` would refuse the rest.
 */
export async function deleteUnusedXorbs(
  database: Database,
  limit: number,
): Promise<readonly Pick<XorbRow, 'hash' | 'layout' | 'packedBytes'>[]> {
  const { rows } = await sql<Pick<XorbRow, 'hash' | 'layout' | 'packedBytes'>>`
    delete from xet_xorbs where touched_at < now() - ${XORB_KEPT} and hash in (
      select x.hash from xet_xorbs x
      where x.touched_at < now() - ${XORB_KEPT}
        and not exists (select 1 from xet_file_xorbs u where u.xorb_hash = x.hash)
      order by x.touched_at limit ${limit} for update skip locked)
    returning encode(hash, 'hex') as hash, layout, packed_bytes as "packedBytes"`.execute(database);
  return rows;
}

export type XorbUse = Readonly<{
  hash: XetHash;
  packedBytes: number;
  chunks: Buffer;
  /** Of every file that is made of it. */
  terms: readonly Buffer[];
}>;

/** Xorbs after one, in order, with what uses them. */
export async function selectUse(
  database: Database,
  after: XetHash | null,
  limit: number,
): Promise<readonly XorbUse[]> {
  const { rows } = await sql<XorbUse>`
    select encode(x.hash, 'hex') as hash, x.packed_bytes as "packedBytes", x.chunks,
      coalesce((
        select array_agg(f.terms) from xet_file_xorbs u join xet_files f on f.hash = u.file_hash
        where u.xorb_hash = x.hash), '{}') as terms
    from xet_xorbs x where ${after}::text is null or x.hash > decode(${after}, 'hex')
    order by x.hash limit ${limit}`.execute(database);
  return rows;
}
