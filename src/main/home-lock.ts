/**
 * One process at a time per home. The lock is a file with the holder's process id and when that process
 * began; a file whose process is gone is taken over. The id alone is not enough: after a restart, of a
 * container above all, another process has it.
 */
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, defineErrors } from '#platform/error.ts';

const fail = defineErrors({ 'home.locked': { status: 409 } });

const LOOK_EVERY_MS = 100;

/** Returns the unlock. Raises `home.locked` when another process keeps it longer than `waitMs`. */
export async function lockHome(
  path: string,
  options: { waitMs: number },
): Promise<() => Promise<void>> {
  const untilMs = performance.now() + options.waitMs;
  const own = `${path}.${process.pid}`;
  await writeFile(own, `${process.pid} ${await beganAt(process.pid)}`, { mode: 0o600 });
  try {
    while (!(await tryLink(own, path))) {
      const holder = await holderOf(path);
      if (holder === null) await removeStale(path, `${own}.stale`);
      else if (performance.now() < untilMs) await delay(LOOK_EVERY_MS);
      else throw fail('home.locked', `Flywheel already runs in this home, as process ${holder}.`);
    }
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(path, { force: true });
}

/** A link appears with its content or not at all, so nobody ever reads a lock without a holder. */
async function tryLink(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the file away, looks again, and puts it back if somebody took the lock in between. */
async function removeStale(path: string, aside: string): Promise<void> {
  await rename(path, aside).catch(() => {});
  if ((await holderOf(aside)) !== null) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

/** The living process that holds the lock, or null. */
async function holderOf(path: string): Promise<number | null> {
  const [id = '', began = ''] = (await readFile(path, 'utf8').catch(() => '')).split(' ');
  const pid = Number(id);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  // Without a beginning to compare, our own number in a file means that an earlier process had it.
  if (pid === process.pid && began === '') return null;
  if (began !== '') return began === (await beganAt(pid)) ? pid : null;
  return (await isFlywheel(pid)) ? pid : null;
}

/** In ticks since the machine started, which Linux tells; elsewhere nothing. */
async function beganAt(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in parentheses and may hold anything; this is the 22nd.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** Without a beginning: after a reboot the number may belong to anybody; a command line says who. */
async function isFlywheel(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  return command === null || /flywheel|src\/main\/child|src\/cli/.test(command);
}
