/** A PostgreSQL server of our own for the time of the tests: a fresh cluster in a temporary folder. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

const START_TIMEOUT_MS = 30_000;

/** PostgreSQL refuses to run as root, so as root it runs as the user its package made. */
export async function startPostgres(
  binaries: string,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-postgres-'));
  const data = join(folder, 'data');
  const port = await freePort();
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    const [uid, gid] = await Promise.all([idOf('-u'), idOf('-g')]);
    chownSync(folder, uid, gid);
  }
  const as = (program: string, programArguments: readonly string[]): [string, string[]] =>
    isRoot
      ? ['runuser', ['-u', 'postgres', '--', join(binaries, program), ...programArguments]]
      : [join(binaries, program), [...programArguments]];

  await run(
    ...as('initdb', [
      '-D',
      data,
      '-U',
      'flywheel',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--no-sync',
      '--locale=C.UTF-8',
    ]),
    { cwd: folder },
  );
  const [command, commandArguments] = as('postgres', [
    '-D',
    data,
    '-p',
    String(port),
    '-k',
    folder,
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'max_connections=200',
  ]);
  const server = spawn(command, commandArguments, { cwd: folder, stdio: 'ignore' });
  const url = `postgres://flywheel@127.0.0.1:${port}/postgres`;
  await untilReady(url, server);
  return {
    url,
    stop: async () => {
      await run(...as('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']), { cwd: folder });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function idOf(flag: string): Promise<number> {
  return Number((await run('id', [flag, 'postgres'])).stdout);
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (server.exitCode !== null)
        throw new Error('PostgreSQL ended while starting', { cause: error });
      if (Date.now() > deadline)
        throw new Error('PostgreSQL did not start in time', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
