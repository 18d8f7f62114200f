/**
 * A gateway's money, alone in a process that a test may kill: the real journal and shipper under a load
 * of requests that are admitted, stream for a moment and end. Beside them it keeps a witness: one line
 * for what it began and one for what the journal promised to keep, written only after `flush` resolved.
 * On SIGTERM it ends its requests, ships everything and exits 0.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '#platform/clock.ts';
import { createId } from '#platform/id.ts';
import { silentLog } from '#platform/log.ts';
import { openJournal } from '#metering/journal.ts';
import { createShipper } from '#metering/ship.ts';
import type { Outcome, RequestIdentity, UsageBuckets } from '#metering/usage-event.ts';
import { identityOf, settledOf } from '../usage-records.ts';
import { endWithParent } from './process.ts';
import { createRandom } from './random.ts';
import type { WitnessLine } from './witness.ts';

export type GatewayOptions = Readonly<{
  folder: string;
  witnessFile: string;
  controlUrl: string;
  seed: number;
  tenantIds: readonly [string, ...string[]];
  modelId: string;
  priceId: string;
  /** Kills itself right after the nth journal promise. */
  dieAfterPromises: number | null;
}>;

/** Requests being served at a time. */
const CONCURRENCY = 12;

/** Small, so that segments come and go while slow requests are still being served. */
const SEGMENT_BYTES = 8 * 1024;

/** One request in so many is slow, and outlives many segments. */
const SLOW_ONE_IN = 15;
const SLOW_CHUNK_MS = 600;

const DRAIN_MS = 60_000;

const options: GatewayOptions = JSON.parse(process.argv[2] ?? '');
const random = createRandom(options.seed);
const journal = await openJournal({
  folder: options.folder,
  clock: systemClock,
  log: silentLog,
  segmentBytes: SEGMENT_BYTES,
});
const shipper = createShipper({
  journal,
  controlUrl: options.controlUrl,
  joinToken: 'secret',
  log: silentLog,
});

let promises = 0;
const ending = new AbortController();

function witness(line: WitnessLine): void {
  appendFileSync(options.witnessFile, `${JSON.stringify(line)}\n`);
  if (line.kind === 'began') return;
  promises += 1;
  if (promises === options.dieAfterPromises) process.kill(process.pid, 'SIGKILL');
}

async function serve(): Promise<void> {
  const identity: RequestIdentity = identityOf({
    requestId: createId('req'),
    tenantId: random.pick([...options.tenantIds]),
    modelId: options.modelId,
    priceId: options.priceId,
    admittedAtMs: Date.now(),
  });
  const { requestId, attempt } = identity;
  witness({ kind: 'began', requestId });
  journal.append({ ...identity, kind: 'admitted', inputEstimate: 100 });
  if (random.next() < 0.5) {
    await journal.flush();
    witness({ kind: 'admitted', requestId });
  }
  const usage: UsageBuckets = {
    input: random.between(1, 500),
    cacheRead: random.between(0, 100),
    cacheWrite: 0,
    output: 0,
    reasoning: random.between(0, 20),
  };
  const chunks = random.between(0, 6);
  const chunkMs = random.between(1, SLOW_ONE_IN) === 1 ? SLOW_CHUNK_MS : 15;
  for (let output = 1; output <= chunks; output += 1) {
    await wait(random.between(0, chunkMs));
    journal.append({ kind: 'progress', requestId, attempt, usage: { ...usage, output } });
  }
  const outcome: Outcome = random.next() < 0.7 ? 'finished' : 'cancelled';
  const settled = settledOf(identity, {
    outcome,
    usage: { ...usage, output: chunks },
    settledAtMs: Date.now(),
  });
  journal.append(settled);
  await journal.flush();
  witness({ kind: 'settled', requestId, outcome, usage: settled.usage });
}

async function serveForever(): Promise<void> {
  while (!ending.signal.aborted) await serve();
}

process.on('SIGTERM', () => ending.abort());
endWithParent();
process.stdout.write('ready\n');
await Promise.all(Array.from({ length: CONCURRENCY }, serveForever));
await journal.flush();
const isDrained = await shipper.drain(DRAIN_MS);
await shipper.stop();
await journal.stop();
process.exit(isDrained ? 0 : 1);
