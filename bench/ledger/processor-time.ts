/** Processor time of a PostgreSQL server, which is many processes, from Linux; it says more than a clock on a busy machine. */
import { readFileSync, readdirSync } from 'node:fs';

type Process = Readonly<{ pid: number; parent: number; command: readonly string[] }>;

/** In microseconds, of the server that listens on a port, with all of its processes; null where nobody can tell. */
export function serverMicros(port: string): number | null {
  const processes = readProcesses();
  const root = processes.find(
    ({ command }) => command[0]?.endsWith('/postgres') === true && command.includes(port),
  );
  if (root === undefined) return null;
  const own = processes.filter(({ pid, parent }) => pid === root.pid || parent === root.pid);
  return own.reduce((sum, { pid }) => sum + microsOf(pid), 0);
}

function readProcesses(): readonly Process[] {
  return entriesOf('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const stat = read(`/proc/${name}/stat`);
    // The name of a program stands in brackets and may have anything in it.
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = read(`/proc/${name}/cmdline`).split('\0');
    return [{ pid: Number(name), parent: Number(parent), command }];
  });
}

function microsOf(pid: number): number {
  return Number(read(`/proc/${pid}/schedstat`).split(' ')[0]) / 1000;
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Not Linux.
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // It ended meanwhile.
  }
}
