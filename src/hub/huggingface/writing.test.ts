/** Hugging Face's clients write: repositories, files by every way, branches, and what is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ObjectStore, type Stage, failStorage } from '#platform/objects.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { tinyGguf } from '../../../test/tiny-gguf.ts';
import { ACME, BOLT, createHubWorld, storedFiles } from '../hub-fixture.ts';
import {
  READER,
  type Line,
  batchOf,
  createFace,
  large,
  pathOf,
  put,
  sha256Of,
} from './writing-fixture.ts';

const world = await createHubWorld(await createTestDatabase());
const { ask, commit, upload, read } = createFace(world);

const create = (name: string, more: object = {}, as = ACME) => {
  const [organization, short] = name.split('/');
  return ask('/api/repos/create', { as, json: { name: short, organization, ...more } });
};
const paths = async (name: string, revision = 'main'): Promise<string[]> => {
  const { response } = await ask(
    `/api/models/${name}/tree/${encodeURIComponent(revision)}?recursive=true`,
  );
  const entries: { type: string; path: string }[] = JSON.parse(await response.text());
  return entries.filter(({ type }) => type === 'file').map(({ path }) => path);
};
const headOf = async (name: string): Promise<string> =>
  String((await ask(`/api/models/${name}`)).body['sha']);

describe('a repository', () => {
  it('is made in the own namespace, of each kind, once', async () => {
    const made = await ask('/api/repos/create', { json: { name: 'first' } });
    assert.equal(made.status, 200);
    assert.equal(made.body['url'], 'http://localhost/acme/first');
    const who = await ask('/api/whoami-v2');
    assert.equal(who.body['name'], 'acme');

    const again = await ask('/api/repos/create', { json: { name: 'first' } });
    assert.deepEqual([again.status, again.body['url']], [409, 'http://localhost/acme/first']);
    const cased = await create('acme/FIRST');
    assert.equal(cased.status, 409);
    for (const type of ['dataset', 'space']) {
      const other = await create('acme/first', { type, sdk: 'static' });
      assert.equal(other.body['url'], `http://localhost/${type}s/acme/first`);
      assert.equal((await ask(`/api/${type}s/acme/first`)).body['id'], 'acme/first');
    }
    assert.deepEqual(await paths('acme/first'), []);
  });

  it('is not made in a namespace of others, whether the name is used there or not', async () => {
    assert.equal((await create('acme/hidden', { private: true })).status, 200);
    const answers = await Promise.all(
      ['acme/hidden', 'acme/free', 'ACME/free'].map((name) => create(name, {}, BOLT)),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([403]));
    const words = answers.map(({ body }) => String(body['error']).toLowerCase());
    assert.deepEqual(new Set(words).size, 1);
    assert.equal((await create('acme/x', {}, '')).status, 401);
    assert.equal((await create('acme/x', {}, READER)).status, 403);
    assert.equal((await create('api/x')).status, 404);
  });

  it('is seen by whom its visibility lets in', async () => {
    await create('acme/seen', { private: true });
    const statuses = async () =>
      Promise.all(
        [ACME, BOLT, ''].map(async (as) => (await ask('/api/models/acme/seen', { as })).status),
      );
    const set = (json: object) => ask('/api/models/acme/seen/settings', { method: 'PUT', json });
    assert.deepEqual(await statuses(), [200, 404, 404]);
    await set({ visibility: 'internal' });
    assert.deepEqual(await statuses(), [200, 200, 404]);
    await set({ private: false });
    assert.deepEqual(await statuses(), [200, 200, 200]);
  });

  it('moves, and is found by its old name until that is taken anew', async () => {
    await create('acme/old');
    await commit('acme/old', [put('a.txt', 'moved')]);
    const json = { fromRepo: 'acme/old', toRepo: 'acme/new', type: 'model' };
    assert.equal((await ask('/api/repos/move', { json })).status, 200);
    assert.equal((await ask('/api/models/acme/old')).body['id'], 'acme/new');
    assert.equal(Buffer.from(await read('/acme/old/resolve/main/a.txt')).toString(), 'moved');
    await create('acme/old');
    assert.deepEqual(await paths('acme/old'), []);
    const foreign = { ...json, fromRepo: 'acme/new', toRepo: 'bolt/new' };
    await create('bolt/own', {}, BOLT);
    assert.equal((await ask('/api/repos/move', { json: foreign })).status, 403);
  });

  it('is removed with its bytes, by those who may', async () => {
    await create('acme/gone');
    const bytes = Buffer.alloc(2000, 'gone');
    await commit('acme/gone', [large('x.bin', await upload('acme/gone', bytes), bytes.length)]);
    const json = { name: 'gone', organization: 'acme', type: 'model' };
    const remove = (as: string) => ask('/api/repos/delete', { as, method: 'DELETE', json });
    assert.equal((await remove(BOLT)).status, 403);
    assert.equal((await remove(READER)).status, 403);
    assert.equal((await remove(ACME)).status, 200);
    assert.equal((await ask('/api/models/acme/gone')).status, 404);
  });

  it('that is gated shows what it is and gives its files to those who were let in', async () => {
    await create('acme/gated');
    await commit('acme/gated', [put('README.md', '# Hi'), put('w.txt', 'weights')]);
    await ask('/api/models/acme/gated/settings', { method: 'PUT', json: { gated: 'manual' } });
    const file = async () => {
      const { status, response } = await ask('/acme/gated/resolve/main/w.txt', { as: BOLT });
      return [status, response.headers.get('x-error-code')];
    };
    assert.equal((await ask('/api/models/acme/gated', { as: BOLT })).body['gated'], 'manual');
    assert.deepEqual(await file(), [403, 'GatedRepo']);
    const asked = await ask('/api/models/acme/gated/ask-access', { as: BOLT, method: 'POST' });
    assert.equal(asked.body['status'], 'pending');
    assert.deepEqual(await file(), [403, 'GatedRepo']);
    const pending = await ask('/api/models/acme/gated/user-access-request/pending');
    assert.match(await pending.response.text(), /"user":"bolt"/);
    const handle = '/api/models/acme/gated/user-access-request/handle';
    const json = { user: 'bolt', status: 'accepted' };
    assert.equal((await ask(handle, { as: BOLT, json })).status, 403);
    await ask(handle, { json });
    assert.deepEqual(await file(), [200, null]);
    await ask(handle, { json: { ...json, status: 'rejected' } });
    const again = await ask('/api/models/acme/gated/ask-access', { as: BOLT, method: 'POST' });
    assert.equal(again.body['status'], 'rejected');
  });
});

describe('a commit', () => {
  it('brings small files inline and large ones by LFS, and they are read back as they were', async () => {
    await create('acme/files');
    const weights = tinyGguf({ seed: 7 });
    const oid = await upload('acme/files', weights);
    const made = await commit('acme/files', [
      put('README.md', '---\nlicense: mit\ntags: [tiny]\n---\n\nHello.\n'),
      put('sub/empty', ''),
      large('m.gguf', oid, weights.length),
    ]);
    assert.equal(made.status, 200);
    assert.equal(made.body['commitOid'], await headOf('acme/files'));
    // As at the original hub, what LFS has to know comes along.
    const all = ['.gitattributes', 'README.md', 'm.gguf', 'sub/empty'];
    assert.deepEqual(await paths('acme/files'), all);
    assert.equal(
      Buffer.from(await read('/acme/files/resolve/main/.gitattributes')).toString(),
      '*.gguf filter=lfs diff=lfs merge=lfs -text\n',
    );
    const etag = async (path: string) =>
      (await ask(`/acme/files/resolve/main/${path}`, { method: 'HEAD' })).response.headers.get(
        'etag',
      );
    assert.equal(await etag('m.gguf'), `"${oid}"`);
    assert.equal(await etag('sub/empty'), '"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"');
    assert.ok(weights.equals(Buffer.from(await read('/acme/files/resolve/main/m.gguf'))));
    assert.equal((await read('/acme/files/resolve/main/sub/empty')).length, 0);
    const { tags } = (await ask('/api/models/acme/files')).body;
    assert.deepEqual(tags, ['gguf', 'tiny', 'text-generation', 'license:mit']);
    const model = await world.hub.findModel('acme/files', ACME);
    assert.equal(model?.weights?.format, 'gguf');
  });

  it('deletes files and folders, copies, and leaves the past as it was', async () => {
    await create('acme/past');
    const all = ['a.txt', 'd/x.txt', 'd/y.txt'].map((path) => put(path, path));
    const first = String((await commit('acme/past', all)).body['commitOid']);
    await commit('acme/past', [
      { key: 'deletedFolder', value: { path: 'd/' } },
      { key: 'copyFile', value: { path: 'b.txt', srcPath: 'a.txt' } },
    ]);
    assert.deepEqual(await paths('acme/past'), ['a.txt', 'b.txt']);
    assert.deepEqual(await paths('acme/past', first), ['a.txt', 'd/x.txt', 'd/y.txt']);
    const missing = await commit('acme/past', [{ key: 'deletedFile', value: { path: 'none' } }]);
    assert.equal(missing.response.headers.get('x-error-code'), 'EntryNotFound');
    const { response } = await ask('/api/models/acme/past/commits/main');
    const titles = JSON.parse(await response.text()).map(({ title }: { title: string }) => title);
    assert.deepEqual(titles, ['A commit', 'A commit', 'initial commit']);
  });

  it('on a parent that is not the head is refused, and of two that race one', async () => {
    await create('acme/race');
    const parentCommit = await headOf('acme/race');
    const [left, right] = await Promise.all(
      ['l', 'r'].map((text) => commit('acme/race', [put(`${text}.txt`, text)], { parentCommit })),
    );
    assert.deepEqual(new Set([left?.status, right?.status]), new Set([200, 412]));
    const late = await commit('acme/race', [put('late.txt', 'x')], { parentCommit });
    assert.match(String(late.body['error']), /A commit has happened since/);
    assert.equal((await paths('acme/race')).length, 1);
    const many = Array.from({ length: 6 }, (_, index) =>
      commit('acme/race', [put(`many-${index}.txt`, 'x')]),
    );
    for (const { status } of await Promise.all(many)) assert.equal(status, 200);
    assert.equal((await paths('acme/race')).length, 7);
  });

  it('with a pickle that starts a program is marked so in the tree', async () => {
    await create('acme/pickle');
    const evil = Buffer.from('\x80\x02cposix\nsystem\nX\x04\0\0\0true\x85R.', 'latin1');
    const oid = await upload('acme/pickle', evil);
    const lines = [large('model.bin', oid, evil.length), put('notes.txt', 'notes')];
    await commit('acme/pickle', lines);
    const statuses = async () => {
      const { response } = await ask('/api/models/acme/pickle/tree/main?expand=true');
      const entries: { path: string; securityFileStatus: object }[] = JSON.parse(
        await response.text(),
      );
      return entries.map(({ path, securityFileStatus }) => [path, securityFileStatus]);
    };
    const imports = [{ module: 'posix', name: 'system', safety: 'dangerous' }];
    const expected = [
      ['.gitattributes', { status: 'safe', avScan: null, pickleImportScan: null }],
      [
        'model.bin',
        {
          status: 'unsafe',
          avScan: null,
          pickleImportScan: { status: 'unsafe', pickleImports: imports, message: null },
        },
      ],
      ['notes.txt', { status: 'safe', avScan: null, pickleImportScan: null }],
    ];
    assert.deepEqual(await statuses(), expected);
    assert.deepEqual(await statuses(), expected, 'and again, from what is kept');
  });

  it('twice is one', async () => {
    await create('acme/twice');
    const first = await commit('acme/twice', [put('a.txt', 'a')]);
    const second = await commit('acme/twice', [put('a.txt', 'a')]);
    assert.equal(first.body['commitOid'], second.body['commitOid']);
  });

  it('of bytes that this tenant never had is refused, and says no more of them than that', async () => {
    const secret = Buffer.from('a secret of acme');
    await create('acme/vault', { private: true });
    const oid = await upload('acme/vault', secret);
    await commit('acme/vault', [large('s.bin', oid, secret.length)]);
    await create('bolt/thief', {}, BOLT);
    const tries = await Promise.all(
      [oid, sha256Of(Buffer.from('nobody has this'))].map((wanted) =>
        commit('bolt/thief', [large('s.bin', wanted, secret.length)], { as: BOLT }),
      ),
    );
    const [held, unknown] = tries.map(({ status, body }) => [
      status,
      String(body['error']).replace(/[0-9a-f]{64}/, ''),
    ]);
    assert.deepEqual(held, unknown);
    assert.equal(held?.[0], 400);
    const objects = [{ oid, size: secret.length }];
    const json = { operation: 'upload', objects };
    const [object] = batchOf(
      await ask('/bolt/thief.git/info/lfs/objects/batch', { as: BOLT, json }),
    );
    assert.ok(object?.actions, 'stored by somebody else is not stored for this one');
  });

  for (const [what, lines] of [
    ['climbs out', [put('../x', 'x')]],
    ['is absolute', [put('/etc/x', 'x')]],
    ['has a NUL', [put('a\0b', 'x')]],
    ['is very long', [put('x'.repeat(300), 'x')]],
    ['is git’s own', [put('.git/config', 'x')]],
    ['is composed another way', [put('a\u0308', 'x')]],
    ['differs by case only', [put('A.txt', 'x'), put('a.txt', 'x')]],
    ['is file and folder', [put('a', 'x'), put('a/b', 'x')]],
    ['looks like another', [put('ﬁle', 'x'), put('file', 'x')]],
  ] satisfies [string, Line[]][]) {
    it(`with a path that ${what} is refused whole`, async () => {
      await create('acme/paths');
      const refused = await commit('acme/paths', [put('fine.txt', 'fine'), ...lines]);
      assert.equal(refused.status, 400, JSON.stringify(refused.body));
      assert.deepEqual(await paths('acme/paths'), []);
    });
  }

  it('that is no commit is refused in words', async () => {
    const send = (body: string) => ask('/api/models/acme/first/commit/main', { body });
    for (const body of [
      '',
      'x',
      '{"key":"file","value":{"path":"a","content":"eA=="}}\n',
      '{"key":"header","value":{"summary":"s"}}\n{"key":"file","value":{"path":"a","content":"!"}}',
      '{"key":"header","value":{"summary":"s"}}\n{"key":"lfsFile","value":{"path":"a","oid":"x"}}',
    ]) {
      const { status, body: answer } = await send(body);
      assert.equal(status, 400);
      assert.ok(String(answer['error']).length > 10, body);
    }
    assert.equal((await commit('acme/none', [put('a', 'a')])).status, 404);
    assert.equal((await commit('acme/first', [put('a', 'a')], { as: BOLT })).status, 403);
    const hidden = await commit('acme/hidden', [put('a', 'a')], { as: BOLT });
    assert.equal(hidden.response.headers.get('x-error-code'), 'RepoNotFound');
  });
});

describe('branches, tags and pull requests', () => {
  it('are made, written to, listed and removed', async () => {
    await create('acme/refs');
    const first = String((await commit('acme/refs', [put('a.txt', '1')])).body['commitOid']);
    const branch = '/api/models/acme/refs/branch/dev%2Fone';
    assert.equal((await ask(branch, { json: {} })).status, 201);
    assert.equal((await ask(branch, { json: {} })).status, 409);
    assert.equal((await ask('/api/models/acme/refs/branch/main', { json: {} })).status, 409);
    await commit('acme/refs', [put('b.txt', '2')], { revision: 'dev/one' });
    assert.deepEqual(await paths('acme/refs', 'dev/one'), ['a.txt', 'b.txt']);
    assert.deepEqual(await paths('acme/refs'), ['a.txt']);
    const tag = { tag: 'v1', message: 'first' };
    assert.equal((await ask('/api/models/acme/refs/tag/main', { json: tag })).status, 201);
    await commit('acme/refs', [put('a.txt', '3')]);
    assert.equal(Buffer.from(await read('/acme/refs/resolve/v1/a.txt')).toString(), '1');
    const pull = await commit('acme/refs', [put('p.txt', 'p')], {
      query: '?create_pr=1',
      as: BOLT,
    });
    assert.equal(pull.body['pullRequestUrl'], 'http://localhost/acme/refs/discussions/1');
    assert.deepEqual(await paths('acme/refs', 'refs/pr/1'), ['a.txt', 'p.txt']);
    const { body } = await ask('/api/models/acme/refs/refs?include_prs=1');
    const names = Object.values(body).flat();
    assert.deepEqual(
      names.map((ref) => Object.values(Object(ref))[1]),
      ['refs/heads/main', 'refs/heads/dev/one', 'refs/tags/v1', 'refs/pr/1'],
    );
    assert.equal((await ask('/api/models/acme/refs/tag/v1', { method: 'DELETE' })).status, 200);
    assert.equal((await ask(branch, { method: 'DELETE' })).status, 200);
    assert.equal((await ask('/acme/refs/resolve/v1/a.txt')).status, 404);
    assert.deepEqual(await paths('acme/refs', first), ['a.txt']);
    for (const bad of ['a..b', '-x', 'x.lock', 'a//b', '0'.repeat(40)]) {
      const path = `/api/models/acme/refs/branch/${encodeURIComponent(bad)}`;
      assert.equal((await ask(path, { json: {} })).status, 400, bad);
    }
  });

  it('are squashed to one commit with the same files', async () => {
    await create('acme/squash');
    for (const text of ['1', '2', '3']) await commit('acme/squash', [put('a.txt', text)]);
    await ask('/api/models/acme/squash/super-squash/main', { json: { message: 'All' } });
    const { response } = await ask('/api/models/acme/squash/commits/main');
    assert.equal(response.headers.get('x-total-count'), '1');
    assert.equal(Buffer.from(await read('/acme/squash/resolve/main/a.txt')).toString(), '3');
  });

  it('lose large files for good, and a duplicate keeps its own', async () => {
    await create('acme/heavy');
    const bytes = Buffer.alloc(5000, 'heavy');
    const oid = await upload('acme/heavy', bytes);
    await commit('acme/heavy', [large('h.bin', oid, bytes.length), put('a.txt', 'a')]);
    const copy = await ask('/api/models/acme/heavy/duplicate', {
      as: BOLT,
      json: { repository: 'bolt/heavy' },
    });
    assert.equal(copy.body['url'], 'http://localhost/bolt/heavy');
    const { response } = await ask('/api/models/acme/heavy/lfs-files');
    assert.match(await response.text(), new RegExp(oid));
    const json = { deletions: { sha: [oid], rewriteHistory: true } };
    await ask('/api/models/acme/heavy/lfs-files/batch', { json });
    assert.deepEqual(await paths('acme/heavy'), ['.gitattributes', 'a.txt']);
    assert.ok(bytes.equals(Buffer.from(await read('/bolt/heavy/resolve/main/h.bin', BOLT))));
  });
});

describe('an upload', () => {
  const announce = async (bytes: Uint8Array, transfers = ['basic']) => {
    const objects = [{ oid: sha256Of(bytes), size: bytes.length }];
    const json = { operation: 'upload', transfers, objects, hash_algo: 'sha_256' };
    const [object] = batchOf(await ask('/acme/first.git/info/lfs/objects/batch', { json }));
    return object?.actions;
  };
  const send = (href: string, body: Uint8Array) =>
    ask(pathOf(href), { as: '', method: 'PUT', body });

  it('that is not what it was announced as leaves nothing, and may come again', async () => {
    const bytes = Buffer.alloc(3000, 'right');
    const actions = await announce(bytes);
    assert.ok(actions);
    const before = await storedFiles(world);
    const wrong = await send(actions.upload.href, Buffer.alloc(3000, 'wrong'));
    assert.deepEqual([wrong.status, /SHA-256/.test(String(wrong.body['error']))], [422, true]);
    assert.equal((await send(actions.upload.href, bytes.subarray(1))).status, 400);
    assert.equal((await send(actions.upload.href, Buffer.alloc(9000))).status, 400);
    assert.equal((await ask(pathOf(actions.verify.href), { method: 'POST' })).status, 404);
    assert.deepEqual(await storedFiles(world), before);
    assert.equal((await send(actions.upload.href, bytes)).status, 200);
    assert.equal((await ask(pathOf(actions.verify.href), { method: 'POST' })).status, 200);
    assert.equal(await announce(bytes), undefined, 'it is not sent twice');
  });

  it('goes to an address that was signed and has not expired', async () => {
    const bytes = Buffer.from('never sent before');
    const href = (await announce(bytes))?.upload.href ?? '';
    const forged = [href.slice(0, -2), `${href}x`, href.replace(/\/[^/]*$/, '/e30.x')];
    for (const address of forged) assert.equal((await send(address, bytes)).status, 403);
    world.clock.advance(27 * 60 * 60_000);
    assert.equal((await send(href, bytes)).status, 403);
    assert.notEqual(await announce(bytes), undefined);
  });

  it('of many parts is put together, whatever order they came in', async () => {
    const hub = world.createHub({ uploads: { partBytes: 1000 } });
    const small = createFace(world, hub);
    const bytes = Buffer.from(Array.from({ length: 4500 }, (_, index) => index % 251));
    const objects = [{ oid: sha256Of(bytes), size: bytes.length }];
    const json = { operation: 'upload', transfers: ['basic', 'multipart'], objects };
    const batch = await small.ask('/acme/first.git/info/lfs/objects/batch', { json });
    assert.equal(batch.body['transfer'], 'multipart');
    const upload = batchOf(batch)[0]?.actions?.upload;
    const { chunk_size: size, ...parts } = upload?.header ?? {};
    assert.deepEqual([size, Object.keys(parts).length], ['1000', 5]);
    const etags = new Map<number, string>();
    for (const [number, href] of Object.entries(parts).toReversed()) {
      const index = Number(number) - 1;
      const body = bytes.subarray(index * 1000, (index + 1) * 1000);
      const sent = await small.ask(pathOf(href), { method: 'PUT', body });
      etags.set(index + 1, sent.response.headers.get('etag') ?? '');
    }
    const complete = (list: [number, string][]) =>
      small.ask(pathOf(upload?.href ?? ''), {
        json: {
          oid: objects[0]?.oid,
          parts: list.map(([partNumber, etag]) => ({ partNumber, etag })),
        },
      });
    assert.equal((await complete([[1, 'x']])).status, 404);
    assert.equal((await complete([...etags])).status, 200);
    assert.equal((await complete([...etags])).status, 200, 'said twice, done once');
    await commit('acme/first', [large('parts.bin', sha256Of(bytes), bytes.length)]);
    assert.ok(bytes.equals(Buffer.from(await read('/acme/first/resolve/main/parts.bin'))));
  });

  it('beyond what a tenant may keep is refused before a byte is sent', async () => {
    const { bytes, waitingBytes } = await world.hub.storage.use(ACME);
    await world.hub.storage.setQuota(ACME, bytes + waitingBytes + 10);
    const json = { operation: 'upload', objects: [{ oid: 'a'.repeat(64), size: 11 }] };
    const refused = await ask('/acme/first.git/info/lfs/objects/batch', { json });
    await world.hub.storage.setQuota(ACME, null);
    assert.equal(refused.status, 507);
    assert.match(String(refused.body['error']), /11 bytes more/);
  });
});

describe('a store that fails', () => {
  it('ends an upload and a commit in words, and nothing of them is seen; then they go through', async () => {
    const objects = createFolderObjects({ folder: world.objectsFolder, reserveBytes: 0 });
    const full = failStorage('storage.full', 'The disk is full. Free some space and try again.');
    let isFull = true;
    const failing: ObjectStore = {
      ...objects,
      stage: async (name, expectedBytes) => {
        const stage = await objects.stage(name, expectedBytes);
        const append: Stage['append'] = async (source, options) => {
          if (isFull) {
            // Some of it is written before there is no room.
            for await (const piece of source) {
              await stage.append(once(piece.subarray(0, 10)), options);
              throw full;
            }
          }
          return stage.append(source, options);
        };
        return {
          ...bound(stage),
          append,
          get sizeBytes() {
            return stage.sizeBytes;
          },
        };
      },
    };
    const face = createFace(world, world.createHub({ objects: failing }));
    await create('acme/full');
    const before = await storedFiles(world);
    const bytes = Buffer.alloc(4000, 'full');
    const json = { operation: 'upload', objects: [{ oid: sha256Of(bytes), size: bytes.length }] };
    const batch = await face.ask('/acme/full.git/info/lfs/objects/batch', { json });
    const href = pathOf(batchOf(batch)[0]?.actions?.upload.href ?? '');
    const send = () => face.ask(href, { method: 'PUT', body: bytes });
    const refused = await send();
    assert.deepEqual(
      [refused.status, /disk is full/.test(String(refused.body['error']))],
      [507, true],
    );
    assert.equal((await face.commit('acme/full', [put('a.txt', 'a')])).status, 507);
    assert.deepEqual(await storedFiles(world), before);
    assert.deepEqual(await paths('acme/full'), []);
    isFull = false;
    assert.equal((await send()).status, 200);
    const lines = [put('a.txt', 'a'), large('full.bin', sha256Of(bytes), bytes.length)];
    assert.equal((await face.commit('acme/full', lines)).status, 200);
    assert.deepEqual(await paths('acme/full'), ['.gitattributes', 'a.txt', 'full.bin']);
  });

  async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes;
  }

  /** Private fields want their own object. */
  function bound(stage: Stage) {
    return {
      reset: () => stage.reset(),
      sha256: () => stage.sha256(),
      read: (offset: number, length: number) => stage.read(offset, length),
      commit: (key: string) => stage.commit(key),
      close: () => stage.close(),
      discard: () => stage.discard(),
    };
  }
});

describe('what clients ask before a commit', () => {
  it('is how to send each file, and which of them did not change', async () => {
    await create('acme/ask');
    await commit('acme/ask', [put('same.txt', 'same')]);
    const file = (path: string, size: number, sample: string | Uint8Array) => ({
      path,
      size,
      sample: Buffer.from(sample).toString('base64'),
    });
    const json = {
      files: [
        file('same.txt', 4, 'same'),
        file('big.txt', 5_000_000, 'text'),
        file('model.bin', 10, new Uint8Array([0, 1, 2])),
        file('empty', 0, ''),
        file('build/x.log', 5, 'x'),
      ],
      gitIgnore: '# none of these\nbuild/\n*.log\n!keep.log\n',
    };
    const { body } = await ask('/api/models/acme/ask/preupload/main', { json });
    const modes = Object.values(body)
      .flat()
      .map((found) => Object.values(Object(found)));
    assert.deepEqual(modes, [
      ['same.txt', 'regular', false, '5a66c000ab56fb7018b5ec24cdb24c94c00e2142'],
      ['big.txt', 'lfs', false],
      ['model.bin', 'lfs', false],
      ['empty', 'regular', false],
      ['build/x.log', 'regular', true],
    ]);
    assert.equal(
      (await ask('/api/models/acme/ask/preupload/main', { as: BOLT, json })).status,
      403,
    );
  });

  it('is whether the card can be read', async () => {
    const check = async (content: string) =>
      (await ask('/api/validate-yaml', { json: { content, repoType: 'model' } })).body;
    assert.deepEqual(await check('---\nlicense: mit\n---\n# Hi\n'), { errors: [], warnings: [] });
    const messages = async (content: string) =>
      Object.values(Object((await check(content)).errors));
    assert.equal((await messages('---\nlicense: mit\n')).length, 1);
    assert.equal((await messages('---\nbase_model_relation: friend\n---\n')).length, 1);
  });
});
