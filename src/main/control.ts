/**
 * The control process: our own API, the console, the hub, the ledger and the fleet's decisions, on one
 * database. Builds every part by hand, lowest floor first, and stops them in reverse. Any number of
 * controls may share a database.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '#platform/clock.ts';
import { type DatabaseHandle, openDatabase, sql } from '#platform/database.ts';
import { codeOf, defineErrors, messageOf } from '#platform/error.ts';
import { serveApp } from '#platform/http.ts';
import { type Log, createLog } from '#platform/log.ts';
import { requireBucket } from '#platform/objects/s3.ts';
import { migrate } from '#platform/migrate.ts';
import type { Running } from '#platform/process.ts';
import { createControlApp } from './control-app.ts';
import { buildControl } from './control-parts.ts';
import { importBundledModels } from './first-start.ts';
import type { ProcessFacts, ProcessOptions } from './options.ts';

const fail = defineErrors({ 'database.unusable': { status: 500 } });

/** PostgreSQL's answers that waiting does not change: no such user, wrong password, no such database. */
const REFUSALS: readonly string[] = ['28000', '28P01', '3D000'];

/** A database that starts beside us, in another container say, is waited for. */
const DATABASE_WAIT_MS = 30_000;
const DATABASE_LOOK_MS = 250;
/** The embedded database runs one statement at a time; more connections only queue there. */
const POOL_SIZE = 10;

export async function startControl(
  options: ProcessOptions,
  note: (text: string) => void,
): Promise<Running<ProcessFacts>> {
  const { settings, databaseUrl, publicUrl } = options;
  if (databaseUrl === null) throw new TypeError('control needs a database');
  if (settings.FLYWHEEL_S3_URL !== null) await requireBucket(settings.FLYWHEEL_S3_URL);
  const log = createLog({ process: 'control', level: settings.FLYWHEEL_LOG_LEVEL });
  const handle = openDatabase({ url: databaseUrl, poolSize: POOL_SIZE });
  await untilDatabaseAnswers(handle, log);
  const ran = await migrate(handle.database);
  if (ran.length > 0) log.info('database.migrated', { files: ran });
  const parts = buildControl({ options, handle, clock: systemClock, log });
  const firstRun = await parts.tenancy.ensureFirstRun({
    homeFolder: settings.FLYWHEEL_HOME,
    url: publicUrl,
  });
  const server = await serveApp(createControlApp(parts), {
    host: options.host,
    port: options.port,
  });
  const loops = parts.start();
  log.info('control.ready', { url: server.url });
  const { credentials } = firstRun;
  const stopping = new AbortController();
  const importing =
    credentials === null || options.modelsFolder === null
      ? Promise.resolve()
      : importBundledModels(
          { ...parts, log, note, signal: stopping.signal },
          {
            folder: options.modelsFolder,
            home: settings.FLYWHEEL_HOME,
            apiKey: credentials.apiKey,
          },
        ).catch((error: unknown) => log.error('models.import_failed', { error }));
  return {
    facts: {
      url: server.url,
      port: server.port,
      signIn: credentials === null ? null : { ...credentials, isFirst: firstRun.isFirst },
    },
    stop: async (graceMs) => {
      stopping.abort();
      await loops.stopStreams();
      await server.stop(graceMs);
      await importing;
      await loops.stop();
      await handle.stop();
      log.info('control.stopped');
    },
  };
}

async function untilDatabaseAnswers({ database }: DatabaseHandle, log: Log): Promise<void> {
  const untilMs = systemClock.monotonicMs() + DATABASE_WAIT_MS;
  for (;;) {
    try {
      await sql`select 1`.execute(database);
      return;
    } catch (error) {
      const isRefused = REFUSALS.includes(codeOf(error) ?? '');
      if (isRefused || systemClock.monotonicMs() > untilMs) {
        const message = `The database cannot be used: ${messageOf(error)}. Check FLYWHEEL_DATABASE_URL.`;
        throw fail('database.unusable', message, { cause: error });
      }
      log.info('database.waiting', { reason: messageOf(error) });
      await delay(DATABASE_LOOK_MS);
    }
  }
}
