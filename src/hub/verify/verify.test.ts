import assert from 'node:assert/strict';
import { open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import { openHashes } from '#xet/hash.ts';
import { seededBytes } from '#xet/seeded-bytes.ts';
import { encodeShard } from '#xet/shard.ts';
import { prepare } from '#xet/xet-fixture.ts';
import { createXet } from '#xet/xet.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { blobKey } from '../blobs.ts';
import { ACME, callAs, createHubWorld, OPERATOR, until } from '../hub-fixture.ts';
import { createFace, large, sha256Of } from '../huggingface/writing-fixture.ts';
import type { HubCheck } from './api.ts';
import { createVerifyRoutes } from './routes.ts';

const world = await createHubWorld(await createTestDatabase());
const { database } = world.database;
const objects = createFolderObjects({ folder: world.objectsFolder, reserveBytes: 0 });
const xet = createXet({
  database,
  objects,
  clock: world.clock,
  secret: 'a secret of this test',
  readable: (scope, sha256s) => hub.readable(scope, sha256s),
  keeps: (tx, sha256s) => hub.keeps(tx, sha256s),
  accept: (tenantId, { sha256, sizeBytes }) => hub.uploads.accept({ tenantId, sha256, sizeBytes }),
});
const told: Readonly<{ faults: number; first: string }>[] = [];
const hub = world.createHub({
  otherBytes: xet,
  scrub: { tell: async (_tx, found) => void told.push(found) },
});
const face = createFace(world);

const whole = seededBytes(1, 300_000);
const other = seededBytes(2, 200_000);
const chunked = seededBytes(3, 700_000);
const upload = prepare({ hashes: await openHashes() }, chunked);

async function prepareRepository(): Promise<void> {
  await face.ask('/api/repos/create', { json: { name: 'weights', type: 'model' } });
  for (const bytes of [whole, other]) await face.upload('acme/weights', bytes);
  await xet.putXorb(ACME, upload.xorbHash, new Uint8Array(upload.xorb));
  for await (const _ of xet.putShard(ACME, new Uint8Array(encodeShard(upload.shard, null)))) {
    // To its end.
  }
  const done = await face.commit('acme/weights', [
    large('whole.bin', sha256Of(whole), whole.length),
    large('other.bin', sha256Of(other), other.length),
    large('chunked.bin', upload.sha256, chunked.length),
  ]);
  assert.equal(done.status, 200, await done.response.text());
}

async function flipBit(key: string, at: number): Promise<void> {
  const path = objects.localPath(key);
  assert(path !== null, key);
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 4;
  await file.write(byte, 0, 1, at);
  await file.close();
}

async function xorbKey(): Promise<string> {
  for await (const { key } of objects.list('xorbs/')) return key;
  throw new Error('There is no xorb.');
}

async function checked(name: string | null): Promise<HubCheck> {
  const repository = name === null ? null : ({ kind: 'model', name } as const);
  const { id } = await hub.verify.check({ repository, startedBy: null });
  return until(
    () => hub.verify.checkOf(id),
    ({ state }) => state !== 'running',
  );
}

const shown = ({ faults }: Pick<HubCheck, 'faults'>) =>
  faults.map(({ object, says, chunk, range, files }) => ({
    object: object.name,
    says,
    chunk,
    range,
    files: files.map(({ repository, path }) => `${repository}/${path}`),
  }));

describe('the scrub of what the hub keeps', async () => {
  await prepareRepository();

  it('finds nothing in what is sound, and says how much it read', async () => {
    const check = await checked(null);
    assert.deepEqual(check.faults, []);
    assert.equal(check.holds, true);
    assert.equal(check.objects, 5, 'three files, the .gitattributes that names them, and a xorb');
    assert(check.bytes >= whole.length + other.length + upload.xorb.length);
    assert.equal((await hub.verify.integrity()).state, 'waiting');
  });

  it('names a flipped bit in a xorb by chunk, range and file, and one in a blob, and an object that is gone', async () => {
    const key = await xorbKey();
    const { rows } = await sql<{ chunks: Buffer }>`select chunks from xet_xorbs`.execute(database);
    const ends = Array.from(
      { length: (rows[0]?.chunks.length ?? 0) / 40 },
      (_, index) => rows[0]?.chunks.readUInt32LE(index * 40 + 32) ?? 0,
    );
    assert(ends.length > 3, 'a xorb of several chunks');
    const range = { start: ends[1] ?? 0, end: ends[2] ?? 0 };
    await flipBit(key, range.start + 1_000);
    await flipBit(blobKey(sha256Of(whole)), 123_456);
    await rm(objects.localPath(blobKey(sha256Of(other))) ?? '');
    assert.equal(await hub.verify.runRound(), true, 'one run over everything');
    const known = await hub.verify.integrity();
    assert.equal(known.state, 'broken');
    const faults = new Map(shown(known).map((fault) => [fault.object, fault]));
    assert.deepEqual(faults.get(upload.xorbHash), {
      object: upload.xorbHash,
      says: 'damaged',
      chunk: 2,
      range,
      files: ['acme/weights/chunked.bin'],
    });
    assert.deepEqual(faults.get(sha256Of(whole)), {
      object: sha256Of(whole),
      says: 'damaged',
      chunk: null,
      range: { start: 0, end: whole.length },
      files: ['acme/weights/whole.bin'],
    });
    assert.deepEqual(faults.get(sha256Of(other))?.says, 'missing');
    assert.equal(faults.size, 3);
    assert.deepEqual(
      told.map((notice) => notice.faults),
      [3],
      'one notice of all three',
    );
    assert.deepEqual(
      await hub.verify.figures(),
      new Map([
        ['damaged', 2],
        ['missing', 1],
        ['orphaned', 0],
      ]),
    );
  });

  it('finds the same in one repository when asked, tells nobody twice, and forgets what was mended', async () => {
    const check = await checked('acme/weights');
    assert.equal(check.holds, false);
    assert.equal(check.faults.length, 3);
    await flipBit(blobKey(sha256Of(whole)), 123_456);
    assert.equal((await checked(null)).faults.length, 2);
    assert.equal(told.length, 1);
    const known = await hub.verify.integrity();
    assert.equal(known.faults.length, 2);
    assert.deepEqual(
      known.resolved.map(({ object }) => object.name),
      [sha256Of(whole)],
    );
  });

  it('names what lies around and belongs to nobody, without calling it broken', async () => {
    const stage = await objects.stage('stray');
    await stage.append(Readable.from([seededBytes(9, 100)]));
    await stage.commit(blobKey('ab'.repeat(32)));
    await sql`insert into blobs (sha256, size_bytes, created_at)
      values (decode(${upload.fileHash}, 'hex'), 0, now() - interval '3 days')`.execute(database);
    const empty = await objects.stage('empty');
    await empty.commit(blobKey(upload.fileHash));
    world.clock.advance(25 * 60 * 60_000);
    const found = shown(await checked(null)).filter(({ says }) => says !== 'missing');
    assert(
      found.some(({ object, says }) => says === 'orphaned' && object === blobKey('ab'.repeat(32))),
    );
  });

  it('is the operator’s to read and to start', async () => {
    const asOperator = callAs(hub, OPERATOR, 'owner', createVerifyRoutes);
    const asCustomer = callAs(hub, ACME, 'owner', createVerifyRoutes);
    assert.equal((await asOperator('GET', '/cloud/v1/hub/integrity')).status, 200);
    for (const [method, path] of [
      ['GET', '/cloud/v1/hub/integrity'],
      ['POST', '/cloud/v1/hub/checks'],
      ['GET', '/cloud/v1/hub/checks/hck_1'],
    ] as const) {
      const body = method === 'POST' ? {} : undefined;
      assert.equal((await asCustomer(method, path, body)).status, 403, path);
    }
    const unknown = { repository: { kind: 'model', name: 'acme/none' } };
    assert.equal((await asOperator('POST', '/cloud/v1/hub/checks', unknown)).status, 404);
    assert.equal((await asOperator('GET', '/cloud/v1/hub/checks/hck_1')).status, 404);
  });
});
