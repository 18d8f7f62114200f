/** What a project has said about its cache, as the feed carries it. */
export type CacheSettings = Readonly<{
  tenantId: string;
  projectId: string;
  /** Another number empties the cache. */
  generation: number;
  ttlMs: number;
  entryBytesMax: number;
  /** Of all its answers, per gateway. */
  bytesMax: number;
  entriesMax: number;
  /** Also answers that are drawn by lot. */
  cachesSampled: boolean;
}>;
