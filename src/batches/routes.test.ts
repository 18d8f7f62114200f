/** Files and batches at the wire: shapes, limits, and walls between projects and tenants. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { CHAT, callAs, createTestBatches, inputOf, insertCaller } from './batches-fixture.ts';
import { FILE_BYTES_MAX } from './file.ts';
import { createBatchRoutes } from './routes.ts';

const { database } = await createTestDatabase();
const { batches } = await createTestBatches(database);
const principal = await insertCaller(database);
const call = callAs(batches, principal);

it('are in the public description, each address once', () => {
  const app = createBatchRoutes(batches);
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'test', version: '1' },
  });

  assert.deepEqual(Object.keys(document.paths ?? {}), [
    '/v1/files',
    '/v1/files/{id}',
    '/v1/files/{id}/content',
    '/v1/batches',
    '/v1/batches/{id}',
    '/v1/batches/{id}/cancel',
  ]);
});

describe('a file', () => {
  it('comes back as it was sent, whole and in ranges', async () => {
    const text = '{"x":"你好"}\n'.repeat(5_000);
    const { status, body } = await call.upload(text, {
      'expires_after[anchor]': 'created_at',
      'expires_after[seconds]': '3600',
    });

    assert.equal(status, 200, JSON.stringify(body));
    const { object, purpose, filename, bytes } = body;
    assert.deepEqual([object, purpose, filename], ['file', 'batch', 'input.jsonl']);
    assert.equal(bytes, Buffer.byteLength(text));
    assert.equal(body.expires_at - body.created_at, 3_600);
    assert.deepEqual((await call.json('GET', `/v1/files/${body.id}`)).body, body);
    assert.equal(await (await call.content(body.id)).text(), text);
    const part = await call.content(body.id, { range: 'bytes=1-3' });
    assert.deepEqual([part.status, await part.text()], [206, '"x"']);
    assert.equal(part.headers.get('content-range'), `bytes 1-3/${bytes}`);
    assert.equal((await call.content(body.id, { range: `bytes=${bytes}-` })).status, 416);
  });

  it('is refused early where it is too large, has no purpose, or is no form', async () => {
    const place = { tenantId: principal.tenantId, projectId: principal.projectId ?? '', keyId: '' };
    const body: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => assert.fail('nothing of it may be read'),
    };
    const declaredBytes = FILE_BYTES_MAX * 2;
    await assert.rejects(batches.files.receive(place, { body, boundary: 'b', declaredBytes }), {
      code: 'file_too_large',
    });
    const wrong = await call.upload('x', { purpose: 'assistants' });
    assert.deepEqual([wrong.status, wrong.body.error.param], [400, 'purpose']);
    const soon = { 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '5' };
    assert.equal((await call.upload('x', soon)).body.error.code, 'file_expiry_invalid');
    assert.equal((await call.json('POST', '/v1/files', {})).body.error.code, 'upload_invalid');
    assert.deepEqual((await call.json('GET', '/v1/files?purpose=user_data')).body.data, []);
  });

  it('is gone after it was deleted', async () => {
    const { body } = await call.upload('x');
    const deleted = await call.json('DELETE', `/v1/files/${body.id}`);

    assert.deepEqual(deleted.body, { id: body.id, object: 'file', deleted: true });
    assert.equal((await call.json('GET', `/v1/files/${body.id}`)).status, 404);
    assert.equal((await call.content(body.id)).status, 404);
    assert.equal((await call.json('DELETE', `/v1/files/${body.id}`)).status, 404);
  });

  it('stands in lists page by page, both ways', async () => {
    const own = callAs(batches, await insertCaller(database));
    const ids: string[] = [];
    for (let file = 0; file < 3; file += 1) ids.push((await own.upload(`${file}`)).body.id);

    const first = (await own.json('GET', '/v1/files?limit=2')).body;
    assert.deepEqual([first.object, first.has_more], ['list', true]);
    assert.deepEqual(
      first.data.map(({ id }: { id: string }) => id),
      ids.toReversed().slice(0, 2),
    );
    const second = (await own.json('GET', `/v1/files?limit=2&after=${first.last_id}`)).body;
    assert.deepEqual([second.data[0].id, second.has_more], [ids[0], false]);
    const upwards = (await own.json('GET', '/v1/files?order=asc&limit=1')).body;
    assert.equal(upwards.data[0].id, ids[0]);
  });
});

describe('a new batch', () => {
  const wish = (id: string) => ({
    input_file_id: id,
    endpoint: CHAT,
    completion_window: '24h',
  });

  it('has OpenAI’s shape, and its input cannot be deleted under it', async () => {
    const file = (await call.upload(inputOf(1))).body;
    const { status, body } = await call.json('POST', '/compatible-mode/v1/batches', wish(file.id));

    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual([body.object, body.status], ['batch', 'validating']);
    assert.equal(body.expires_at - body.created_at, 24 * 60 * 60);
    assert.equal(
      (await call.json('DELETE', `/v1/files/${file.id}`)).body.error.code,
      'file_in_use',
    );
    assert.equal((await call.json('GET', '/v1/batches')).body.data[0].id, body.id);
  });

  it('wants a file of its project, a known endpoint and the one window', async () => {
    const file = (await call.upload('x', { purpose: 'user_data' })).body;
    for (const [wrong, param] of [
      [wish('file_none'), 'input_file_id'],
      [wish(file.id), 'input_file_id'],
      [{ ...wish(file.id), endpoint: '/v1/images' }, 'endpoint'],
      [{ ...wish(file.id), completion_window: '1h' }, 'completion_window'],
    ] as const) {
      const { status, body } = await call.json('POST', '/v1/batches', wrong);
      assert.deepEqual([status, body.error.param], [400, param], JSON.stringify(body));
    }
  });
});

describe('another project', () => {
  it('sees nothing of files and batches, in the same tenant or in another', async () => {
    const file = (await call.upload(inputOf(1))).body;
    const wish = { input_file_id: file.id, endpoint: CHAT, completion_window: '24h' };
    const batch = (await call.json('POST', '/v1/batches', wish)).body;
    for (const tenantId of [principal.tenantId, undefined]) {
      const other = callAs(batches, await insertCaller(database, tenantId));
      for (const [method, path] of [
        ['GET', `/v1/files/${file.id}`],
        ['GET', `/v1/files/${file.id}/content`],
        ['DELETE', `/v1/files/${file.id}`],
        ['GET', `/v1/batches/${batch.id}`],
        ['POST', `/v1/batches/${batch.id}/cancel`],
      ] as const) {
        assert.equal((await other.json(method, path)).status, 404, `${method} ${path}`);
      }
      assert.equal((await other.json('POST', '/v1/batches', wish)).status, 400);
      for (const list of ['/v1/files', '/v1/batches', `/v1/files?after=${file.id}&order=asc`]) {
        assert.deepEqual((await other.json('GET', list)).body.data, []);
      }
    }
    assert.equal((await call.json('GET', `/v1/batches/${batch.id}`)).body.status, 'validating');
  });

  it('is what a member without a key is told to choose, and a reader may not call', async () => {
    const member = callAs(batches, { ...principal, keyId: null, projectId: null, userId: 'usr' });
    assert.equal((await member.json('GET', '/v1/files')).status, 401);
    const reader = callAs(batches, { ...principal, role: 'viewer' });
    assert.equal((await reader.json('GET', '/v1/files')).status, 403);
  });
});
