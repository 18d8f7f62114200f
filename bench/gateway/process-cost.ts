/**
 * What a process and all its children used, as the system counts it: the same measure for ours and for
 * programs in any language, with one process or many. From /proc, so on Linux; elsewhere zero.
 */
import { readFileSync, readdirSync } from 'node:fs';

export type Used = Readonly<{ cpuMicros: number; rssBytes: number }>;

/** USER_HZ, which is 100 on every Linux there is. */
const MICROS_PER_TICK = 10_000;
const PAGE_BYTES = 4096;

export function usedBy(root: number): Used {
  const all = readProcesses();
  const wanted = new Set([root]);
  for (let grew = true; grew;) {
    grew = false;
    for (const [pid, { parent }] of all) {
      if (!wanted.has(parent) || wanted.has(pid)) continue;
      wanted.add(pid);
      grew = true;
    }
  }
  let cpuMicros = 0;
  let rssBytes = 0;
  for (const pid of wanted) {
    const found = all.get(pid);
    cpuMicros += (found?.ticks ?? 0) * MICROS_PER_TICK;
    rssBytes += (found?.pages ?? 0) * PAGE_BYTES;
  }
  return { cpuMicros, rssBytes };
}

type Seen = Readonly<{ parent: number; ticks: number; pages: number }>;

function readProcesses(): ReadonlyMap<number, Seen> {
  const seen = new Map<number, Seen>();
  if (process.platform !== 'linux') return seen;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // Past the program's name, which may hold anything: state is field 3.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      seen.set(Number(name), {
        parent: Number(fields[1]),
        ticks: Number(fields[11]) + Number(fields[12]),
        pages: Number(fields[21]),
      });
    } catch {
      // It ended while we looked.
    }
  }
  return seen;
}
