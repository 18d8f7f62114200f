/**
 * The S3 adapter against a real S3 server over real sockets, alone and behind a line that fails every
 * tenth call.
 *
 * @needs s3
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { S3Client } from '@bradenmacdonald/s3-lite-client';
import type { Bytes, ObjectStore } from '../objects.ts';
import { describeObjectStore } from './contract.ts';
import { createS3Objects, requireBucket } from './s3.ts';
import { parseS3Url } from './s3-url.ts';

const KEYS = 'AKIDTEST:secret%2Fsecret';
const MIB = 1024 * 1024;

const root = await mkdtemp(join(tmpdir(), 'flywheel-s3-'));
const server = await startServer(join(root, 'buckets'));
const flaky = await startFlakyLine(server.port);
after(async () => {
  flaky.server.close();
  server.child.kill();
  await once(server.child, 'exit');
  await rm(root, { recursive: true, force: true });
});

let buckets = 0;

async function createStore(port: number, keys = KEYS): Promise<ObjectStore> {
  const bucket = `bucket-${(buckets += 1)}`;
  await new S3Client(parseS3Url(urlOf(bucket, server.port, KEYS))).makeBucket(bucket);
  return createS3Objects({
    url: urlOf(bucket, port, keys),
    stagingFolder: join(root, 'staging', bucket),
    reserveBytes: 0,
    retryDelayMs: 1,
  });
}

const urlOf = (bucket: string, port: number, keys: string): string =>
  `http://${keys}@127.0.0.1:${port}/${bucket}`;

describeObjectStore('a bucket', () => createStore(server.port));
describeObjectStore('a bucket whose every tenth call fails', () => createStore(flaky.port));

describe('a bucket', () => {
  it('takes an object in parts and gives it back, over a line that breaks in the middle', async () => {
    const store = await createStore(flaky.port);
    const bytes = randomBytes(40 * MIB + 7);
    const stage = await store.stage('large', bytes.length);
    await stage.append(pieces(bytes));
    const brokenBefore = flaky.broken();

    await stage.commit('blobs/large');

    assert.ok(bytes.equals(await whole(await store.read('blobs/large'))));
    const range = { start: 17 * MIB, end: 33 * MIB };
    const part = await whole(await store.read('blobs/large', range));
    assert.ok(bytes.subarray(range.start, range.end).equals(part));
    assert.ok(flaky.broken() > brokenBefore, 'the line did break');
    assert.deepEqual(await readdir(join(root, 'staging', `bucket-${buckets}`)), []);
  });

  it('says so when it stays away, and keeps the stage for the next try', async () => {
    const dead = await createStore(await freePort());
    const stage = await dead.stage('kept');
    await stage.append(pieces(Buffer.from('kept')));

    await assert.rejects(stage.commit('kept'), { code: 'storage.unavailable', status: 503 });
    await assert.rejects(dead.stat('kept'), { code: 'storage.unavailable' });

    assert.equal((await dead.stage('kept')).sizeBytes, 4);
  });

  it('is asked for before the first object needs it', async () => {
    const { port } = server;
    await createStore(port);

    await requireBucket(urlOf(`bucket-${buckets}`, port, KEYS));

    const missing = { code: 'storage.unavailable', message: /"nowhere"/ };
    await assert.rejects(requireBucket(urlOf('nowhere', port, KEYS)), missing);
  });

  it('is not opened by a wrong secret', async () => {
    const store = await createStore(server.port, 'AKIDTEST:wrong');

    await assert.rejects(store.stat('any'), { code: 'storage.unavailable' });
  });
});

describe('the address of a bucket', () => {
  it('names key, secret, host, bucket and region', () => {
    assert.deepEqual(
      parseS3Url('https://id:se%2Fcret@s3.example.com:444/models?region=cn-north-1'),
      {
        endPoint: 'https://s3.example.com:444',
        accessKey: 'id',
        secretKey: 'se/cret',
        bucket: 'models',
        region: 'cn-north-1',
      },
    );
  });

  for (const wrong of [
    's3://id:x@host/b',
    'https://host/b',
    'https://id@host/b',
    'https://id:x@host',
    'https://id:x@host/a/b',
  ]) {
    it(`is not ${wrong}`, () => {
      assert.throws(() => parseS3Url(wrong), RangeError);
    });
  }
});

async function startServer(folder: string): Promise<{ child: ChildProcess; port: number }> {
  await mkdir(folder, { recursive: true });
  const program = process.env['TEST_S3_SERVER'];
  assert.ok(program, 'TEST_S3_SERVER names the program of the S3 server');
  const [ROOT_ACCESS_KEY, ROOT_SECRET_KEY] = decodeURIComponent(KEYS).split(':');
  const port = await freePort();
  const child = spawn(program, ['--port', `127.0.0.1:${port}`, 'posix', folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ROOT_ACCESS_KEY, ROOT_SECRET_KEY },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes(`:${port}`)) continue;
    child.stdout.resume();
    return { child, port };
  }
  throw new Error('the S3 server ended before it listened');
}

/** Passes bytes on; every tenth exchange is cut, in turn before the request arrives, or after half a MiB of the answer. */
async function startFlakyLine(
  port: number,
): Promise<{ server: Server; port: number; broken: () => number }> {
  let calls = 0;
  let broken = 0;
  const line = createServer((client: Socket) => {
    const upstream = connect(port, '127.0.0.1');
    let answeredBytes = Infinity;
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    client.on('data', (piece: Buffer) => {
      if (/^(GET|HEAD|PUT|POST|DELETE) /.test(piece.subarray(0, 7).toString('latin1'))) {
        calls += 1;
        if (calls % 10 === 0) {
          broken += 1;
          if (calls % 20 === 0) return cut();
          answeredBytes = MIB / 2;
        }
      }
      if (!upstream.write(piece)) client.pause();
    });
    upstream.on('drain', () => client.resume());
    upstream.on('data', (piece: Buffer) => {
      client.write(piece);
      answeredBytes -= piece.length;
      if (answeredBytes < 0) cut();
    });
    client.on('error', cut).on('close', cut);
    upstream.on('error', cut).on('close', cut);
  });
  return { server: line, port: await listen(line), broken: () => broken };
}

async function listen(line: Server): Promise<number> {
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  const address: string | AddressInfo | null = line.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

async function freePort(): Promise<number> {
  const line = createServer();
  const port = await listen(line);
  line.close();
  await once(line, 'close');
  return port;
}

async function* pieces(...parts: readonly Uint8Array[]): Bytes {
  yield* parts;
}

async function whole(bytes: Bytes | null): Promise<Buffer> {
  assert.ok(bytes);
  const parts: Uint8Array[] = [];
  for await (const piece of bytes) parts.push(piece);
  return Buffer.concat(parts);
}
