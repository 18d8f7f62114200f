/**
 * A schedule over the real thing: control, node and gateway as processes, callers that stream chats
 * through them, an upstream that says what each used. Control and gateway are killed -9 at random. After
 * each death of the gateway its journal is read from disk, and what it promises is held against the
 * books at the end: each end posted once and unchanged, each open request settled at its last progress,
 * each whole answer billed at what the upstream said.
 */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { type Database, sql } from '#platform/database.ts';
import type { UsageBuckets } from '#metering/usage-event.ts';
import { checkBooks } from './books.ts';
import { waitFor } from '../cloud.ts';
import { type ChaosCloud, OPENING_CREDIT, startChaosCloud } from './cloud.ts';
import { type Load, startLoad } from './load.ts';
import { readJournalFolder } from './on-disk.ts';
import { createRandom } from './random.ts';
import type { ScheduleOptions } from './schedule.ts';
import { usageOf } from './upstream.ts';

export type CloudResult = Readonly<{
  answered: number;
  promised: number;
  recorded: number;
  abandoned: number;
  /**
   * Whole answers that are in no book: the gateway died in the milliseconds before its journal had even
   * the admission on disk. Reported, not forbidden; a strict mode would wait for the disk first.
   */
  unbilled: number;
  failures: Readonly<Record<string, number>>;
}>;

const CALLERS = 10;
const DRAIN_TIMEOUT_MS = 60_000;

/** What must be in the books in the end, by request id; null where only the fact counts. */
type Promised = Map<string, Readonly<{ outcome: string; usage: UsageBuckets | null }>>;

export async function runCloudSchedule(options: ScheduleOptions): Promise<CloudResult> {
  const { seed, database } = options;
  const random = createRandom(seed);
  const cloud = await startChaosCloud(database, options.databaseUrl);
  const promised: Promised = new Map();
  try {
    const { gatewayUrl: url, secret, model } = cloud;
    const load = startLoad({ url, secret, model, callers: CALLERS, random });
    for (let kill = 0; kill < options.kills; kill += 1) {
      await answersAgain(load, random.between(3, 40));
      await wait(random.between(0, 100));
      const victim = random.next() < 0.6 ? 'gateway' : 'control';
      await killed(cloud, victim);
      if (victim === 'gateway') remember(promised, cloud);
      await wait(random.between(0, 300));
      await cloud.start(victim);
    }
    await answersAgain(load, CALLERS);
    await load.stop();
    await stopGateway(cloud, promised);
    return await check({ seed, database, cloud, load, promised });
  } finally {
    await cloud.stop();
  }
}

async function killed(cloud: ChaosCloud, role: 'gateway' | 'control'): Promise<void> {
  const child = cloud.children.get(role);
  child?.kill('SIGKILL');
  await child?.exited;
}

/** Reads what the dead gateway's disk holds: from here on that is the law. */
function remember(promised: Promised, cloud: ChaosCloud): void {
  const { settled, open } = readJournalFolder(cloud.journalFolder);
  for (const { requestId, outcome, usage } of settled) promised.set(requestId, { outcome, usage });
  for (const [requestId, usage] of open) promised.set(requestId, { outcome: 'abandoned', usage });
}

/** The cloud serves again by itself after each kill; killing what does not serve yet proves little. */
async function answersAgain(load: Load, count: number): Promise<void> {
  const enough = load.answered.size + count;
  await waitFor('answers after a kill', DRAIN_TIMEOUT_MS, () => load.answered.size >= enough);
}

/** Stops the gateway well, and again until control has every byte of its journal. */
async function stopGateway(cloud: ChaosCloud, promised: Promised): Promise<void> {
  for (let stop = 0; stop < 3; stop += 1) {
    const gateway = cloud.children.get('gateway');
    gateway?.kill('SIGTERM');
    assert.equal(await gateway?.exited, 0, 'the gateway stops well');
    remember(promised, cloud);
    await cloud.start('gateway');
  }
}

async function check(
  request: Readonly<{
    seed: number;
    database: Database;
    cloud: ChaosCloud;
    load: Load;
    promised: Promised;
  }>,
): Promise<CloudResult> {
  const { seed, database, cloud, load, promised } = request;
  const say = (text: string): string => `seed ${seed}: ${text}`;
  let recorded = await readEvents(database, cloud.tenantId);
  await waitFor('every promise to be in the books', DRAIN_TIMEOUT_MS, async () => {
    recorded = await readEvents(database, cloud.tenantId);
    return [...promised.keys()].every((requestId) => recorded.has(requestId));
  });
  for (const [requestId, { outcome, usage }] of promised) {
    const event = recorded.get(requestId);
    assert.equal(event?.outcome, outcome, say(requestId));
    if (usage !== null) assert.deepEqual(event?.usage, { ...usage }, say(requestId));
  }
  for (const [requestId, wish] of load.answered) {
    const event = recorded.get(requestId);
    if (event?.outcome !== 'finished') continue;
    const { input, cacheRead, output } = usageOf(wish);
    const expected = { input, cacheRead, cacheWrite: 0, output, reasoning: 0 };
    assert.deepEqual(event.usage, expected, say(requestId));
  }
  await checkBooks(database, {
    tenantIds: [cloud.tenantId],
    openingCredit: OPENING_CREDIT,
    say,
  });
  const outcomes = [...recorded.values()].map(({ outcome }) => outcome);
  return {
    answered: load.answered.size,
    promised: promised.size,
    recorded: recorded.size,
    abandoned: outcomes.filter((outcome) => outcome === 'abandoned').length,
    unbilled: [...load.answered.keys()].filter((requestId) => !recorded.has(requestId)).length,
    failures: Object.fromEntries(load.failures),
  };
}

type Event = Readonly<{ outcome: string; usage: UsageBuckets }>;

async function readEvents(
  database: Database,
  tenantId: string,
): Promise<ReadonlyMap<string, Event>> {
  const { rows } = await sql<{ requestId: string; outcome: string } & UsageBuckets>`
    select request_id as "requestId", outcome, input_tokens as input,
      cache_read_tokens as "cacheRead", cache_write_tokens as "cacheWrite",
      output_tokens as output, reasoning_tokens as reasoning
    from usage_events where tenant_id = ${tenantId}`.execute(database);
  return new Map(rows.map(({ requestId, outcome, ...usage }) => [requestId, { outcome, usage }]));
}
