/**
 * What a project wants done with its requests beside answering them. Owns the settings of each project's
 * cache of answers; the answers themselves lie in the memory of gateways, which read these settings in
 * the feed. Promises that a project is set up by its own tenant only, and that a cache is off until
 * somebody turns it on.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { ProjectCache, ProjectCacheUpdate } from './api.ts';
import { fail } from './errors.ts';
import {
  type CacheRow,
  type ProjectKey,
  bumpGeneration,
  isProject,
  selectCache,
  selectEnabledCaches,
  upsertCache,
} from './store.ts';

export type FeedCache = Readonly<{
  tenantId: string;
  projectId: string;
  generation: number;
  ttlMs: number;
  entryBytesMax: number;
  bytesMax: number;
  entriesMax: number;
  cachesSampled: boolean;
}>;

export type Requests = Readonly<{
  /** Raises `project.unknown`, also for another tenant's. So do the others. */
  getCache: (key: ProjectKey) => Promise<ProjectCache>;
  updateCache: (key: ProjectKey, change: ProjectCacheUpdate) => Promise<ProjectCache>;
  /** Every answer is forgotten by every gateway within two seconds. */
  emptyCache: (key: ProjectKey) => Promise<void>;
  listCachesForFeed: () => Promise<readonly FeedCache[]>;
}>;

/** Five minutes keep a burst of equal requests cheap and an answer young. */
const DEFAULTS = {
  isEnabled: false,
  ttlSeconds: 300,
  entryBytesMax: 256 * 1024,
  bytesMax: 16 * 1024 * 1024,
  entriesMax: 1_000,
  cachesSampled: false,
} as const;

export function createRequests({
  database,
  clock,
}: Readonly<{ database: Database; clock: Clock }>): Requests {
  const requireProject = async (key: ProjectKey): Promise<void> => {
    if (await isProject(database, key)) return;
    throw fail('project.unknown', `There is no project ${key.projectId}.`);
  };
  const getCache: Requests['getCache'] = async (key) => {
    await requireProject(key);
    return show(key, await selectCache(database, key));
  };
  return {
    getCache,
    updateCache: async (key, change) => {
      const { updatedAt: _before, ...before } = await getCache(key);
      const merged = { ...before, ...withoutUndefined(change) };
      await upsertCache(database, { ...merged, ...key, updatedAt: new Date(clock.nowMs()) });
      return getCache(key);
    },
    emptyCache: async (key) => {
      await requireProject(key);
      await bumpGeneration(database, key);
    },
    listCachesForFeed: async () =>
      (await selectEnabledCaches(database)).map(
        ({ isEnabled: _enabled, ttlSeconds, updatedAt: _updated, ...row }) => ({
          ...row,
          ttlMs: ttlSeconds * 1000,
        }),
      ),
  };
}

function show({ projectId }: ProjectKey, row: CacheRow | null): ProjectCache {
  if (row === null) return { projectId, ...DEFAULTS, updatedAt: null };
  const { tenantId: _tenant, generation: _generation, ...shown } = row;
  return { ...shown, updatedAt: row.updatedAt.toISOString() };
}

function withoutUndefined(
  change: ProjectCacheUpdate,
): Partial<Omit<ProjectCache, 'projectId' | 'updatedAt'>> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
