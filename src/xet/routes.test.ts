import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sql } from '#platform/database.ts';
import { createTestDatabase } from '../../test/database.ts';
import type { XetHash } from './hash.ts';
import { seededBytes } from './seeded-bytes.ts';
import { encodeShard, parseShard } from './shard.ts';
import {
  ACME,
  BOLT,
  call,
  createXetWorld,
  prepare,
  send,
  sendShard,
  tokenOf,
} from './xet-fixture.ts';
import { SCHEME, packFrame, readFrames, unpack } from './xorb.ts';

const world = await createXetWorld(await createTestDatabase());
const FILE = seededBytes(11, 900_000);
const mine = prepare(world, FILE);
await send(world, ACME, mine);

type Plan = Readonly<{
  offset_into_first_range: number;
  terms: readonly {
    hash: string;
    unpacked_length: number;
    range: { start: number; end: number };
  }[];
  fetch_info: Record<string, readonly { url: string; url_range: { start: number; end: number } }[]>;
  xorbs: Record<
    string,
    readonly { url: string; ranges: readonly { bytes: { start: number; end: number } }[] }[]
  >;
}>;

async function plan(version: 'v1' | 'v2', range?: string, tenantId = ACME) {
  const token = tokenOf(world, tenantId, 'read');
  const headers = range === undefined ? {} : { range };
  const response = await call(world, `/${version}/reconstructions/${mine.fileHash}`, {
    token,
    headers,
  });
  const text = await response.text();
  const found: Plan = JSON.parse(text);
  return { status: response.status, found };
}

describe('a token', () => {
  it('is needed, must be of this cloud and in its time, and must be for writing to write', async () => {
    const path = `/v1/xorbs/default/${mine.xorbHash}`;
    const reader = tokenOf(world, ACME, 'read');
    const forged = `${reader.slice(0, -3)}AAA`;
    const widened = reader.replace(
      /^xet_[^.]+/,
      (body) =>
        `xet_${Buffer.from(Buffer.from(body.slice(4), 'base64url').toString().replace('read', 'write')).toString('base64url')}`,
    );

    for (const [token, status] of [
      [undefined, 401],
      [forged, 401],
      [widened, 401],
      ['hf_something', 401],
      [reader, 403],
    ] as const) {
      const answer = await call(world, path, {
        method: 'POST',
        body: mine.xorb,
        ...(token !== undefined && { token }),
      });
      assert.equal(answer.status, status, `${token}`);
    }
    const old = tokenOf(world, ACME, 'write');
    world.clock.advance(16 * 60_000);
    const late = await call(world, path, { method: 'POST', body: mine.xorb, token: old });
    assert.equal(late.status, 401);
  });
});

describe('a xorb', () => {
  const post = async (hash: XetHash, body: Uint8Array<ArrayBuffer>, tenantId = ACME) => {
    const token = tokenOf(world, tenantId, 'write');
    const answer = await call(world, `/v1/xorbs/default/${hash}`, { method: 'POST', body, token });
    return {
      status: answer.status,
      code: answer.headers.get('x-error-code'),
      body: await answer.json(),
    };
  };

  it('is new to a tenant until it has sent it, whoever else has', async () => {
    const again = await post(mine.xorbHash, mine.xorb);
    const other = await post(mine.xorbHash, mine.xorb, BOLT);

    assert.deepEqual(again.body, { was_inserted: false });
    assert.deepEqual(other.body, { was_inserted: true });
    await sql`delete from xet_xorb_holders where tenant_id = ${BOLT}`.execute(
      world.database.database,
    );
  });

  it('is refused under another name, cut, or of nothing, and nothing of it is kept', async () => {
    const other = prepare(world, seededBytes(12, 70_000));
    const before = await objectCount();

    assert.equal((await post(mine.xorbHash, other.xorb)).code, 'xet.xorb_mismatch');
    assert.equal((await post(other.xorbHash, other.xorb.subarray(0, -1))).code, 'xet.xorb_invalid');
    assert.equal((await post(other.xorbHash, Buffer.alloc(0))).code, 'xet.xorb_invalid');
    assert.equal((await post('nothing', other.xorb)).code, 'xet.hash_invalid');
    assert.equal(await objectCount(), before);
  });

  it('packed in another way is the same xorb, and reads as it was stored first', async () => {
    const text = Buffer.from('the same words, '.repeat(3_000));
    const upload = prepare(world, text);
    await send(world, ACME, upload);
    const before = await objectCount();

    const answer = await post(upload.xorbHash, Buffer.from(packFrame(text, SCHEME.plain)));

    assert.equal(answer.status, 200);
    assert.equal(await objectCount(), before);
    assert.equal(await read(upload.sha256), text.toString());
  });

  it('whose object is lost is written again by the next who sends it', async () => {
    const text = Buffer.from('to be lost, '.repeat(4_000));
    const upload = prepare(world, text);
    await send(world, ACME, upload);
    for await (const { key } of world.objects.list(`xorbs/${upload.xorbHash.slice(0, 2)}/`)) {
      if (key.includes(upload.xorbHash.slice(2))) await world.objects.remove(key);
    }

    await post(upload.xorbHash, Buffer.from(packFrame(text, SCHEME.groupedLz4)));

    assert.equal(await read(upload.sha256), text.toString());
  });
});

describe('a shard', () => {
  const upload = prepare(world, seededBytes(13, 200_000));
  const [file] = upload.shard.files;
  const token = () => tokenOf(world, BOLT, 'write');

  it('is refused before its xorbs are there, and after another tenant sent them', async () => {
    const before = await sendShard(world, token(), upload.shard);
    await send(world, ACME, upload);
    const after = await sendShard(world, token(), upload.shard);

    assert.equal(before.headers.get('x-error-code'), 'xet.xorb_unknown');
    assert.equal(after.headers.get('x-error-code'), 'xet.xorb_unknown');
    assert.equal(await before.text(), await after.text(), 'nothing shows that it is there');
  });

  it('is refused when its SHA-256, hash, proof or terms are not those of the bytes', async () => {
    const other = 'ab'.repeat(32);
    assert.ok(file !== undefined);
    const [term] = file.terms;
    assert.ok(term !== undefined);
    const fresh = prepare(world, seededBytes(14, 100_000));
    const freshToken = tokenOf(world, ACME, 'write');
    await call(world, `/v1/xorbs/default/${fresh.xorbHash}`, {
      method: 'POST',
      body: fresh.xorb,
      token: freshToken,
    });
    const [freshFile] = fresh.shard.files;
    assert.ok(freshFile !== undefined);
    for (const [wrong, code] of [
      [{ ...freshFile, sha256: mine.sha256 }, 'xet.shard_mismatch'],
      [{ ...freshFile, hash: other }, 'xet.shard_mismatch'],
      [{ ...freshFile, proofs: [other] }, 'xet.shard_mismatch'],
      [
        { ...freshFile, terms: [{ ...term, xorb: fresh.xorbHash, end: 900 }] },
        'xet.shard_mismatch',
      ],
      [{ ...freshFile, proofs: null }, 'xet.shard_invalid'],
      [{ ...freshFile, sha256: null }, 'xet.shard_invalid'],
    ] as const) {
      const answer = await sendShard(world, freshToken, { files: [wrong], xorbs: [] });
      assert.equal(answer.headers.get('x-error-code'), code);
      assert.equal(answer.status, 400);
    }
    assert.equal(await world.xet.read(fresh.sha256), null);
  });

  it('of version 2 tells its steps, and its failure, line by line', async () => {
    const post = async (body: Uint8Array<ArrayBuffer>) => {
      const answer = await call(world, '/v2/shards', {
        method: 'POST',
        body,
        token: tokenOf(world, ACME, 'write'),
      });
      const lines = (await answer.text()).trim().split('\n');
      return {
        status: answer.status,
        events: lines.map((line): { type: string } => JSON.parse(line)),
      };
    };
    const good = await post(new Uint8Array(encodeShard(upload.shard, null)));
    const bad = await post(new Uint8Array([1, 2, 3]));

    assert.equal(good.events.at(-1)?.type, 'result');
    assert.equal(good.events[0]?.type, 'validating');
    assert.equal(bad.status, 200);
    assert.equal(bad.events.at(-1)?.type, 'error');
  });
});

describe('a reconstruction', () => {
  it('gives any range of the file in both versions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(FILE.length - 1),
        fc.integer({ min: 1, max: 400_000 }),
        async (start, length) => {
          const end = Math.min(FILE.length, start + length);
          for (const version of ['v1', 'v2'] as const) {
            const { found } = await plan(version, `bytes=${start}-${end - 1}`);
            const bytes = await fetchPlan(found);
            const from = found.offset_into_first_range;
            assert.ok(bytes.subarray(from, from + end - start).equals(FILE.subarray(start, end)));
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('answers 416 where a range starts behind the end, as clients ask to find it', async () => {
    assert.equal((await plan('v2', `bytes=${FILE.length}-${FILE.length + 5}`)).status, 416);
    assert.equal((await plan('v1', 'bytes=268435456-805306367')).status, 416);
    assert.equal((await plan('v2', `bytes=0-${FILE.length * 9}`)).status, 200);
  });

  it('is there only for who may read the file', async () => {
    assert.equal((await plan('v2', undefined, BOLT)).status, 404);
  });

  it('has addresses that give their bytes and no others, and only for a while', async () => {
    const { found } = await plan('v1', 'bytes=0-99999');
    const [info] = Object.values(found.fetch_info).flat();
    assert.ok(info !== undefined);
    const get = (url: string, range?: string) =>
      fetch(url, range === undefined ? {} : { headers: { range } }).then((answer) => answer.status);
    const { start, end } = info.url_range;

    assert.equal(await get(info.url, `bytes=${start}-${end}`), 206);
    assert.equal(await get(info.url, `bytes=${start}-${end + 1}`), 403);
    assert.equal(await get(info.url), 403);
    assert.equal(await get(info.url.replace(/bytes=\d+-\d+/, 'bytes=0-999999'), 'bytes=0-9'), 403);
    world.clock.advance(61 * 60_000);
    assert.equal(await get(info.url, `bytes=${start}-${end}`), 403);
  });

  it('gives several ranges of one address as parts', async () => {
    const { found } = await plan('v2');
    const [fetchOf] = Object.values(found.xorbs).flat();
    assert.ok(fetchOf !== undefined);

    const answer = await fetch(fetchOf.url, { headers: { range: 'bytes=0-7,20-29' } });

    assert.equal(answer.status, 206);
    assert.match(answer.headers.get('content-type') ?? '', /^multipart\/byteranges; boundary=/);
    const body = Buffer.from(await answer.arrayBuffer());
    assert.ok(body.includes(mine.xorb.subarray(0, 8)) && body.includes(mine.xorb.subarray(20, 30)));
    assert.match(body.toString('latin1'), /Content-Range: bytes 20-29\/\*/);
  });
});

describe('a dedup query', () => {
  const ask = (chunk: XetHash, tenantId: string, prefix = 'default') =>
    call(world, `/v1/chunks/${prefix}/${chunk}`, { token: tokenOf(world, tenantId, 'read') });
  const first = mine.shard.xorbs[0]?.chunks[0]?.hash ?? '';

  it('finds the first chunk of a file, and shows the others to who has them alone', async () => {
    for (const prefix of ['default', 'default-merkledb']) {
      const answer = await ask(first, ACME, prefix);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const [xorb] = parseShard(bytes).xorbs;
      const key = bytes.subarray(bytes.length - 200 + 72, bytes.length - 200 + 104);
      const own = mine.shard.xorbs[0]?.chunks.map(({ hash }) => hash) ?? [];

      assert.equal(xorb?.hash, mine.xorbHash);
      assert.deepEqual(
        xorb?.chunks.map(({ hash }) => hash),
        await world.hashes.maskedAll(own, key),
      );
      assert.ok(xorb?.chunks.every(({ hash }) => !own.includes(hash)));
    }
  });

  it('tells another tenant nothing until it may read a file with it', async () => {
    const before = await ask(first, BOLT);
    const never = await ask('ab'.repeat(32), BOLT);
    world.readable.get(BOLT)?.add(mine.sha256);
    const after = await ask(first, BOLT);
    world.readable.get(BOLT)?.delete(mine.sha256);

    assert.deepEqual([before.status, await before.text()], [never.status, await never.text()]);
    assert.equal(before.status, 404);
    assert.equal(after.status, 200);
    assert.equal(
      (await call(world, `/v1/chunks/other/${first}`, { token: tokenOf(world, ACME, 'read') }))
        .status,
      400,
    );
  });
});

describe('plain bytes', () => {
  it('of a file are rebuilt for any range', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(FILE.length), fc.nat(FILE.length), async (a, b) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const parts: Uint8Array[] = [];
        for await (const part of (await world.xet.read(mine.sha256, { start, end })) ?? [])
          parts.push(part);
        assert.ok(Buffer.concat(parts).equals(FILE.subarray(start, end)));
      }),
      { numRuns: 20 },
    );
  });

  it('are an error, not other bytes, when the store has lost some', async () => {
    const upload = prepare(world, seededBytes(15, 90_000));
    await send(world, ACME, upload);
    const folder = join(world.folder, 'objects', 'xorbs', upload.xorbHash.slice(0, 2));
    const [name = ''] = (await readdir(folder)).filter((one) =>
      one.startsWith(upload.xorbHash.slice(2)),
    );
    await writeFile(join(folder, name), upload.xorb.subarray(0, 1000));

    await assert.rejects(() => read(upload.sha256), { code: 'xet.data_damaged' });
  });
});

async function fetchPlan(found: Plan): Promise<Buffer> {
  const infos = [
    ...Object.values(found.fetch_info ?? {})
      .flat()
      .map((info) => ({ url: info.url, span: info.url_range })),
    ...Object.values(found.xorbs ?? {})
      .flat()
      .flatMap(({ url, ranges }) => ranges.map(({ bytes }) => ({ url, span: bytes }))),
  ];
  const parts: Uint8Array[] = [];
  for (const { url, span } of infos) {
    const answer = await fetch(url, { headers: { range: `bytes=${span.start}-${span.end}` } });
    assert.equal(answer.status, 206);
    for (const frame of readFrames(new Uint8Array(await answer.arrayBuffer())))
      parts.push(unpack(frame));
  }
  return Buffer.concat(parts);
}

async function objectCount(): Promise<number> {
  let count = (await world.objects.listStages()).length;
  for await (const _ of world.objects.list('xorbs/')) count += 1;
  return count;
}

async function read(sha256: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of (await world.xet.read(sha256)) ?? []) parts.push(part);
  return Buffer.concat(parts).toString();
}
