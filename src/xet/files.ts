/**
 * Files out of shards. What a shard says is believed in nothing: its xorbs must be there and the tenant's
 * to use, the proofs of its terms and the file's hash must follow from the chunks that were hashed here,
 * and the SHA-256, by which everybody else knows the file, is computed from its bytes.
 */
import { type Database, transaction } from '#platform/database.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { failXet } from './errors.ts';
import type { Hashes, Sized, XetHash } from './hash.ts';
import { type LoadedXorb, readPacked } from './rebuild.ts';
import { encodeTerms } from './reconstruction.ts';
import { SHARD_BYTES_MAX, type ShardFile, parseShard } from './shard.ts';
import {
  insertChunkKeys,
  lockXorbs,
  selectFile,
  selectXorbs,
  touchXorbs,
  upsertFile,
} from './store.ts';
import type { Usable } from './usable.ts';
import { decodeChunks } from './xorb.ts';
import type { Workers } from './workers.ts';

/** A file that is whole here, by the hash that the hub knows it by. */
export type StoredFile = Readonly<{ hash: XetHash; sha256: string; sizeBytes: number }>;

export type FilesDeps = Readonly<{
  database: Database;
  objects: ObjectStore;
  workers: Workers;
  hashes: Promise<Hashes>;
  usable: Usable;
  /** Tells the hub of files that are whole, before the client hears of it. */
  accept: (tenantId: string, file: StoredFile) => Promise<void>;
}>;

export type ShardProgress = Readonly<{ verified: number; total: number }>;

/** Raises `xet.shard_too_large`, `xet.shard_invalid`, `xet.shard_mismatch`, `xet.xorb_unknown`. */
export async function* registerShard(
  deps: FilesDeps,
  tenantId: string,
  bytes: Uint8Array,
): AsyncGenerator<ShardProgress> {
  if (bytes.length > SHARD_BYTES_MAX) {
    throw failXet('xet.shard_too_large', 'A shard has 64 MiB at most.');
  }
  const { files } = parseShard(bytes);
  const checked: StoredFile[] = [];
  for (const file of files) {
    yield { verified: checked.length, total: files.length };
    checked.push(await registerFile(deps, tenantId, file));
  }
  for (const file of checked) await deps.accept(tenantId, file);
  yield { verified: files.length, total: files.length };
}

async function registerFile(
  deps: FilesDeps,
  tenantId: string,
  file: ShardFile,
): Promise<StoredFile> {
  const { sha256 } = file;
  if (sha256 === null) throw failXet('xet.shard_invalid', 'A file in this shard has no SHA-256.');
  const names = [...new Set(file.terms.map(({ xorb }) => xorb))];
  const xorbs = await loadUsable(deps, tenantId, names);
  const sizeBytes = checkFile(await deps.hashes, file, xorbs);
  const known = await selectFile(deps.database, file.hash);
  const actual = known?.sha256 ?? (await sumFile(deps, file));
  if (actual !== sha256) {
    throw failXet(
      'xet.shard_mismatch',
      `The file ${file.hash} has another SHA-256 than the shard says.`,
    );
  }
  const stored = { hash: file.hash, sha256, sizeBytes };
  await storeFile(deps.database, { ...stored, terms: file.terms }, firstChunkOf(file, xorbs));
  return stored;
}

async function loadUsable(
  { database, usable }: FilesDeps,
  tenantId: string,
  names: readonly XetHash[],
): Promise<ReadonlyMap<XetHash, LoadedXorb>> {
  const allowed = await usable.xorbs(tenantId, names);
  // Young from here on: none is collected while the file is read from them.
  await touchXorbs(database, [...allowed]);
  const rows = await selectXorbs(database, [...allowed]);
  const xorbs = new Map(
    rows.map(({ hash, layout, chunks }) => [hash, { hash, layout, chunks: decodeChunks(chunks) }]),
  );
  const missing = names.find((name) => !xorbs.has(name));
  if (missing === undefined) return xorbs;
  throw failXet('xet.xorb_unknown', `There is no xorb ${missing}; send it first.`);
}

/** The file's size, when its terms, their proofs and its hash are right. */
function checkFile(
  hashes: Hashes,
  file: ShardFile,
  xorbs: ReadonlyMap<XetHash, LoadedXorb>,
): number {
  if (file.proofs === null || file.terms.length === 0) {
    throw failXet('xet.shard_invalid', 'A file in this shard has no proofs of its terms.');
  }
  const all: Sized[] = [];
  for (const [index, term] of file.terms.entries()) {
    const chunks = xorbs.get(term.xorb)?.chunks.slice(term.start, term.end) ?? [];
    const isWhole = chunks.length === term.end - term.start;
    const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.sizeBytes, 0);
    if (!isWhole || sizeBytes !== term.sizeBytes) {
      throw failXet('xet.shard_mismatch', `A term names chunks that ${term.xorb} does not have.`);
    }
    if (hashes.term(chunks.map(({ hash }) => hash)) !== file.proofs[index]) {
      throw failXet('xet.shard_mismatch', `The proof of a term in ${term.xorb} is wrong.`);
    }
    all.push(...chunks);
  }
  if (hashes.file(all) !== file.hash) {
    throw failXet('xet.shard_mismatch', `The file ${file.hash} has other chunks than it says.`);
  }
  return all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

async function sumFile(
  { workers, database, objects }: FilesDeps,
  { terms }: ShardFile,
): Promise<string> {
  const session = workers.open();
  try {
    for await (const packed of readPacked({ database, objects }, terms)) {
      await session.sum(packed.buffer);
    }
    return await session.sumEnd();
  } finally {
    await session.forget();
  }
}

function firstChunkOf({ terms }: ShardFile, xorbs: ReadonlyMap<XetHash, LoadedXorb>) {
  const [term] = terms;
  const chunk = term === undefined ? undefined : xorbs.get(term.xorb)?.chunks[term.start];
  return term === undefined || chunk === undefined ? [] : [{ chunk: chunk.hash, xorb: term.xorb }];
}

/** With its xorbs locked: they are there, and stay while the file does. */
export async function storeFile(
  database: Database,
  file: StoredFile & Pick<ShardFile, 'terms'>,
  keys: readonly Readonly<{ chunk: XetHash; xorb: XetHash }>[],
): Promise<void> {
  const names = [...new Set(file.terms.map(({ xorb }) => xorb))];
  await transaction(database, async (tx) => {
    if ((await lockXorbs(tx, names)) < names.length) {
      throw failXet('xet.xorb_unknown', 'A xorb of this file is gone; send it again.');
    }
    await upsertFile(tx, { ...file, terms: encodeTerms(file.terms) }, names);
    await insertChunkKeys(tx, keys);
  });
}
