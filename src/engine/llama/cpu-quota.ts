/**
 * How many CPU threads an engine should use. llama.cpp's threads spin while they wait, so a thread
 * more than the quota makes a small model hundreds of times slower; one core is left for the
 * server around it.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

const CGROUP_V2 = '/sys/fs/cgroup/cpu.max';
const CGROUP_V1_QUOTA = '/sys/fs/cgroup/cpu/cpu.cfs_quota_us';
const CGROUP_V1_PERIOD = '/sys/fs/cgroup/cpu/cpu.cfs_period_us';

export async function defaultThreads(): Promise<number> {
  const [v2, quota, period] = await Promise.all([
    readText(CGROUP_V2),
    readText(CGROUP_V1_QUOTA),
    readText(CGROUP_V1_PERIOD),
  ]);
  const limit = parseQuota(v2) ?? parseQuota(`${quota} ${period}`) ?? Infinity;
  return threadsFor(Math.min(availableParallelism(), limit));
}

/** `max 100000` or `150000 100000`: microseconds of CPU per period; null without a limit. */
export function parseQuota(text: string): number | null {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  if (quota === undefined || period === undefined) return null;
  return quota > 0 && period > 0 ? quota / period : null;
}

export function threadsFor(cpus: number): number {
  return Math.max(1, Math.floor(cpus) - 1);
}

async function readText(path: string): Promise<string> {
  // Absent on machines without that kind of control group, which then simply set no limit.
  return readFile(path, 'utf8').catch(() => '');
}
