/**
 * The embedded database: PGlite behind its socket server, its files in the home. Durable like any
 * PostgreSQL: what is committed is on the disk, after a power cut too. The socket is a file that only
 * the owner of the home can open, because the database asks nobody for a password.
 */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { createLog } from '#platform/log.ts';
import { serveApp } from '#platform/http.ts';
import type { Running } from '#platform/process.ts';
import { createTelemetry } from '#platform/telemetry.ts';
import { withWholeExchanges } from '#platform/whole-exchanges.ts';
import { createDurableFolder } from './durable-folder.ts';
import { lockHome } from './home-lock.ts';
import type { ProcessFacts, ProcessOptions } from './options.ts';

/**
 * Settings on top of PGlite's own. The cache is small because the operating system caches the same
 * files, and a page in both would count twice in what we take of the machine's memory.
 */
const SETTINGS = ['shared_buffers=16MB', 'fsync=on', 'full_page_writes=on'];

/** Control's pool, and a few tools beside it. */
const CONNECTIONS_MAX = 40;
/** The kernel's limit for the path of a socket is 108 bytes, on macOS 104. */
const SOCKET_PATH_MAX = 100;
/** A database that another process just left may need this long to close. */
const LOCK_WAIT_MS = 15_000;

export async function startDatabase(
  options: Pick<ProcessOptions, 'settings'>,
): Promise<Running<ProcessFacts>> {
  const { settings } = options;
  const log = createLog({ process: 'database', level: settings.FLYWHEEL_LOG_LEVEL });
  const home = settings.FLYWHEEL_HOME;
  const unlock = await lockHome(join(home, 'database.lock'), { waitMs: LOCK_WAIT_MS });
  const folder = join(home, 'database');
  if (!existsSync(join(folder, 'PG_VERSION'))) await createFiles(folder);
  const database = await PGlite.create({
    fs: createDurableFolder(folder),
    startParams: [...PGlite.defaultStartParams, ...SETTINGS.flatMap((text) => ['-c', text])],
  });
  const address = await socketAddress(home);
  const server = new PGLiteSocketServer({
    db: withWholeExchanges(database),
    maxConnections: CONNECTIONS_MAX,
    ...address.listen,
  });
  await server.start();
  const telemetry = createTelemetry('database');
  telemetry.gauge(
    'database_connections',
    'Open connections.',
    () => server.getStats().activeConnections,
  );
  telemetry.gauge(
    'database_queue_length',
    'Statements that wait.',
    () => server.getStats().queuedQueries,
  );
  const pages = await serveApp(
    telemetry.pages(() => database.ready),
    { host: '127.0.0.1', port: 0 },
  );
  const url = address.urlOf(server.getServerConn());
  log.info('database.ready', { url, pages: pages.url });
  return {
    facts: { url, port: 0 },
    stop: async () => {
      await pages.stop(0);
      await server.stop();
      await database.close();
      await address.remove();
      await unlock();
      log.info('database.stopped');
    },
  };
}

/**
 * An empty database, made by a process of its own, which gives back the 400 MB that making one takes,
 * and moved into place when it is whole.
 */
async function createFiles(folder: string): Promise<void> {
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  const child = fork(join(import.meta.dirname, 'database-files.ts'), [partial], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Optimised code would be ready when this is done: a quarter less work without it.
    execArgv: ['--liftoff-only'],
  });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`making the database's files ended with exit code ${code}`);
  await rename(partial, folder);
}

/** A socket file in the home, or nearby when its path is too long; a local port where there are none. */
async function socketAddress(home: string) {
  if (process.platform === 'win32') {
    return {
      listen: { host: '127.0.0.1', port: 0 },
      urlOf: (connection: string) => `postgres://postgres@${connection}/postgres`,
      remove: async () => {},
    };
  }
  const inHome = join(home, 'run');
  const isShort = Buffer.byteLength(join(inHome, SOCKET_NAME)) <= SOCKET_PATH_MAX;
  const folder = isShort ? inHome : await mkdtemp(join(tmpdir(), 'flywheel-'));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const path = join(folder, SOCKET_NAME);
  await rm(path, { force: true });
  return {
    listen: { path },
    urlOf: () => `postgres:///postgres?user=postgres&host=${encodeURIComponent(folder)}`,
    remove: () => rm(isShort ? path : folder, { recursive: true, force: true }),
  };
}

/** What PostgreSQL's drivers look for in the folder they are given as host. */
const SOCKET_NAME = '.s.PGSQL.5432';
