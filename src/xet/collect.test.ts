/** What is collected and what never is, on a real database and a real folder. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sql, transaction } from '#platform/database.ts';
import { codeOf } from '#platform/error.ts';
import { createTestDatabase } from '../../test/database.ts';
import { collect, sweepXorbs } from './collect.ts';
import { seededBytes } from './seeded-bytes.ts';
import { type Shard, encodeShard } from './shard.ts';
import { ACME, BOLT, type Upload, createXetWorld, prepare } from './xet-fixture.ts';

const DAY_HOURS = 24;
const world = await createXetWorld(await createTestDatabase());
const { xet, objects, kept, readable, clock } = world;
const { database } = world.database;
const keeps = async (_: unknown, sha256s: readonly string[]) =>
  new Set(sha256s.filter((sha256) => kept.has(sha256)));
const deps = { database, objects, clock, keeps };

/** Files are runs of a few blocks, so that they share chunks. */
const blocks = [1, 2, 3, 4, 5].map((seed) => seededBytes(seed, 180_000));
const contentOf = (run: readonly number[]): Buffer =>
  Buffer.concat(run.map((index) => blocks[index] ?? new Uint8Array()));
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Time passes for all rows alike; the database's own clock cannot be moved. */
async function pass(hours: number): Promise<void> {
  const by = sql`make_interval(hours => ${hours})`;
  await sql`update xet_xorbs set touched_at = touched_at - ${by}`.execute(database);
  await sql`update xet_files set touched_at = touched_at - ${by}, orphaned_at = orphaned_at - ${by}`.execute(
    database,
  );
}

async function register(tenantId: string, shard: Shard): Promise<void> {
  for await (const _ of xet.putShard(tenantId, new Uint8Array(encodeShard(shard, null)))) {
    // To its end.
  }
}

async function send(tenantId: string, upload: Upload): Promise<void> {
  await xet.putXorb(tenantId, upload.xorbHash, new Uint8Array(upload.xorb));
  await register(tenantId, upload.shard);
}

/** As a client that sent this xorb before: the shard alone, and all of it when the server has it no longer. */
async function sendAgain(tenantId: string, upload: Upload): Promise<void> {
  try {
    await register(tenantId, upload.shard);
  } catch (error) {
    assert.equal(codeOf(error), 'xet.xorb_unknown');
    await send(tenantId, upload);
  }
}

async function cut(tenantId: string, bytes: Buffer): Promise<void> {
  const sha256 = sha256Of(bytes);
  kept.add(sha256);
  readable.get(tenantId)?.add(sha256);
  const read = async () => ReadableStream.from([new Uint8Array(bytes)]);
  const file = { sha256, sizeBytes: bytes.length, read };
  await xet.cut(tenantId, file, new AbortController().signal);
}

/** The same bytes come whole again and are dropped because they are here in chunks. */
async function hold(sha256: string): Promise<void> {
  await transaction(database, async (tx) => {
    if (await xet.holds(tx, sha256)) kept.add(sha256);
  });
}

function forget(sha256: string): void {
  kept.delete(sha256);
  for (const seen of readable.values()) seen.delete(sha256);
}

async function readBack(sha256: string): Promise<string> {
  const sum = createHash('sha256');
  for await (const part of (await xet.read(sha256)) ?? []) sum.update(part);
  return sum.digest('hex');
}

async function countRows(): Promise<readonly number[]> {
  const { rows } = await sql<{ files: number; xorbs: number }>`
    select (select count(*)::int from xet_files) as files,
      (select count(*)::int from xet_xorbs) as xorbs`.execute(database);
  return [rows[0]?.files ?? -1, rows[0]?.xorbs ?? -1];
}

async function countObjects(): Promise<number> {
  let count = 0;
  for await (const _ of objects.list('xorbs/')) count += 1;
  return count;
}

/** Everything goes once nobody has anything; what a broken pass left, with the sweep. */
async function clear(): Promise<void> {
  for (const sha256 of kept) forget(sha256);
  await pass(60 * DAY_HOURS);
  await collect(deps);
  await pass(2 * DAY_HOURS);
  await collect(deps);
  clock.advance(10 * DAY_HOURS * 3_600_000);
  await sweepXorbs(deps);
  assert.deepEqual([...(await countRows()), await countObjects()], [0, 0, 0]);
}

const failing = {
  ...objects,
  remove: async () => {
    throw new Error('The store is away.');
  },
};

type Step = Readonly<{
  kind: 'send' | 'again' | 'cut' | 'hold' | 'forget' | 'pass' | 'collect' | 'crash';
  tenantId: string;
  run: readonly number[];
  hours: number;
  /** Beside a collection. */
  isConcurrent: boolean;
}>;

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom<Step['kind'][]>(
      'send',
      'again',
      'cut',
      'hold',
      'forget',
      'pass',
      'collect',
      'crash',
    ),
    tenantId: fc.constantFrom(ACME, BOLT),
    run: fc.array(fc.nat(blocks.length - 1), { minLength: 1, maxLength: 3 }),
    hours: fc.constantFrom(2, 26, 10 * DAY_HOURS, 29 * DAY_HOURS),
    isConcurrent: fc.boolean(),
  }),
  { minLength: 6, maxLength: 14 },
);

async function take({ kind, tenantId, run, hours }: Step): Promise<void> {
  const bytes = contentOf(run);
  if (kind === 'send') await send(tenantId, prepare(world, bytes));
  if (kind === 'again') await sendAgain(tenantId, prepare(world, bytes));
  if (kind === 'cut') await cut(tenantId, bytes);
  if (kind === 'hold') await hold(sha256Of(bytes));
  if (kind === 'forget') forget([...kept].at(run[0] ?? 0) ?? '');
  if (kind === 'pass') await pass(hours);
  if (kind === 'collect') await collect(deps);
  // The rows may be gone and the objects not: the next passes go on, and a sweep takes the rest.
  if (kind === 'crash') await collect({ ...deps, objects: failing }).catch(() => null);
}

describe('collection', () => {
  it('never takes a chunk of a file that somebody has, whatever happens beside it', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        for (const step of plan) {
          await Promise.all([take(step), step.isConcurrent ? collect(deps) : null]);
          for (const sha256 of kept) assert.equal(await readBack(sha256), sha256);
        }
        await clear();
      }),
      { numRuns: 25 },
    );
  });

  it('leaves a xorb that a client may still count on, and tells the client when it is gone', async () => {
    const upload = prepare(world, contentOf([0, 1]));
    await send(ACME, upload);
    forget(upload.sha256);
    await pass(20 * DAY_HOURS);
    await collect(deps);
    await pass(2 * DAY_HOURS);
    await collect(deps);
    assert.deepEqual(await countRows(), [0, 1]);
    await register(ACME, upload.shard);
    assert.equal(await readBack(upload.sha256), upload.sha256);

    forget(upload.sha256);
    await pass(30 * DAY_HOURS);
    await collect(deps);
    await pass(2 * DAY_HOURS);
    assert.deepEqual(await xet.collect(), { files: 1, xorbs: 1, bytes: upload.xorb.length });
    await assert.rejects(register(ACME, upload.shard), { code: 'xet.xorb_unknown' });
    await send(ACME, upload);
    assert.equal(await readBack(upload.sha256), upload.sha256);
    await clear();
  });

  it('keeps a file whose bytes come again before it goes', async () => {
    const upload = prepare(world, contentOf([2]));
    await send(ACME, upload);
    forget(upload.sha256);
    await pass(2);
    await collect(deps);
    await pass(2 * DAY_HOURS);
    kept.add(upload.sha256);

    assert.equal((await xet.collect()).files, 0);
    await pass(40 * DAY_HOURS);
    await collect(deps);

    assert.equal(await readBack(upload.sha256), upload.sha256);
    await clear();
  });

  it('measures what is kept for nothing: chunks that no file uses, xorbs that none does', async () => {
    const both = prepare(world, contentOf([0, 1]));
    await send(ACME, both);
    assert.deepEqual(await xet.measure(), { stored: both.xorb.length, unused: 0, waiting: 0 });
    await cut(ACME, contentOf([0]));
    const before = await xet.measure();
    forget(both.sha256);
    await pass(2);
    await collect(deps);
    await pass(2 * DAY_HOURS);
    await collect(deps);

    const { stored, unused, waiting } = await xet.measure();
    assert.equal(stored, before.stored);
    // The first block is still used, but for the chunk that reached into the second.
    assert.ok(unused >= 180_000 && unused < 330_000, `${unused}`);
    assert.equal(waiting, 0);
    await clear();
  });

  it('leaves young objects without a row to whoever is writing them', async () => {
    const stage = await objects.stage('stray');
    await stage.append(ReadableStream.from([new Uint8Array(10)]));
    await stage.commit(`xorbs/ab/${'cd'.repeat(31)}-00ff`);
    const now = { ...deps, clock: { ...clock, nowMs: () => Date.now() } };

    assert.equal(await sweepXorbs(now), 0);
    assert.equal(await sweepXorbs({ ...now, clock }), 1);
  });
});
