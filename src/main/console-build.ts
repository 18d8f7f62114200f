/** Builds the console's files when they are missing or older than their sources. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const CONSOLE = join(ROOT, 'console');
const PAGE = join(CONSOLE, 'dist', 'index.html');
const VITE = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
/** The console is written against these. */
const CLIENT = join(ROOT, 'src', 'client');

export type ConsoleBuild = Readonly<{
  finished: Promise<'fresh' | 'built' | 'failed'>;
  stop: () => void;
}>;

/** Starts the build if there is anything to build. */
export async function startConsoleBuild(): Promise<ConsoleBuild> {
  // An installation without the build's tools brings the files with it.
  if (!existsSync(VITE) || !existsSync(join(CONSOLE, 'index.html')) || (await isFresh())) {
    return { finished: Promise.resolve('fresh'), stop: () => {} };
  }
  const child = spawn(process.execPath, [VITE, 'build', 'console', '--logLevel', 'error'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  // Nobody waits for it; the rest of the start comes first.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const finished = new Promise<'built' | 'failed'>((resolve) => {
    child.once('error', () => resolve('failed'));
    child.once('exit', (code) => resolve(code === 0 ? 'built' : 'failed'));
  });
  return { finished, stop: () => child.kill('SIGKILL') };
}

async function isFresh(): Promise<boolean> {
  const built = await stat(PAGE).catch(() => null);
  if (built === null) return false;
  const newest = Math.max(await newestMs(CONSOLE), await newestMs(CLIENT));
  return newest <= built.mtimeMs;
}

async function newestMs(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const times = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join(CONSOLE, 'dist')))
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).mtimeMs),
  );
  return Math.max(0, ...times);
}
