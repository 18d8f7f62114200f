/**
 * Where each chunk of a file lies: in a xorb that the tenant may use already, earlier in this file, or in
 * the xorb that is being packed. One chunk in sixteen is looked up; where one is found, all its neighbours
 * are known with it, so a run of a megabyte that was stored before is found and a shorter one may be missed.
 * What the tenant sent last is known from the start, whole.
 */
import type { Database } from '#platform/database.ts';
import { type Sized, type XetHash, isIndexKey } from './hash.ts';
import type { Term } from './shard.ts';
import { selectLatestHeld, selectXorbs, selectXorbsByKeys, touchXorbs } from './store.ts';
import type { Usable } from './usable.ts';
import { decodeChunks } from './xorb.ts';

export interface Placement {
  /** Those of the chunks, by their place among these, that have to be packed. */
  place(chunks: readonly Sized[]): Promise<readonly number[]>;
  /** What was to be packed up to now is in this xorb. */
  close(xorb: XetHash): void;
  end(): Readonly<{ terms: readonly Term[]; chunks: readonly Sized[] }>;
}

/** A xorb that has no hash before it is full. */
type Target = { hash: XetHash | null };
type Place = Readonly<{ target: Target; index: number }>;
type OpenTerm = { target: Target; start: number; end: number; sizeBytes: number };

/** Some 40 MB; a file's neighbours in time are its neighbours in content. */
const KNOWN_CHUNKS_MAX = 256 * 1024;
/** A family is sent one file after the other; some 50 KB of index each. */
const LATEST_MAX = 16;
/** A chunk of zeros lies in thousands of xorbs. */
const XORBS_EACH_MAX = 4;

export function createPlacement(
  deps: Readonly<{ database: Database; usable: Usable }>,
  tenantId: string,
): Placement {
  let known = new Map<XetHash, Place>();
  let loaded = new Set<XetHash>();
  let current: Target = { hash: null };
  let packed = 0;
  const all: Sized[] = [];
  const terms: OpenTerm[] = [];

  const remember = (hash: XetHash, place: Place): void => {
    if (!known.has(hash)) known.set(hash, place);
  };
  const learn = async (xorbs: readonly XetHash[]): Promise<void> => {
    await touchXorbs(deps.database, xorbs);
    for (const row of await selectXorbs(deps.database, xorbs)) {
      loaded.add(row.hash);
      const target = { hash: row.hash };
      decodeChunks(row.chunks).forEach(({ hash }, index) => remember(hash, { target, index }));
    }
  };
  const load = async (chunks: readonly Sized[]): Promise<void> => {
    const isFirst = all.length === 0;
    if (isFirst) await learn(await selectLatestHeld(deps.database, tenantId, LATEST_MAX));
    const keys = chunks
      .filter(({ hash }, index) => isIndexKey(hash) || (isFirst && index === 0))
      .map(({ hash }) => hash)
      .filter((hash) => !known.has(hash));
    if (keys.length === 0) return;
    const found = await selectXorbsByKeys(deps.database, keys, XORBS_EACH_MAX);
    const fresh = found.filter((hash) => !loaded.has(hash));
    await learn([...(await deps.usable.xorbs(tenantId, fresh))]);
  };
  return {
    place: async (chunks) => {
      if (known.size > KNOWN_CHUNKS_MAX) {
        known = new Map();
        loaded = new Set();
      }
      await load(chunks);
      const wanted: number[] = [];
      for (const [at, { hash, sizeBytes }] of chunks.entries()) {
        let place = known.get(hash);
        if (place === undefined) {
          place = { target: current, index: packed };
          packed += 1;
          wanted.push(at);
          remember(hash, place);
        }
        all.push({ hash, sizeBytes });
        append(terms, place, sizeBytes);
      }
      return wanted;
    },
    close: (xorb) => {
      current.hash = xorb;
      current = { hash: null };
      packed = 0;
    },
    end: () => ({
      terms: terms.map(({ target, ...term }) => ({ xorb: target.hash ?? '', ...term })),
      chunks: all,
    }),
  };
}

/** To the last term, where it goes on there. */
function append(terms: OpenTerm[], { target, index }: Place, sizeBytes: number): void {
  const last = terms.at(-1);
  if (last !== undefined && last.target === target && last.end === index) {
    last.end += 1;
    last.sizeBytes += sizeBytes;
  } else terms.push({ target, start: index, end: index + 1, sizeBytes });
}
