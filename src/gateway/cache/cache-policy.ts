/**
 * Which requests may be answered from the cache. Pure. A project turns it on. Then a request counts whose
 * answer is the same each time it is made: embeddings, temperature 0, or a seed. Others are answers drawn
 * by lot, and whoever asks twice may want two; they count only where the project says so, or where the
 * request itself says how old an answer may be.
 */
import type { Operation } from '../wire/openai/request.ts';
import type { CacheWish } from './cache-control.ts';
import type { CacheSettings } from './cache-settings.ts';

export type CacheableRequest = Readonly<{
  operation: Operation;
  fields: Readonly<Record<string, unknown>>;
  bytes: Readonly<{ length: number }>;
}>;

export type CachePlan = Readonly<{
  mayRead: boolean;
  mayWrite: boolean;
  /** Nothing older is an answer. */
  maxAgeMs: number;
  onlyIfCached: boolean;
}>;

/** Text in, text or numbers out; other operations carry files or count. */
const OPERATIONS: readonly Operation[] = ['chat', 'completions', 'embeddings'];

/** Putting more in order and hashing it would hold up everybody else on this gateway. */
const REQUEST_BYTES_MAX = 1024 * 1024;

/** Null where the cache has no say in this request. */
export function planCache(
  request: CacheableRequest,
  wish: CacheWish,
  settings: CacheSettings,
): CachePlan | null {
  if (!OPERATIONS.includes(request.operation)) return null;
  if (request.bytes.length > REQUEST_BYTES_MAX || wish.noStore) return null;
  const isWanted = isRepeatable(request) || settings.cachesSampled || wish.maxAgeMs !== null;
  if (!isWanted) return null;
  return {
    mayRead: !wish.noCache,
    mayWrite: true,
    maxAgeMs: Math.min(settings.ttlMs, wish.maxAgeMs ?? settings.ttlMs),
    onlyIfCached: wish.onlyIfCached,
  };
}

function isRepeatable({ operation, fields }: CacheableRequest): boolean {
  if (operation === 'embeddings' || fields['temperature'] === 0) return true;
  return typeof fields['seed'] === 'number';
}
