/** All SQL over xorbs, their holders and chunks, and files made of them. */
import { type Database, sql } from '#platform/database.ts';
import type { XetHash } from './hash.ts';

export type XorbRow = Readonly<{
  hash: XetHash;
  layout: string;
  packedBytes: number;
  contentBytes: number;
  chunks: Buffer;
}>;

export type FileRow = Readonly<{
  hash: XetHash;
  sha256: string;
  sizeBytes: number;
  terms: Buffer;
}>;

const bytes = (hash: string) => sql`decode(${hash}, 'hex')`;
const among = (hashes: readonly string[]) =>
  sql`(select decode(h, 'hex') from unnest(${hashes}::text[]) as u (h))`;

const XORB = sql`
  select encode(x.hash, 'hex') as hash, x.layout, x.packed_bytes as "packedBytes",
    x.content_bytes as "contentBytes", x.chunks
  from xet_xorbs x`;
const FILE = sql`
  select encode(f.hash, 'hex') as hash, encode(f.sha256, 'hex') as sha256,
    f.size_bytes as "sizeBytes", f.terms
  from xet_files f`;

/** Inserts the row or touches the one that is there; the layout that is known from now on. */
export async function upsertXorb(database: Database, xorb: XorbRow): Promise<string> {
  const { rows } = await sql<{ layout: string }>`
    insert into xet_xorbs (hash, layout, packed_bytes, content_bytes, chunks)
    values (${bytes(xorb.hash)}, ${xorb.layout}, ${xorb.packedBytes}, ${xorb.contentBytes}, ${xorb.chunks})
    on conflict (hash) do update set touched_at = now()
    returning layout`.execute(database);
  return rows[0]?.layout ?? xorb.layout;
}

/** Puts this layout in the place of one whose object is not there. */
export async function replaceLayout(
  database: Database,
  xorb: XorbRow,
  lostLayout: string,
): Promise<void> {
  await sql`
    update xet_xorbs set layout = ${xorb.layout}, packed_bytes = ${xorb.packedBytes},
      chunks = ${xorb.chunks}
    where hash = ${bytes(xorb.hash)} and layout = ${lostLayout}`.execute(database);
}

/** Makes the tenant a holder while the layout is still this one: null when not, else whether it is new. */
export async function insertHolder(
  database: Database,
  holder: Readonly<{ tenantId: string; hash: XetHash; layout: string }>,
): Promise<boolean | null> {
  const { rows } = await sql<{ isNew: boolean | null }>`
    with known as (
      select hash from xet_xorbs
      where hash = ${bytes(holder.hash)} and layout = ${holder.layout}
    ), made as (
      insert into xet_xorb_holders (tenant_id, xorb_hash)
      select ${holder.tenantId}, hash from known on conflict do nothing returning 1
    )
    select exists (select 1 from made) as "isNew" from known`.execute(database);
  return rows[0]?.isNew ?? null;
}

export async function insertChunkKeys(
  database: Database,
  keys: readonly Readonly<{ chunk: XetHash; xorb: XetHash }>[],
): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    insert into xet_chunk_keys (chunk_hash, xorb_hash)
    select decode(c, 'hex'), decode(x, 'hex')
    from unnest(${keys.map((key) => key.chunk)}::text[], ${keys.map((key) => key.xorb)}::text[]) as u (c, x)
    on conflict do nothing`.execute(database);
}

export async function selectXorbs(
  database: Database,
  hashes: readonly XetHash[],
): Promise<readonly XorbRow[]> {
  const { rows } = await sql<XorbRow>`${XORB} where x.hash in ${among(hashes)}`.execute(database);
  return rows;
}

/** Those of the xorbs that this tenant sent. */
export async function selectHeld(
  database: Database,
  tenantId: string,
  hashes: readonly XetHash[],
): Promise<ReadonlySet<XetHash>> {
  const { rows } = await sql<{ hash: XetHash }>`
    select encode(xorb_hash, 'hex') as hash from xet_xorb_holders
    where tenant_id = ${tenantId} and xorb_hash in ${among(hashes)}`.execute(database);
  return new Set(rows.map(({ hash }) => hash));
}

/** Those that this tenant sent and that were used last. */
export async function selectLatestHeld(
  database: Database,
  tenantId: string,
  limit: number,
): Promise<readonly XetHash[]> {
  const { rows } = await sql<{ hash: XetHash }>`
    select encode(x.hash, 'hex') as hash
    from xet_xorb_holders h join xet_xorbs x on x.hash = h.xorb_hash
    where h.tenant_id = ${tenantId} order by x.touched_at desc, x.hash limit ${limit}`.execute(
    database,
  );
  return rows.map(({ hash }) => hash);
}

/** SHA-256 of files that are made of these xorbs, a few of each. */
export async function selectUsers(
  database: Database,
  hashes: readonly XetHash[],
  limitEach: number,
): Promise<readonly Readonly<{ xorb: XetHash; sha256: string }>[]> {
  const { rows } = await sql<{ xorb: XetHash; sha256: string }>`
    select h as xorb, encode(f.sha256, 'hex') as sha256
    from unnest(${hashes}::text[]) as u (h)
    cross join lateral (
      select file_hash from xet_file_xorbs where xorb_hash = decode(h, 'hex') limit ${limitEach}) as s
    join xet_files f on f.hash = s.file_hash`.execute(database);
  return rows;
}

/** Xorbs that hold the chunk, the one that was touched last first. */
export async function selectXorbsByKey(
  database: Database,
  chunk: XetHash,
  limit: number,
): Promise<readonly XetHash[]> {
  const { rows } = await sql<{ hash: XetHash }>`
    select encode(x.hash, 'hex') as hash
    from xet_chunk_keys k join xet_xorbs x on x.hash = k.xorb_hash
    where k.chunk_hash = ${bytes(chunk)} order by x.touched_at desc, x.hash limit ${limit}`.execute(
    database,
  );
  return rows.map(({ hash }) => hash);
}

/** Xorbs that hold any of the chunks, of each chunk those that were touched last. */
export async function selectXorbsByKeys(
  database: Database,
  chunks: readonly XetHash[],
  limitEach: number,
): Promise<readonly XetHash[]> {
  const { rows } = await sql<{ hash: XetHash }>`
    select distinct encode(found.hash, 'hex') as hash
    from unnest(${chunks}::text[]) as u (h)
    cross join lateral (
      select x.hash from xet_chunk_keys k join xet_xorbs x on x.hash = k.xorb_hash
      where k.chunk_hash = decode(h, 'hex') order by x.touched_at desc, x.hash limit ${limitEach})
      as found`.execute(database);
  return rows.map(({ hash }) => hash);
}

/** Locks the rows until the transaction ends: nobody removes these xorbs meanwhile. How many are there. */
export async function lockXorbs(tx: Database, hashes: readonly XetHash[]): Promise<number> {
  const { rows } = await sql`
    update xet_xorbs set touched_at = now() where hash in (
      select hash from xet_xorbs where hash in ${among(hashes)} order by hash for update)
    returning 1`.execute(tx);
  return rows.length;
}

/** Those that are there stay for as long as anybody who is told of them now may count on them. */
export async function touchXorbs(database: Database, hashes: readonly XetHash[]): Promise<void> {
  await sql`
    update xet_xorbs set touched_at = now() where hash in (
      select hash from xet_xorbs
      where hash in ${among(hashes)} and touched_at < now() - interval '1 hour'
      order by hash for update)`.execute(database);
}

export async function upsertFile(
  tx: Database,
  file: FileRow,
  xorbs: readonly XetHash[],
): Promise<void> {
  const { rows } = await sql<{ isNew: boolean }>`
    insert into xet_files (hash, sha256, size_bytes, terms)
    values (${bytes(file.hash)}, ${bytes(file.sha256)}, ${file.sizeBytes}, ${file.terms})
    on conflict (hash) do update set touched_at = now(), orphaned_at = null
    returning xmax = 0 as "isNew"`.execute(tx);
  // The terms that are known stay, with their xorbs.
  if (rows[0]?.isNew !== true) return;
  await sql`
    insert into xet_file_xorbs (file_hash, xorb_hash)
    select ${bytes(file.hash)}, h from ${among(xorbs)} as u (h) on conflict do nothing`.execute(tx);
}

export async function selectFile(database: Database, hash: XetHash): Promise<FileRow | null> {
  const { rows } = await sql<FileRow>`${FILE} where f.hash = ${bytes(hash)}`.execute(database);
  return rows[0] ?? null;
}

export async function selectFileBySha256(
  database: Database,
  sha256: string,
): Promise<FileRow | null> {
  const { rows } = await sql<FileRow>`
    ${FILE} where f.sha256 = ${bytes(sha256)} order by f.hash limit 1`.execute(database);
  return rows[0] ?? null;
}

/** Whether the file is here, in the caller's transaction; it stays for as long as somebody keeps it. */
export async function keepFile(tx: Database, sha256: string): Promise<boolean> {
  const { rows } = await sql`
    update xet_files set touched_at = now(), orphaned_at = null
    where sha256 = ${bytes(sha256)} returning 1`.execute(tx);
  return rows.length > 0;
}

export async function selectFileHashes(
  database: Database,
  sha256s: readonly string[],
): Promise<ReadonlyMap<string, XetHash>> {
  const { rows } = await sql<{ hash: XetHash; sha256: string }>`
    select distinct on (sha256) encode(hash, 'hex') as hash, encode(sha256, 'hex') as sha256
    from xet_files where sha256 in ${among(sha256s)} order by sha256, hash`.execute(database);
  return new Map(rows.map(({ hash, sha256 }) => [sha256, hash]));
}
