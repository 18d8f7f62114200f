/**
 * The answer to "who has this chunk": the xorbs that hold it, each chunk under a key that is made for this
 * answer. Who has a chunk recognises it; who does not learns nothing of the others. Only xorbs that the
 * tenant may know of are told.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { failXet } from './errors.ts';
import { HASH_BYTES, type Hashes, type XetHash } from './hash.ts';
import { encodeShard } from './shard.ts';
import { selectXorbs, selectXorbsByKey, touchXorbs } from './store.ts';
import type { Usable } from './usable.ts';
import { decodeChunks } from './xorb.ts';

/** Clients keep an answer until then; the xorbs in it are kept for longer, whatever becomes of their files. */
const ANSWER_TTL_MS = 7 * 24 * 60 * 60_000;
/** A common chunk lies in many xorbs. */
const CANDIDATES_MAX = 50;
/** What is told: more would be more to mask, and the first is nearly always the one. */
const TOLD_MAX = 2;

/** Raises `xet.chunk_unknown`. */
export async function answerQuery(
  deps: Readonly<{ database: Database; usable: Usable; clock: Clock; hashes: Hashes }>,
  tenantId: string,
  chunk: XetHash,
): Promise<Uint8Array<ArrayBuffer>> {
  const { database, usable, clock, hashes } = deps;
  const candidates = await selectXorbsByKey(database, chunk, CANDIDATES_MAX);
  const allowed = await usable.xorbs(tenantId, candidates);
  const told = candidates.filter((hash) => allowed.has(hash)).slice(0, TOLD_MAX);
  if (told.length === 0) throw failXet('xet.chunk_unknown', 'No file here has this chunk.');
  await touchXorbs(database, told);
  const key = randomBytes(HASH_BYTES);
  const rows = await selectXorbs(database, told);
  const xorbs = await Promise.all(
    rows.map(async ({ hash, packedBytes, chunks }) => {
      const placed = decodeChunks(chunks);
      const masked = await hashes.maskedAll(
        placed.map((one) => one.hash),
        key,
      );
      const shown = placed.map(({ sizeBytes }, index) => ({
        hash: masked[index] ?? '',
        sizeBytes,
      }));
      return { hash, packedBytes, chunks: shown };
    }),
  );
  const nowMs = clock.nowMs();
  const answer = { key, createdAtMs: nowMs, expiresAtMs: nowMs + ANSWER_TTL_MS };
  return new Uint8Array(encodeShard({ files: [], xorbs }, answer));
}
