/**
 * Control as the cloud builds it, in lives that end: every module on a database that may die under it, none
 * of what runs by itself. What a dead one knew is gone; the next is built from the database alone.
 */
import { readSettings } from '#platform/config.ts';
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';
import { type ControlParts, buildControl } from '#main/control-parts.ts';
import type { TestDatabase } from '../database.ts';
import { type Life, beginLife } from './mortal.ts';

export type ControlLife = Life & Readonly<{ parts: ControlParts }>;

export function startControlLife(
  handle: Pick<TestDatabase, 'pool' | 'url'>,
  given: Readonly<{ home: string; clock: Clock; log: Log }>,
): ControlLife {
  const life = beginLife(handle.pool);
  const parts = buildControl({
    options: {
      settings: readSettings({ FLYWHEEL_HOME: given.home }),
      databaseUrl: handle.url,
      controlUrl: null,
      joinToken: 'join-token-of-the-simulator',
      sessionSecret: 'session-secret-of-the-simulator-session-secret',
      publicUrl: 'http://localhost:8080',
      host: '127.0.0.1',
      port: 0,
      modelsFolder: null,
    },
    handle: { database: life.database, pool: handle.pool, stop: async () => {} },
    clock: given.clock,
    log: given.log,
  });
  return { ...life, parts };
}
