import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import { openHashes } from '#xet/hash.ts';
import { seededBytes } from '#xet/seeded-bytes.ts';
import { encodeShard } from '#xet/shard.ts';
import { prepare } from '#xet/xet-fixture.ts';
import { createXet } from '#xet/xet.ts';
import { createTestDatabase } from '../../test/database.ts';
import { blobKey } from './blobs.ts';
import { BOLT, createHubWorld } from './hub-fixture.ts';
import { createFace, large, sha256Of } from './huggingface/writing-fixture.ts';

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
const hub = world.createHub({ otherBytes: xet });
const face = createFace(world);
const hashes = await openHashes();
await face.ask('/api/repos/create', { json: { name: 'weights', type: 'model' } });

/** A file sent by LFS and named in a commit. */
async function put(bytes: Uint8Array): Promise<string> {
  await face.upload('acme/weights', bytes);
  const sha256 = sha256Of(bytes);
  const done = await face.commit('acme/weights', [large(`${sha256}.bin`, sha256, bytes.length)]);
  assert.equal(done.status, 200, await done.response.text());
  return sha256;
}

async function chunkAll(): Promise<number> {
  world.clock.advance(60_000);
  let steps = 0;
  while (await hub.chunking?.step()) steps += 1;
  return steps;
}

async function read(sha256: string, range?: { start: number; end?: number }): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of await hub.readBlob(sha256, range)) parts.push(part);
  return Buffer.concat(parts);
}

async function packedBytes(): Promise<number> {
  const { rows } = await sql<{ sum: number }>`
    select coalesce(sum(packed_bytes), 0)::bigint as sum from xet_xorbs`.execute(database);
  return rows[0]?.sum ?? 0;
}

describe('a file that came whole', () => {
  it('is cut as the client would have cut it, gives back the same bytes, and its object goes', async () => {
    const bytes = seededBytes(1, 9_500_000);
    const sha256 = await put(bytes);

    assert.equal(await chunkAll(), 1);

    assert.equal(await objects.stat(blobKey(sha256)), null);
    assert.deepEqual(await read(sha256), Buffer.from(bytes));
    assert.deepEqual(
      await read(sha256, { start: 4_194_000, end: 4_195_000 }),
      Buffer.from(bytes.subarray(4_194_000, 4_195_000)),
    );
    const known = await hub.xetHashesOf([sha256]);
    assert.equal(known.get(sha256), prepare({ hashes }, bytes).fileHash);
  });

  it('stays whole when it is small, and is looked at once', async () => {
    const sha256 = await put(seededBytes(2, 500_000));

    assert.equal(await chunkAll(), 0);
    assert.notEqual(await objects.stat(blobKey(sha256)), null);
    assert.equal(await chunkAll(), 0);
  });

  it('shares what its tenant has already, in runs, and only the rest is stored', async () => {
    const base = seededBytes(3, 12_000_000);
    const tuned = Buffer.from(base);
    tuned.set(seededBytes(4, 1_000_000), 7_000_000);
    await put(base);
    await chunkAll();
    const before = await packedBytes();

    const sha256 = await put(tuned);
    await chunkAll();

    const added = (await packedBytes()) - before;
    assert.ok(added < 1_400_000, `${added} bytes for one changed million`);
    assert.deepEqual(await read(sha256), tuned);
  });

  it('shares short runs too with what its tenant sent last', async () => {
    const base = seededBytes(20, 4_000_000);
    const other = [seededBytes(21, 1_500_000), seededBytes(22, 1_500_000)] as const;
    const mixed = Buffer.concat([other[0], base.subarray(1_000_000, 1_400_000), other[1]]);
    await put(base);
    await chunkAll();
    const before = await packedBytes();

    const sha256 = await put(mixed);
    await chunkAll();

    const added = (await packedBytes()) - before;
    assert.ok(added < mixed.length - 150_000, `${added} bytes of ${mixed.length}`);
    assert.deepEqual(await read(sha256), mixed);
  });

  it('shares nothing with what only others may read', async () => {
    const secret = seededBytes(5, 3_000_000);
    const upload = prepare({ hashes }, secret);
    await xet.putXorb(BOLT, upload.xorbHash, new Uint8Array(upload.xorb));
    for await (const _ of xet.putShard(BOLT, new Uint8Array(encodeShard(upload.shard, null)))) {
      // To its end.
    }
    const mine = Buffer.concat([secret, seededBytes(6, 200_000)]);
    const before = await packedBytes();

    const sha256 = await put(mine);
    await chunkAll();

    assert.ok((await packedBytes()) - before >= mine.length);
    const { rows } = await sql<{ xorb: string }>`
      select encode(u.xorb_hash, 'hex') as xorb from xet_file_xorbs u
      join xet_files f on f.hash = u.file_hash
      where f.sha256 = decode(${sha256}, 'hex')`.execute(database);
    assert.ok(!rows.some(({ xorb }) => xorb === upload.xorbHash));
  });

  it('sent again by another tenant is dropped again', async () => {
    const bytes = seededBytes(7, 2_000_000);
    const sha256 = await put(bytes);
    await chunkAll();
    const stage = await hub.uploads.stage('again');
    await stage.append(ReadableStream.from([bytes]));
    await hub.uploads.keep(BOLT, [stage]);
    assert.notEqual(await objects.stat(blobKey(sha256)), null);

    assert.equal(await chunkAll(), 1);

    assert.equal(await objects.stat(blobKey(sha256)), null);
    assert.deepEqual(await read(sha256), Buffer.from(bytes));
  });
});

describe('cutting', () => {
  it('goes on under a reader, who gets every byte', async () => {
    const bytes = seededBytes(8, 6_000_000);
    const sha256 = await put(bytes);
    const early = await hub.readBlob(sha256);
    const late = await hub.readBlob(sha256);
    const parts: Uint8Array[] = [];
    const reader = early[Symbol.asyncIterator]();
    const first = await reader.next();
    assert.ok(first.done !== true);
    parts.push(first.value);

    await chunkAll();

    for (let next = await reader.next(); next.done !== true; next = await reader.next()) {
      parts.push(next.value);
    }
    assert.deepEqual(Buffer.concat(parts), Buffer.from(bytes));
    const whole: Uint8Array[] = [];
    for await (const part of late) whole.push(part);
    assert.deepEqual(Buffer.concat(whole), Buffer.from(bytes));
  });

  it('of one file is one control’s, and another takes it over when that one is gone', async () => {
    const sha256 = await put(seededBytes(9, 2_000_000));
    const stopped = new AbortController();
    stopped.abort();
    world.clock.advance(60_000);
    await sql`
      update blobs set chunk_claim = 'another', chunk_at = ${new Date(world.clock.nowMs() + 600_000)}
      where sha256 = decode(${sha256}, 'hex')`.execute(database);
    assert.equal(await hub.chunking?.step(), false);

    world.clock.advance(700_000);
    assert.equal(await hub.chunking?.step(stopped.signal), true);
    assert.notEqual(await objects.stat(blobKey(sha256)), null);
    assert.equal(await chunkAll(), 1);
    assert.equal(await objects.stat(blobKey(sha256)), null);
  });

  it('of damaged bytes keeps them as they are', async () => {
    const bytes = seededBytes(10, 2_000_000);
    const sha256 = await put(bytes);
    const stage = await objects.stage('damage');
    await stage.append(ReadableStream.from([seededBytes(11, 2_000_000)]));
    await stage.commit(blobKey(sha256));

    assert.equal(await chunkAll(), 1);

    assert.notEqual(await objects.stat(blobKey(sha256)), null);
    assert.equal((await hub.xetHashesOf([sha256])).size, 0);
  });
});

describe('the queue', () => {
  it('holds what is nobody’s for whoever names it', async () => {
    await sql`insert into blobs (sha256, size_bytes) values (decode(${'ab'.repeat(32)}, 'hex'), 5000000)`.execute(
      database,
    );
    assert.equal(await chunkAll(), 1);
    assert.equal(await chunkAll(), 0);
  });
});
