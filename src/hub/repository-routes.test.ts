/** What a repository's page asks: the repository with its card, its files' last commits, the inside of a file. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { tinyGguf } from '../../test/tiny-gguf.ts';
import { ACME, BOLT, callAs, createHubWorld } from './hub-fixture.ts';
import { createFace, large, put } from './huggingface/writing-fixture.ts';

const world = await createHubWorld(await createTestDatabase());
const { ask, commit, upload } = createFace(world);
const asAcme = callAs(world.hub, ACME);
const asBolt = callAs(world.hub, BOLT);

const CARD = '---\nlicense: mit\ntags: [small, "test"]\n---\n# Notes\n\nSome words.\n';

async function makeModel(name: string, more: object = {}): Promise<void> {
  const json = { name, organization: 'acme', ...more };
  assert.equal((await ask('/api/repos/create', { json })).status, 200);
}

describe('a repository of any kind', () => {
  it('is shown with its card and what the caller may do', async () => {
    await makeModel('notes');
    await commit('acme/notes', [put('README.md', CARD)]);

    const own = await asAcme('GET', '/cloud/v1/repositories/model/acme/notes');
    const other = await asBolt('GET', '/cloud/v1/repositories/model/acme/notes');

    assert.equal(own.status, 200);
    assert.equal(own.body['card'], '# Notes\n\nSome words.');
    assert.deepEqual(own.body['cardFields'], { license: ['mit'], tags: ['small', 'test'] });
    assert.deepEqual([own.body['access'], other.body['access']], ['admin', 'read']);
    assert.equal(own.body['fileCount'], 1);
  });

  it('answers others as if it were not there while it is private', async () => {
    await makeModel('secret', { private: true });
    for (const path of ['', '/header?path=a.gguf']) {
      const hidden = await asBolt('GET', `/cloud/v1/repositories/model/acme/secret${path}`);
      const unknown = await asBolt('GET', `/cloud/v1/repositories/model/acme/secreT2${path}`);

      assert.equal(hidden.status, 404);
      assert.equal(unknown.status, 404);
      const said = (answer: typeof hidden, name: string): string =>
        JSON.stringify(answer.body)
          .replaceAll(name, '')
          .replace(/req_\w+/, '');
      assert.equal(said(hidden, 'secret'), said(unknown, 'secreT2'));
    }
  });

  it('says how the caller stands at its gate', async () => {
    await makeModel('gated');
    const json = { gated: 'manual' };
    await ask('/api/models/acme/gated/settings', { method: 'PUT', json });
    const path = '/cloud/v1/repositories/model/acme/gated';
    const before = await asBolt('GET', path);
    await ask('/api/models/acme/gated/ask-access', { as: BOLT, json: {} });
    const after = await asBolt('GET', path);
    const closed = await asBolt('GET', `${path}/header?path=tiny.gguf`);

    assert.deepEqual([before.body['mayReadFiles'], before.body['accessRequest']], [false, null]);
    assert.equal(after.body['accessRequest'], 'pending');
    assert.equal(closed.status, 403);
  });
});

describe('the tree of a repository', () => {
  it('names the commit that touched each file and folder last', async () => {
    await makeModel('history');
    await commit('acme/history', [put('a/one.txt', '1'), put('b/two.txt', '2')], {
      summary: 'First',
    });
    await commit('acme/history', [put('a/three.txt', '3')], { summary: 'Second' });
    await commit('acme/history', [{ key: 'deletedFile', value: { path: 'a/three.txt' } }], {
      summary: 'Third',
    });
    await commit('acme/history', [put('b/two.txt', '22')], { summary: 'Fourth' });

    const titles = async (path: string) => {
      const { response } = await ask(`/api/models/acme/history/tree/main${path}?expand=true`);
      const entries: { path: string; lastCommit: { title: string } }[] = JSON.parse(
        await response.text(),
      );
      return Object.fromEntries(entries.map((entry) => [entry.path, entry.lastCommit.title]));
    };

    const top = await titles('');
    assert.deepEqual([top['a'], top['b']], ['Third', 'Fourth']);
    assert.deepEqual(await titles('/a'), { 'a/one.txt': 'First' });
  });
});

describe('the inside of a weights file', () => {
  it('is its metadata and its tensors', async () => {
    await makeModel('weights');
    const bytes = tinyGguf();
    const oid = await upload('acme/weights', bytes);
    await commit('acme/weights', [large('tiny.gguf', oid, bytes.length)]);

    const { status, body } = await asAcme(
      'GET',
      '/cloud/v1/repositories/model/acme/weights/header?path=tiny.gguf',
    );

    assert.equal(status, 200);
    const { metadata, tensors, tensorCount } = headerOf(body);
    assert.ok(metadata.some(({ key }) => key === 'general.architecture'));
    assert.equal(tensors.length, tensorCount);
    assert.ok(tensors.every(({ name, dtype, shape }) => name && dtype && shape.length > 0));
  });

  it('of safetensors too, and of nothing else', async () => {
    await makeModel('safe');
    const json = Buffer.from(
      JSON.stringify({
        __metadata__: { format: 'pt' },
        weight: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
      }),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    const bytes = Buffer.concat([length, json, Buffer.alloc(24)]);
    const oid = await upload('acme/safe', bytes);
    await commit('acme/safe', [
      large('model.safetensors', oid, bytes.length),
      put('notes.txt', 'words'),
    ]);
    const path = '/cloud/v1/repositories/model/acme/safe/header?path=';

    const { body } = await asAcme('GET', `${path}model.safetensors`);
    assert.deepEqual(body, {
      format: 'safetensors',
      tensorCount: 1,
      parameters: 6,
      metadata: [{ key: 'format', value: 'pt' }],
      tensors: [{ name: 'weight', dtype: 'F32', shape: [2, 3] }],
    });
    assert.equal((await asAcme('GET', `${path}notes.txt`)).status, 422);
    assert.equal((await asAcme('GET', `${path}nothing.gguf`)).status, 404);
  });
});

type Header = Readonly<{
  metadata: readonly Readonly<{ key: string }>[];
  tensors: readonly Readonly<{ name: string; dtype: string; shape: readonly number[] }>[];
  tensorCount: number;
}>;

function headerOf(body: object): Header {
  const header: Header = JSON.parse(JSON.stringify(body));
  return header;
}
