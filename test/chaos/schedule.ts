/**
 * One schedule: a control and two gateways under load, killed -9 at random moments and at chosen points,
 * started again, drained, and then held to what the gateways witnessed: every promised end is posted once
 * with exactly its usage, every promised admission ended once, nothing was invented, and the books of
 * metering and ledger prove each other.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '#platform/clock.ts';
import { type Database, sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { createLedger } from '#ledger/ledger.ts';
import { parseAmount } from '#ledger/money.ts';
import { createPricing } from '#pricing/pricing.ts';
import { waitFor } from '../cloud.ts';
import { insertModel, insertTenant } from '../money.ts';
import { checkBooks } from './books.ts';
import { freePort } from './cloud.ts';
import type { ControlOptions } from './control-process.ts';
import type { GatewayOptions } from './gateway-process.ts';
import { type Child, keepAlive, startChild } from './process.ts';
import { type Random, createRandom } from './random.ts';
import { readWitness } from './witness.ts';

export type ScheduleOptions = Readonly<{
  seed: number;
  database: Database;
  databaseUrl: string;
  /** How often something is killed. */
  kills: number;
}>;

export type ScheduleResult = Readonly<{
  began: number;
  promised: number;
  recorded: number;
  kills: number;
}>;

const GATEWAYS = 2;
const OPENING_CREDIT = '1000000';

/** Runs a schedule. Raises an assertion error that names the seed when a law is broken. */
export async function runSchedule(options: ScheduleOptions): Promise<ScheduleResult> {
  const random = createRandom(options.seed);
  const world = await prepare(options.database);
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-chaos-'));
  const witnesses = Array.from({ length: GATEWAYS }, (_, index) =>
    join(folder, `witness-${index}`),
  );
  const port = await freePort();
  const startControl = (dieAt: ControlOptions['dieAt']): Promise<Child> =>
    startChild('control-process.ts', {
      databaseUrl: options.databaseUrl,
      port,
      dieAt,
    } satisfies ControlOptions);
  const startGateway = (index: number, dieAfterPromises: number | null): Promise<Child> =>
    startChild('gateway-process.ts', {
      folder: join(folder, `journal-${index}`),
      witnessFile: witnesses[index] ?? '',
      controlUrl: `http://127.0.0.1:${port}`,
      seed: random.between(0, 2 ** 31),
      ...world,
      dieAfterPromises,
    } satisfies GatewayOptions);
  const pauseMs = (): number => random.between(0, 200);
  const control = await keepAlive(() => startControl(chooseControlDeath(random)), pauseMs);
  const gateways = await Promise.all(
    Array.from({ length: GATEWAYS }, (_, index) =>
      keepAlive(() => startGateway(index, choosePromises(random)), pauseMs),
    ),
  );
  try {
    for (let kill = 0; kill < options.kills; kill += 1) {
      await someWork(witnesses, random.between(2_000, 60_000));
      await wait(random.between(0, 100));
      (gateways[random.between(0, GATEWAYS)] ?? control).kill();
    }
    await Promise.all([control, ...gateways].map((process) => process.stop()));
    await finish({ startControl, startGateway });
    return await check(options, { ...world, witnesses });
  } finally {
    await Promise.all([control, ...gateways].map((process) => process.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

const WORK_TIMEOUT_MS = 60_000;

/** Waits until the gateways have witnessed so many bytes more: a kill of what has hardly begun proves little. */
async function someWork(witnesses: readonly string[], bytes: number): Promise<void> {
  const written = (): number =>
    witnesses.reduce(
      (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  const enough = written() + bytes;
  await waitFor('the gateways to serve', WORK_TIMEOUT_MS, () => written() >= enough);
}

/** Brings everyone back once more, lets requests end and journals drain. */
async function finish(
  start: Readonly<{
    startControl: (dieAt: null) => Promise<Child>;
    startGateway: (index: number, dieAfterPromises: null) => Promise<Child>;
  }>,
): Promise<void> {
  const control = await start.startControl(null);
  try {
    for (let index = 0; index < GATEWAYS; index += 1) {
      const gateway = await start.startGateway(index, null);
      gateway.kill('SIGTERM');
      assert.equal(await gateway.exited, 0, `gateway ${index} could not ship its journal`);
    }
  } finally {
    control.kill('SIGKILL');
    await control.exited;
  }
}

type World = Readonly<{ tenantIds: [string, string]; modelId: string; priceId: string }>;

async function prepare(database: Database): Promise<World> {
  const parts = { database, clock: systemClock, log: silentLog };
  const tenantIds: [string, string] = [await insertTenant(database), await insertTenant(database)];
  const model = await insertModel(database, tenantIds[0]);
  const pricing = createPricing({
    ...parts,
    models: { find: async () => model, list: async () => [model] },
  });
  const { id: priceId } = await pricing.publish(
    { tenantId: tenantIds[0], isOperator: true },
    {
      model: model.name,
      currency: 'CNY',
      effectiveFromMs: null,
      inputPerMillion: '0.3',
      cacheReadPerMillion: '0.03',
      outputPerMillion: '1.2',
      reasoningPerMillion: null,
      createdBy: null,
    },
  );
  const ledger = createLedger(parts);
  for (const tenantId of tenantIds) {
    await ledger.credit({
      tenantId,
      currency: 'CNY',
      amountPico: parseAmount(OPENING_CREDIT),
      idempotencyKey: 'opening',
      note: '',
    });
  }
  return { tenantIds, modelId: model.id, priceId };
}

async function check(
  { seed, database, kills }: ScheduleOptions,
  world: World & Readonly<{ witnesses: readonly string[] }>,
): Promise<ScheduleResult> {
  const lines = world.witnesses.flatMap(readWitness);
  const recorded = await readRecorded(database, world.tenantIds);
  const say = (text: string): string => `seed ${seed}: ${text}`;
  const began = new Set(lines.map(({ requestId }) => requestId));
  for (const requestId of recorded.keys()) {
    assert.ok(began.has(requestId), say(`${requestId} was recorded and never began`));
  }
  let promised = 0;
  for (const line of lines) {
    if (line.kind === 'began') continue;
    promised += 1;
    const event = recorded.get(line.requestId);
    assert.ok(event !== undefined, say(`${line.requestId} was promised (${line.kind}) and lost`));
    if (line.kind !== 'settled') continue;
    const { outcome, usage } = event;
    assert.deepEqual(
      { outcome, usage },
      { outcome: line.outcome, usage: { ...line.usage } },
      say(line.requestId),
    );
  }
  await checkBooks(database, { tenantIds: world.tenantIds, openingCredit: OPENING_CREDIT, say });
  return { began: began.size, promised, recorded: recorded.size, kills };
}

type Recorded = Readonly<{ outcome: string; usage: Record<string, number> }>;

async function readRecorded(
  database: Database,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, Recorded>> {
  const { rows } = await sql<{ requestId: string; outcome: string } & Record<string, number>>`
    select request_id as "requestId", outcome, input_tokens as input,
      cache_read_tokens as "cacheRead", cache_write_tokens as "cacheWrite",
      output_tokens as output, reasoning_tokens as reasoning
    from usage_events where tenant_id = any(${tenantIds}::text[])`.execute(database);
  return new Map(rows.map(({ requestId, outcome, ...usage }) => [requestId, { outcome, usage }]));
}

function chooseControlDeath(random: Random): ControlOptions['dieAt'] {
  if (random.next() < 0.3) return null;
  return {
    point: random.pick(['before-post', 'before-commit', 'before-answer']),
    shipment: random.between(1, 30),
  };
}

function choosePromises(random: Random): number | null {
  return random.next() < 0.5 ? null : random.between(1, 400);
}
