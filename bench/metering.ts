/**
 * The journal beside a bare append, and control's ingestion of what it ships. `npm run bench -- metering`.
 *
 * Journal: records are appended a hundred at a time and flushed at the end; the baseline writes the same
 * bytes with one write and one fdatasync per batch of the same size. Latency is from `append` to durable,
 * one record at a time. Ingestion: shipments of 300 events of 20 tenants, each rated, posted and recorded
 * in one transaction, on a real PostgreSQL (TEST_DATABASE_URL) or the embedded one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { createLedger } from '#ledger/ledger.ts';
import { encodeFrame } from '#metering/frame.ts';
import { openJournal } from '#metering/journal.ts';
import { createMetering } from '#metering/metering.ts';
import { createPricing } from '#pricing/pricing.ts';
import { createTestDatabase } from '../test/database.ts';
import { insertModel, insertTenant } from '../test/money.ts';
import { identityOf, settledOf } from '../test/usage-records.ts';

const RECORDS = 50_000;
const PER_TURN = 100;
const LATENCY_SAMPLES = 300;
const SHIPMENTS = 60;
const EVENTS_PER_SHIPMENT = 300;
const TENANTS = 20;

type Measured = Readonly<{ seconds: number; cpuMicros: number }>;

async function measure(work: () => Promise<void>): Promise<Measured> {
  const cpu = process.cpuUsage();
  const from = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - from) / 1000, cpuMicros: user + system };
}

const folder = mkdtempSync(join(tmpdir(), 'flywheel-bench-'));
const records = Array.from({ length: 1000 }, () => settledOf(identityOf()));
const record = (index: number) => records[index % records.length] ?? settledOf(identityOf());

async function benchJournal(): Promise<Measured & { latencies: readonly number[] }> {
  const journal = await openJournal({ folder, clock: systemClock, log: silentLog });
  const measured = await measure(async () => {
    for (let index = 0; index < RECORDS; index += 1) {
      journal.append(record(index));
      if (index % PER_TURN === PER_TURN - 1) {
        await nextTurn();
        while (!journal.isWritable()) await nextTurn();
      }
    }
    await journal.flush();
  });
  const latencies: number[] = [];
  for (let sample = 0; sample < LATENCY_SAMPLES; sample += 1) {
    const from = performance.now();
    journal.append(record(sample));
    await journal.flush();
    latencies.push(performance.now() - from);
  }
  await journal.stop();
  return { ...measured, latencies: latencies.toSorted((a, b) => a - b) };
}

async function benchBare(): Promise<Measured> {
  const handle = await open(join(folder, 'bare'), 'w');
  const measured = await measure(async () => {
    for (let index = 0; index < RECORDS; index += PER_TURN) {
      const batch = Array.from({ length: PER_TURN }, (_, each) =>
        encodeFrame(record(index + each)),
      );
      await handle.write(Buffer.concat(batch));
      await handle.datasync();
    }
  });
  await handle.close();
  return measured;
}

async function benchIngest(): Promise<Measured> {
  const { database, stop } = await createTestDatabase();
  const parts = { database, clock: systemClock, log: silentLog };
  const tenants: string[] = [];
  for (let tenant = 0; tenant < TENANTS; tenant += 1) tenants.push(await insertTenant(database));
  const model = await insertModel(database, tenants[0] ?? '');
  const models = { find: async () => model, list: async () => [model] };
  const pricing = createPricing({ ...parts, models });
  const { id: priceId } = await pricing.publish(
    { tenantId: tenants[0] ?? '', isOperator: true },
    {
      model: model.name,
      currency: 'CNY',
      effectiveFromMs: null,
      inputPerMillion: '0.3',
      cacheReadPerMillion: null,
      outputPerMillion: '1.2',
      reasoningPerMillion: null,
      createdBy: null,
    },
  );
  const counts = async () => ({ models: 0, machines: 0, replicasReady: 0 });
  const metering = createMetering({ ...parts, ledger: createLedger(parts), pricing, counts });
  const shipments = Array.from({ length: SHIPMENTS }, (_, segment) => ({
    gatewayId: 'gtw_bench',
    segment,
    fromOffset: 0,
    toOffset: 1,
    settled: Array.from({ length: EVENTS_PER_SHIPMENT }, (_, index) =>
      settledOf(
        identityOf({ tenantId: tenants[index % TENANTS] ?? '', modelId: model.id, priceId }),
      ),
    ),
  }));
  const measured = await measure(async () => {
    for (const shipment of shipments) await metering.ingest(shipment);
  });
  await stop();
  return measured;
}

const perSecond = (count: number, { seconds }: Measured): string =>
  Math.round(count / seconds).toLocaleString('en');

try {
  const [bare, journal, ingest] = [await benchBare(), await benchJournal(), await benchIngest()];
  const { latencies } = journal;
  const at = (share: number): string =>
    `${(latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(1)} ms`;
  console.table({
    'bare write + fdatasync per 100': {
      'records/s': perSecond(RECORDS, bare),
      'CPU µs each': (bare.cpuMicros / RECORDS).toFixed(1),
    },
    journal: {
      'records/s': perSecond(RECORDS, journal),
      'CPU µs each': (journal.cpuMicros / RECORDS).toFixed(1),
      'durable p50': at(0.5),
      'durable p99': at(0.99),
    },
    [`ingest, ${process.env['TEST_DATABASE_URL'] === undefined ? 'embedded' : 'PostgreSQL'}`]: {
      'records/s': perSecond(SHIPMENTS * EVENTS_PER_SHIPMENT, ingest),
      'CPU µs each': (ingest.cpuMicros / (SHIPMENTS * EVENTS_PER_SHIPMENT)).toFixed(1),
    },
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
