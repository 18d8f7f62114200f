import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { tinyGguf } from '../../test/tiny-gguf.ts';
import { OPERATOR, createHubWorld, importModel } from './hub-fixture.ts';
import { createUpstream, redirectTo, sendJson } from './upstream-fixture.ts';

const model = tinyGguf();
const sha256 = createHash('sha256').update(model).digest('hex');
const README = '---\nlicense: apache-2.0\n---\n\nFrom afar.\n';
const SHA = 'c'.repeat(40);
const world = await createHubWorld(await createTestDatabase());
const { hub } = world;

const blob = (path: string, content: Uint8Array | string, lfs = false) => ({
  type: 'file',
  path,
  size: content.length,
  oid: 'd'.repeat(40),
  ...(lfs ? { lfs: { oid: sha256, size: content.length, pointerSize: 130 } } : {}),
});

/** A repository with two quantisations, as Hugging Face shows one. */
async function createHuggingFace() {
  const upstream = await createUpstream();
  const api = '/api/models/lab/tiny';
  upstream.answers.set(
    `${api}/revision/main`,
    sendJson({ id: 'lab/tiny', sha: SHA, siblings: [{ rfilename: 'tiny-f16.gguf' }] }),
  );
  upstream.answers.set(
    `${api}/tree/${SHA}?recursive=true`,
    sendJson(
      [
        { type: 'directory', path: 'docs', size: 0, oid: 'e'.repeat(40) },
        blob('.gitattributes', 'x'),
        blob('README.md', README),
      ],
      { link: `<${upstream.url}${api}/tree/${SHA}?recursive=true&cursor=2>; rel="next"` },
    ),
  );
  upstream.answers.set(
    `${api}/tree/${SHA}?recursive=true&cursor=2`,
    sendJson([
      blob('tiny-f16.gguf', model, true),
      blob('tiny-q8.gguf', model, true),
      blob('model.safetensors', 'zzz'),
    ]),
  );
  upstream.files.set(`/lab/tiny/resolve/${SHA}/README.md`, { content: Buffer.from(README) });
  const cdn = await createUpstream();
  cdn.files.set('/xet', { content: model, etag: `"${'f'.repeat(64)}"` });
  upstream.answers.set(
    `/lab/tiny/resolve/${SHA}/tiny-f16.gguf`,
    redirectTo(`${cdn.url}/xet`, {
      'x-repo-commit': SHA,
      'x-linked-etag': `"${sha256}"`,
      'x-linked-size': String(model.length),
    }),
  );
  return { upstream, cdn };
}

describe('a repository at Hugging Face', () => {
  it('asks which model is meant when there are several', async () => {
    const { upstream } = await createHuggingFace();

    const done = await importModel(hub, {
      modelName: 'lab/which',
      source: `${upstream.url}/lab/tiny`,
    });

    assert.equal(done.error?.code, 'weights.ambiguous');
    assert.match(done.error?.message ?? '', /tiny-f16\.gguf, tiny-q8\.gguf/);
  });

  for (const suffix of ['#tiny-f16.gguf', '?file=tiny-f16.gguf', '/tree/main#tiny-f16.gguf']) {
    it(`brings the model named by ${suffix}, its card, and nothing else`, async () => {
      const { upstream, cdn } = await createHuggingFace();

      const done = await importModel(hub, {
        modelName: 'lab/tiny',
        source: `${upstream.url}/lab/tiny${suffix}`,
        token: 'hf_secret',
      });

      assert.equal(done.state, 'succeeded', String(done.error?.message));
      const shown = await hub.showModel(OPERATOR, 'lab/tiny');
      assert.deepEqual(
        shown.revisions[0]?.files.map((file) => file.path),
        ['README.md', 'tiny-f16.gguf'],
      );
      assert.equal(shown.license, 'apache-2.0');
      assert.ok(upstream.requests.every((request) => request.authorization !== null));
      assert.ok(cdn.requests.every((request) => request.authorization === null));
      await hub.removeModel(OPERATOR, 'lab/tiny');
    });
  }

  it('says which files there are when the named one is not', async () => {
    const { upstream } = await createHuggingFace();

    const done = await importModel(hub, {
      modelName: 'lab/none',
      source: `${upstream.url}/lab/tiny#other.gguf`,
    });

    assert.equal(done.error?.code, 'import.source_missing');
    assert.match(done.error?.message ?? '', /other\.gguf.*tiny-f16\.gguf/);
  });

  it('works without a tree, by the list of siblings', async () => {
    const upstream = await createUpstream();
    upstream.answers.set(
      '/api/models/lab/plain/revision/v1',
      sendJson({ sha: SHA, siblings: [{ rfilename: 'm.gguf' }] }),
    );
    upstream.files.set(`/lab/plain/resolve/${SHA}/m.gguf`, { content: model });

    const done = await importModel(hub, {
      modelName: 'lab/plain',
      source: `${upstream.url}/lab/plain/tree/v1`,
    });

    assert.equal(done.state, 'succeeded', String(done.error?.message));
    await hub.removeModel(OPERATOR, 'lab/plain');
  });

  it('takes the address of a single file as a browser shows it', async () => {
    const { upstream } = await createHuggingFace();
    upstream.files.set('/lab/tiny/resolve/main/tiny-f16.gguf', {
      content: model,
      headers: { 'x-repo-commit': SHA, 'x-linked-etag': `"${sha256}"` },
    });

    const done = await importModel(hub, {
      modelName: 'lab/one',
      source: `${upstream.url}/lab/tiny/blob/main/tiny-f16.gguf`,
    });

    assert.equal(done.state, 'succeeded', String(done.error?.message));
    await hub.removeModel(OPERATOR, 'lab/one');
  });

  it('refuses a listing that is none, and paths that lead out', async () => {
    const upstream = await createUpstream();
    upstream.answers.set('/api/models/a/page/revision/main', (_request, response) =>
      response.end('<html>'),
    );
    upstream.answers.set(
      '/api/models/a/evil/revision/main',
      sendJson({ sha: SHA, siblings: [{ rfilename: 'm.gguf' }, { rfilename: 'x/../../y' }] }),
    );

    const page = await importModel(hub, { modelName: 'a/page', source: `${upstream.url}/a/page` });
    const evil = await importModel(hub, { modelName: 'a/evil', source: `${upstream.url}/a/evil` });

    assert.equal(page.error?.code, 'import.source_failed');
    assert.equal(evil.error?.code, 'import.path_invalid');
  });
});

describe('a repository at ModelScope', () => {
  it('brings its files, checked by the SHA-256 it lists', async () => {
    const upstream = await createUpstream();
    const api = '/api/v1/models/lab/scope/repo';
    const file = (Path: string, content: Uint8Array, Sha256: string) => ({
      Name: Path,
      Path,
      Type: 'blob',
      Size: content.length,
      Sha256,
      Revision: 'x',
    });
    const readme = Buffer.from(README);
    const readmeSha256 = createHash('sha256').update(readme).digest('hex');
    upstream.answers.set(
      `${api}/files?Revision=master&Recursive=True`,
      sendJson({
        Code: 200,
        Success: true,
        Data: {
          Files: [
            { Name: 'sub', Path: 'sub', Type: 'tree', Size: 0 },
            file('README.md', readme, readmeSha256),
            file('sub/m.gguf', model, sha256),
          ],
        },
      }),
    );
    upstream.files.set(`${api}?Revision=master&FilePath=README.md`, { content: readme });
    upstream.files.set(`${api}?Revision=master&FilePath=sub%2Fm.gguf`, { content: model });

    const done = await importModel(hub, {
      modelName: 'lab/scope',
      source: `${upstream.url}/models/lab/scope/summary`,
    });

    assert.equal(done.state, 'succeeded', String(done.error?.message));
    const shown = await hub.showModel(OPERATOR, 'lab/scope');
    assert.equal(shown.weights?.path, 'sub/m.gguf');
    assert.equal(shown.license, 'apache-2.0');
  });
});
