/** What a caller's `cache-control` asks of us. Pure. RFC 9111 section 5.2.1; other directives are for others. */
export type CacheWish = Readonly<{
  /** Neither answer from the cache nor keep the answer. */
  noStore: boolean;
  /** Do not answer from the cache; keep the new answer. */
  noCache: boolean;
  /** Nothing older than this; null where the caller does not say. */
  maxAgeMs: number | null;
  /** Answer from the cache or not at all. */
  onlyIfCached: boolean;
}>;

/** Ten years: more is meant as "any age". */
const MAX_AGE_SECONDS_MAX = 315_360_000;
/** Directives are short; a longer header is not read. */
const HEADER_CHARACTERS_MAX = 1_000;

export function parseCacheControl(header: string | readonly string[] | undefined): CacheWish {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const names = new Map<string, string>();
  for (const part of String(text).slice(0, HEADER_CHARACTERS_MAX).split(',')) {
    const [name = '', value = ''] = part.split('=');
    names.set(name.trim().toLowerCase(), value.trim().replaceAll('"', ''));
  }
  return {
    noStore: names.has('no-store'),
    noCache: names.has('no-cache'),
    maxAgeMs: secondsOf(names.get('max-age')),
    onlyIfCached: names.has('only-if-cached'),
  };
}

/** A value that is no number is no directive. */
function secondsOf(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,12}$/.test(text)) return null;
  return Math.min(Number(text), MAX_AGE_SECONDS_MAX) * 1000;
}
