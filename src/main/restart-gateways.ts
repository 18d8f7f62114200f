/**
 * Has the supervisor of this home replace its gateways one by one, and waits until it has. A supervisor that is
 * gone leaves its list behind: whoever has its number now is not sent a signal that might end it.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { defineErrors } from '#platform/error.ts';
import { processesFile } from './home.ts';

const fail = defineErrors({
  'gateway.not_running': { status: 500 },
  'gateway.not_replaced': { status: 500 },
});

const listSchema = z.record(z.string(), z.number().int().positive());

/** A stream has 30 s to end, for each of the gateways in turn; then somebody should look. */
const WAIT_MS = 5 * 60_000;
const LOOK_EVERY_MS = 200;

/** How many were replaced. Raises `gateway.not_running` and `gateway.not_replaced`. */
export async function restartGateways(home: string): Promise<number> {
  const { supervisor, gateways: before } = await readList(home);
  if (supervisor === null || !isAlive(supervisor) || before.size === 0) {
    throw fail('gateway.not_running', `No cloud runs from ${home}.`);
  }
  if (process.platform === 'win32') {
    throw fail('gateway.not_replaced', 'Windows has no signal for it: stop and start instead.');
  }
  process.kill(supervisor, 'SIGUSR2');
  const untilMs = performance.now() + WAIT_MS;
  while (performance.now() < untilMs) {
    await delay(LOOK_EVERY_MS);
    const { gateways: now } = await readList(home);
    const isNew = [...now].every(([name, pid]) => before.get(name) !== pid);
    if (now.size === before.size && isNew) return now.size;
  }
  throw fail('gateway.not_replaced', 'They are not replaced after five minutes; see the log.');
}

type List = Readonly<{ supervisor: number | null; gateways: ReadonlyMap<string, number> }>;

async function readList(home: string): Promise<List> {
  try {
    const list = listSchema.parse(JSON.parse(await readFile(processesFile(home), 'utf8')));
    const gateways = Object.entries(list).filter(([name]) => name.startsWith('gateway'));
    return { supervisor: list['supervisor'] ?? null, gateways: new Map(gateways) };
  } catch {
    // Not there, or being written just now.
    return { supervisor: null, gateways: new Map() };
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
