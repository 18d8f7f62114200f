import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { createTestDatabase } from '../../test/database.ts';
import { tinyGguf } from '../../test/tiny-gguf.ts';
import {
  ACME,
  OPERATOR,
  assertNothingLeft,
  createHubWorld,
  importEnd,
  importModel,
  staged,
  storedFiles,
  until,
  writeFolder,
} from './hub-fixture.ts';
import { stageName } from './import/run.ts';
import { createUpstream, redirectTo } from './upstream-fixture.ts';

const model = tinyGguf();
const modelSha256 = createHash('sha256').update(model).digest('hex');
const world = await createHubWorld(await createTestDatabase());
const { hub } = world;
const upstream = await createUpstream();
const source = `${upstream.url}/files/tiny.gguf`;
upstream.files.set('/files/tiny.gguf', { content: model });

/** Requests that a piece of work made. */
async function requestsOf<T>(work: () => Promise<T>) {
  const from = upstream.requests.length;
  const result = await work();
  return { result, requests: upstream.requests.slice(from) };
}

async function removeAll(): Promise<void> {
  for (const { name } of (await hub.catalogue.list(OPERATOR, { kind: 'model' })).data) {
    await hub.removeModel(OPERATOR, name);
  }
}

describe('importing from a URL', () => {
  it('brings the file and checks its SHA-256', async () => {
    const done = await importModel(hub, { modelName: 'lab/tiny', source, sha256: modelSha256 });

    assert.equal(done.state, 'succeeded', String(done.error?.message));
    assert.equal(done.totalBytes, model.length);
    const shown = await hub.showModel(OPERATOR, 'lab/tiny');
    assert.equal(shown.revisions[0]?.files[0]?.sha256, modelSha256);
    await removeAll();
  });

  it('goes on after broken connections, without fetching a byte twice', async () => {
    const arrivals = [1000, 6000, 26_000];
    for (const [index, total] of arrivals.entries()) {
      const after = total - (arrivals[index - 1] ?? 0);
      upstream.breaks.push({ after, arrived: () => staged(world, total) });
    }

    const { result, requests } = await requestsOf(() =>
      importModel(hub, { modelName: 'lab/tiny', source, sha256: modelSha256 }),
    );

    assert.equal(result.state, 'succeeded', String(result.error?.message));
    assert.deepEqual(
      requests.map((request) => request.range),
      [null, 'bytes=1000-', 'bytes=6000-', 'bytes=26000-'],
    );
    await removeAll();
  });

  it('starts again when the file changed in between', async () => {
    const changing = { content: tinyGguf({ seed: 9 }), etag: '"old"' };
    upstream.files.set('/files/changing.gguf', changing);
    upstream.answers.set('/files/changing.gguf', (request, response) => {
      upstream.answers.delete('/files/changing.gguf');
      response.writeHead(200, { etag: '"old"', 'content-length': changing.content.length });
      response.write(changing.content.subarray(0, 3000));
      void staged(world, 3000).then(() => response.destroy());
      Object.assign(changing, { content: model, etag: '"new"' });
      request.resume();
    });

    const { result, requests } = await requestsOf(() =>
      importModel(hub, {
        modelName: 'lab/changing',
        source: `${upstream.url}/files/changing.gguf`,
      }),
    );

    assert.equal(result.state, 'succeeded', String(result.error?.message));
    assert.deepEqual(
      requests.map((request) => request.range),
      [null, 'bytes=3000-'],
    );
    const shown = await hub.showModel(OPERATOR, 'lab/changing');
    assert.equal(shown.revisions[0]?.files[0]?.sha256, modelSha256);
    await removeAll();
  });

  it('goes on in the next process after this one stopped', async () => {
    const first = world.createHub();
    let release = (): void => {};
    upstream.hold.until = new Promise((resolve) => {
      release = resolve;
    });
    const { id } = await first.startImport(
      { tenantId: OPERATOR, isOperator: true },
      { modelName: 'lab/tiny', source },
    );
    const received = model.length - 1;
    await until(
      () => first.getImport(OPERATOR, id),
      (found) => found.receivedBytes === received,
    );
    await first.stop();
    release();
    upstream.hold.until = null;

    const second = world.createHub();
    const { result, requests } = await requestsOf(async () => {
      second.start();
      return importEnd(second, OPERATOR, id);
    });
    await second.stop();

    assert.equal(result.state, 'succeeded', String(result.error?.message));
    assert.deepEqual(
      requests.map((request) => request.range),
      [`bytes=${received}-`],
    );
    await removeAll();
  });

  it('leaves to its process what is claimed, and takes it up once the claim has run out', async () => {
    const request = { visibility: 'private', license: null, sha256: null, message: '' };
    const id = 'imp_00000000000000000000000001';
    await sql`
      insert into imports (tenant_id, id, model_name, source, state, request, claimed_until)
      values (${OPERATOR}, ${id}, 'lab/claimed', ${source}, 'running',
        ${JSON.stringify({ ...request, isOperator: true })},
        ${new Date(world.clock.nowMs() + 1000)})`.execute(world.database.database);
    const taker = world.createHub({ claimIntervalMs: 5 });
    const { requests } = await requestsOf(async () => {
      taker.start();
      await importModel(taker, { modelName: 'lab/own', source: await folderWithModel() });
    });

    assert.deepEqual(requests, []);
    world.clock.advance(2000);
    const done = await importEnd(taker, OPERATOR, id);
    await taker.stop();

    assert.equal(done.state, 'succeeded', String(done.error?.message));
    await removeAll();
  });

  it('follows redirects, and keeps the token for the origin it was given for', async () => {
    const far = await createUpstream();
    far.files.set('/cdn', { content: model });
    upstream.answers.set('/near', redirectTo('/moved'));
    upstream.answers.set('/moved', redirectTo(`${far.url}/cdn`));

    const { requests } = await requestsOf(() =>
      importModel(hub, {
        modelName: 'lab/redirected',
        source: `${upstream.url}/near`,
        token: 'hf_secret',
      }),
    );

    assert.deepEqual(
      requests.map((request) => request.authorization),
      ['Bearer hf_secret', 'Bearer hf_secret'],
    );
    assert.deepEqual(
      far.requests.map((request) => request.authorization),
      [null],
    );
    const { rows } = await sql`select * from imports`.execute(world.database.database);
    assert.doesNotMatch(JSON.stringify(rows), /hf_secret/);
    await removeAll();
  });

  it('cancels in the middle and throws away what is there', async () => {
    upstream.hold.until = new Promise(() => {});
    const { id } = await hub.startImport(
      { tenantId: OPERATOR, isOperator: true },
      { modelName: 'lab/cancelled', source },
    );
    await until(
      () => storedFiles(world),
      (files) => files.length === 1,
    );

    const cancelled = await hub.cancelImport(OPERATOR, id);
    upstream.hold.until = null;

    assert.equal(cancelled.state, 'cancelled');
    assert.equal((await hub.cancelImport(OPERATOR, id)).state, 'cancelled');
    assert.equal(await hub.findModel('lab/cancelled', OPERATOR), null);
    assert.deepEqual(await storedFiles(world), []);
  });
});

describe('an import that fails', () => {
  const failing = async (asked: { source: string; sha256?: string; modelName?: string }) => {
    const done = await importModel(hub, { modelName: 'lab/failing', ...asked });
    assert.equal(done.state, 'failed');
    await assertNothingLeft(world);
    return done.error;
  };

  it('says what is wrong with the file, and leaves nothing behind', async () => {
    const broken: readonly (readonly [string, Uint8Array, string])[] = [
      ['empty', Buffer.alloc(0), 'weights.empty'],
      ['cut', model.subarray(0, model.length - 40), 'weights.truncated'],
      ['cut-early', model.subarray(0, 900), 'weights.truncated'],
      ['page', Buffer.from('<!doctype html><p>Please sign in'), 'weights.foreign'],
      ['old', Buffer.from([...Buffer.from('GGUF'), 1, 0, 0, 0]), 'weights.unsupported'],
      ['noise', Buffer.concat([model.subarray(0, 8), Buffer.alloc(64, 255)]), 'weights.corrupt'],
    ];
    for (const [name, content, code] of broken) {
      upstream.files.set(`/${name}.gguf`, { content });
      const remote = await failing({ source: `${upstream.url}/${name}.gguf` });
      const folder = await writeFolder(world, { 'README.md': '# x', [`${name}.gguf`]: content });
      const local = await failing({ source: folder });

      assert.equal(remote?.code, code, name);
      assert.equal(local?.code, code, name);
      assert.match(local?.message ?? '', new RegExp(`^${name}\\.gguf`));
    }
  });

  it('notices a checksum that does not fit', async () => {
    const asked = await failing({ source, sha256: 'a'.repeat(64) });
    upstream.files.set('/linked.gguf', {
      content: model,
      headers: { 'x-linked-etag': `"${'b'.repeat(64)}"` },
    });
    const linked = await failing({ source: `${upstream.url}/linked.gguf` });

    assert.equal(asked?.code, 'import.checksum_mismatch');
    assert.match(asked?.message ?? '', /the request says/);
    assert.equal(linked?.code, 'import.checksum_mismatch');
    assert.match(linked?.message ?? '', /the source says/);
  });

  it('gives up on a source that never ends well', async () => {
    const arrived = (): Promise<void> => Promise.resolve();
    upstream.breaks.push(...Array.from({ length: 8 }, () => ({ after: 0, arrived })));

    const error = await failing({ source });

    assert.equal(error?.code, 'import.source_failed');
  });

  it('says what the source answered', async () => {
    upstream.answers.set('/locked.gguf', (_request, response) => {
      response.writeHead(401);
      response.end();
    });
    upstream.answers.set('/loop.gguf', redirectTo('/loop.gguf'));

    const missing = await failing({ source: `${upstream.url}/nothing.gguf` });
    const locked = await failing({ source: `${upstream.url}/locked.gguf` });
    const loop = await failing({ source: `${upstream.url}/loop.gguf` });
    const nobody = await failing({ source: 'http://127.0.0.1:1/x.gguf' });
    const local = await failing({ source: join(world.folder, 'none.gguf') });

    assert.equal(missing?.code, 'import.source_missing');
    assert.equal(locked?.code, 'import.source_denied');
    assert.equal(loop?.code, 'import.source_failed');
    assert.equal(nobody?.code, 'import.source_failed');
    assert.equal(local?.code, 'import.source_missing');
  });

  it('stops at the limit, whether or not the source says its size', async () => {
    const small = world.createHub({ limits: { filesMax: 3, totalBytesMax: 1000 } });
    upstream.answers.set('/endless.gguf', (_request, response) => {
      response.writeHead(200);
      const more = (error?: Error | null): void => {
        if (error === undefined || error === null) response.write(Buffer.alloc(512), more);
      };
      more();
    });
    const many = { 'a.gguf': model, 'b.txt': '', 'c.txt': '', 'd.txt': '' };
    const sources = [source, `${upstream.url}/endless.gguf`, await writeFolder(world, many)];
    for (const one of sources) {
      const done = await importModel(small, { modelName: 'lab/large', source: one });
      assert.equal(done.error?.code, 'import.too_large', one);
      await assertNothingLeft(world);
    }
    await small.stop();
  });

  it('says that the disk is full', async () => {
    const id = 'imp_00000000000000000000000002';
    const request = { visibility: 'private', license: null, sha256: null, message: '' };
    await sql`
      insert into imports (tenant_id, id, model_name, source, state, request)
      values (${OPERATOR}, ${id}, 'lab/full', ${source}, 'running',
        ${JSON.stringify({ ...request, isOperator: true })})`.execute(world.database.database);
    // Whatever is written into this stage is refused by the kernel with ENOSPC.
    await mkdir(join(world.objectsFolder, 'tmp'), { recursive: true });
    await symlink('/dev/full', join(world.objectsFolder, 'tmp', stageName(id, 'tiny.gguf')));

    const next = world.createHub();
    next.start();
    const done = await importEnd(next, OPERATOR, id);
    await next.stop();

    assert.equal(done.error?.code, 'storage.full');
    await assertNothingLeft(world);
    assert.deepEqual(await readdir(join(world.objectsFolder, 'tmp')), []);
  });
});

describe('an import of a tenant that is not the operator', () => {
  it('waits its turn when many of that tenant are running', async () => {
    const { database } = world.database;
    await sql`
      insert into imports (tenant_id, id, model_name, source, state, request, claimed_until)
      select ${ACME}, 'imp_' || n, 'acme/x', 'https://example.com/x.gguf', 'running', '{}', 'infinity'
      from generate_series(1, 16) as s (n)`.execute(database);

    const crowded = importModel(hub, { modelName: 'acme/y', source }, ACME);

    await assert.rejects(crowded, { code: 'import.too_many', status: 429, retryAfterMs: 30_000 });
    await sql`delete from imports where claimed_until = 'infinity'`.execute(database);
  });

  it('reaches no private address, by number, by name or by redirect', async () => {
    const port = new URL(upstream.url).port;
    for (const host of [
      '127.0.0.1',
      'localhost',
      '127.1',
      '2130706433',
      '[::1]',
      '[::ffff:7f00:1]',
    ]) {
      const { result, requests } = await requestsOf(() =>
        importModel(
          hub,
          { modelName: 'acme/x', source: `http://${host}:${port}/files/tiny.gguf` },
          ACME,
        ),
      );
      assert.equal(result.error?.code, 'import.address_denied', host);
      assert.deepEqual(requests, [], host);
    }
    await assertNothingLeft(world);
  });
});

async function folderWithModel(): Promise<string> {
  return writeFolder(world, { 'tiny.gguf': model });
}
