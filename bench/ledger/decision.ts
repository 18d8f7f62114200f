/**
 * The balance decision, at the gateway and with its own code: whether a request has the money it may cost. With a
 * lease it is a look into memory; on a miss the gateway asks control over HTTP, which asks its database.
 */
import { systemClock } from '#platform/clock.ts';
import { serveApp } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import { createControlClient } from '#gateway/control-client.ts';
import type { Wanted } from '#gateway/lease-book.ts';
import { LeaseKeeper } from '#gateway/lease-keeper.ts';
import { createControlApp } from '#main/control-app.ts';
import type { ControlParts } from '#main/control-parts.ts';
import { JOIN_TOKEN } from './seed.ts';

const CALLS_PER_TURN = 100;
/** Requests that are under way at a time, each with its hold. */
const HOLDS_OPEN = 64;

export type Decisions = Readonly<{
  /** In milliseconds, of decisions that found a lease. */
  hits: readonly number[];
  /** Of those that had to ask control. */
  misses: readonly number[];
}>;

export async function decide(
  control: ControlParts,
  asked: Readonly<{ tenants: readonly string[]; hits: number; misses: number }>,
): Promise<Decisions> {
  const server = await serveApp(createControlApp(control), { host: '127.0.0.1', port: 0 });
  const client = createControlClient({
    url: server.url,
    joinToken: JOIN_TOKEN,
    gatewayId: 'gtw_bench',
  });
  const createKeeper = () =>
    new LeaseKeeper({ control: client, clock: systemClock, log: silentLog });
  try {
    const misses: number[] = [];
    // Asked once before, so that connections and plans are there.
    for (let index = -10; index < asked.misses; index += 1) {
      const keeper = createKeeper();
      const payer = payerOf(asked.tenants, Math.abs(index));
      const from = performance.now();
      await keeper.hold(payer, WANTED);
      if (index >= 0) misses.push(performance.now() - from);
      await keeper.stop();
    }
    return { hits: await hits(createKeeper(), asked), misses };
  } finally {
    await client.stop();
    await server.stop(0);
  }
}

const WANTED: Wanted = {
  worstPico: 1_230_000_000n,
  estimatePico: 900_000_000n,
  isStoppable: true,
  scope: { projectId: 'prj_1', modelId: 'mdl_1' },
};

const payerOf = (tenants: readonly string[], index: number) => ({
  tenantId: tenants[index % tenants.length] ?? '',
  currency: 'CNY',
});

/** Requests come and end; leases are renewed meanwhile, as they always are. */
async function hits(
  keeper: LeaseKeeper,
  asked: Readonly<{ tenants: readonly string[]; hits: number }>,
): Promise<readonly number[]> {
  const took: number[] = [];
  const open: (() => void)[] = [];
  for (let index = 0; took.length < asked.hits; index += 1) {
    const payer = payerOf(asked.tenants, index);
    const from = performance.now();
    const answer = keeper.hold(payer, WANTED);
    if (!(answer instanceof Promise)) took.push(performance.now() - from);
    const hold = await answer;
    open.push(() => keeper.settle(payer, hold, WANTED.estimatePico));
    if (open.length > HOLDS_OPEN) open.shift()?.();
    if (index % CALLS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const settle of open) settle();
  await keeper.stop();
  return took;
}
