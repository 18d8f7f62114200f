/**
 * A whole cloud for a test: `bin/flywheel up` with a home and a port of its own, exactly as a newcomer
 * starts it. Stopped, and its home removed, after the file's tests.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

export type Cloud = Readonly<{
  url: string;
  home: string;
  email: string;
  password: string;
  apiKey: string;
  process: ChildProcess;
  /** Everything it wrote to its terminal so far. */
  output: () => string;
  /** Asks it to stop and waits for the exit code. */
  stop: () => Promise<number | null>;
}>;

const ROOT = join(import.meta.dirname, '..');
/** Generous: a busy machine builds the console and starts five processes. */
const START_TIMEOUT_MS = 120_000;

export async function startCloud(
  options: { home?: string; environment?: Record<string, string> } = {},
): Promise<Cloud> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'flywheel-cloud-'));
  const port = await freePort();
  const child = spawn(join(ROOT, 'bin', 'flywheel'), ['up'], {
    cwd: ROOT,
    env: {
      ...process.env,
      FLYWHEEL_HOME: home,
      FLYWHEEL_PORT: String(port),
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => resolve(code)),
  );
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    return exited;
  };
  after(async () => {
    await stop();
    if (options.home === undefined) rmSync(home, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  const firstRun = join(home, 'first-run.json');
  await waitFor(`the cloud to be ready; it said:\n${output}`, START_TIMEOUT_MS, async () => {
    if (child.exitCode !== null)
      throw new Error(`flywheel up ended with ${child.exitCode}:\n${output}`);
    return existsSync(firstRun) && (await isReady(url));
  });
  const { email, password, apiKey } = JSON.parse(readFileSync(firstRun, 'utf8'));
  return { url, home, email, password, apiKey, process: child, output: () => output, stop };
}

/** Waits until `condition` holds. Raises with what was waited for when `timeoutMs` pass. */
export async function waitFor(
  what: string,
  timeoutMs: number,
  condition: () => Promise<boolean> | boolean,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until a chat model answers `GET /v1/models` and has a ready replica; gives its name. */
export async function readyModel(cloud: Pick<Cloud, 'url' | 'apiKey'>): Promise<string> {
  let name = '';
  await waitFor('a deployment to be ready', START_TIMEOUT_MS, async () => {
    const response = await fetch(`${cloud.url}/cloud/v1/deployments`, {
      headers: { authorization: `Bearer ${cloud.apiKey}` },
    });
    if (!response.ok) return false;
    const { data } = (await response.json()) as { data: { modelName: string; state: string }[] };
    name = data.find((deployment) => deployment.state === 'ready')?.modelName ?? '';
    return name !== '';
  });
  return name;
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) });
    return response.ok;
  } catch {
    return false;
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
