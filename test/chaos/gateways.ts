/** Several gateways on one port, as `flywheel serve gateway` starts them, for the tests that kill and replace them. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, waitFor } from '../cloud.ts';
import type { ChaosCloud } from './cloud.ts';

export type Gateways = Readonly<{
  url: string;
  supervisor: ChildProcess;
  /** Process ids of those that serve now. */
  pids: () => readonly number[];
  /** Asks for new ones and waits until every old process is gone. */
  replace: () => Promise<void>;
  /** The same by `flywheel gateway restart`: what it said. */
  replaceByCommand: () => Promise<string>;
  /** Kills everything at once, as a power cut does. */
  kill: () => Promise<void>;
  stop: () => Promise<void>;
}>;

const CLI = join(import.meta.dirname, '..', '..', 'src', 'cli', 'cli.ts');
const TIMEOUT_MS = 60_000;
const run = promisify(execFile);

export async function startGateways(
  cloud: Pick<ChaosCloud, 'controlUrl' | 'joinToken'>,
  options: Readonly<{ home: string; count: number }>,
): Promise<Gateways> {
  const { home, count } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const supervisor = spawn(process.execPath, [CLI, 'serve', 'gateway'], {
    env: {
      ...process.env,
      FLYWHEEL_HOME: home,
      FLYWHEEL_PORT: String(port),
      FLYWHEEL_GATEWAYS: String(count),
      FLYWHEEL_CONTROL_URL: cloud.controlUrl,
      FLYWHEEL_JOIN_TOKEN: cloud.joinToken,
      FLYWHEEL_LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => supervisor.once('exit', () => resolve()));
  const pids = (): readonly number[] => readPids(join(home, 'processes.json'));
  await waitFor('the gateways to be ready', TIMEOUT_MS, async () => isReady(url));
  const gone = async (old: readonly number[]): Promise<void> =>
    waitFor('the old gateways to be gone', TIMEOUT_MS, () => !old.some(isAlive));
  return {
    url,
    supervisor,
    pids,
    replace: async () => {
      const old = pids();
      supervisor.kill('SIGUSR2');
      await gone(old);
      await waitFor('the new ones to be noted', TIMEOUT_MS, () => {
        const now = pids();
        return now.length === old.length && now.every(isAlive);
      });
    },
    replaceByCommand: async () => {
      const env = { ...process.env, FLYWHEEL_HOME: home };
      const restart = [CLI, 'gateway', 'restart'];
      const { stdout, stderr } = await run(process.execPath, restart, { env, timeout: TIMEOUT_MS });
      return `${stderr}${stdout}`;
    },
    kill: async () => {
      const all = pids();
      supervisor.kill('SIGKILL');
      for (const pid of all) killNow(pid);
      await exited;
      await gone(all);
    },
    stop: async () => {
      supervisor.kill('SIGTERM');
      await exited;
    },
  };
}

function readPids(path: string): readonly number[] {
  if (!existsSync(path)) return [];
  const { supervisor: _supervisor, ...gateways }: Record<string, number> = JSON.parse(
    readFileSync(path, 'utf8') || '{}',
  );
  return Object.values(gateways);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function killNow(pid: number): void {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    return response.ok;
  } catch {
    return false;
  }
}
