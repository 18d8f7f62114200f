/**
 * What a process and all its children used, as the scheduler counts it: the same measure for ours and for
 * programs in any language, with one process or many. From /proc, so on Linux; elsewhere zero.
 */
import { readFileSync, readdirSync } from 'node:fs';

export type Used = Readonly<{ cpuMicros: number; rssBytes: number }>;

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
    cpuMicros += runMicros(pid);
    rssBytes += (all.get(pid)?.pages ?? 0) * PAGE_BYTES;
  }
  return { cpuMicros, rssBytes };
}

/**
 * What the scheduler counted for all threads, in nanoseconds. The ticks in `stat` are samples: a process
 * that always runs for less than a tick may be missed by all of them.
 */
function runMicros(pid: number): number {
  let nanoseconds = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ');
      nanoseconds += Number(ran);
    }
  } catch {
    // It ended while we looked.
  }
  return nanoseconds / 1000;
}

type Seen = Readonly<{ parent: number; pages: number }>;

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
        pages: Number(fields[21]),
      });
    } catch {
      // It ended while we looked.
    }
  }
  return seen;
}
