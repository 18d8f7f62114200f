import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { tinyGguf } from '../../test/tiny-gguf.ts';
import { ACME, BOLT, OPERATOR, callAs, createHubWorld, importEnd } from './hub-fixture.ts';
import { createHubInternalRoutes } from './internal-routes.ts';

const model = tinyGguf();
const sha256 = createHash('sha256').update(model).digest('hex');
const world = await createHubWorld(await createTestDatabase());
const { hub, folder } = world;
const acme = callAs(hub, ACME);
const bolt = callAs(hub, BOLT);
const operator = callAs(hub, OPERATOR);

/** Through the operator's way in, so that a tenant has a model without a server on the Internet. */
async function bundle(
  tenantId: string,
  modelName: string,
  visibility: 'public' | 'private',
  files: readonly string[] = ['m.gguf'],
) {
  // Ids of the same millisecond are in no order.
  world.clock.advance(1);
  const rest = { folder, license: null, message: '' };
  return hub.importBundled(tenantId, { ...rest, modelName, files, visibility });
}

await writeFile(`${folder}/m.gguf`, model);
const secret = await bundle(ACME, 'acme/secret', 'private');
await bundle(ACME, 'acme/open', 'public');
const started = await acme('POST', '/cloud/v1/imports', {
  modelName: 'acme/failing',
  source: 'http://127.0.0.1:1/secret.gguf',
});
const importId = String(started.body['id']);
await importEnd(hub, ACME, importId);

describe('another tenant', () => {
  it('lists what is public and nothing private', async () => {
    const mine = await acme('GET', '/cloud/v1/models');
    const theirs = await bolt('GET', '/cloud/v1/models');
    const searched = await bolt('GET', '/cloud/v1/models?search=secret');
    const byOperator = await operator('GET', '/cloud/v1/models');

    assert.deepEqual(names(mine.body), ['acme/open', 'acme/secret']);
    assert.deepEqual(names(theirs.body), ['acme/open']);
    assert.deepEqual(names(searched.body), []);
    assert.deepEqual(names(byOperator.body), ['acme/open']);
  });

  it('is told that a private model is not there, whatever it asks', async () => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await bolt(method, '/cloud/v1/models/acme/secret');
      const never = await bolt(method, '/cloud/v1/models/acme/nevermade');

      assert.equal(answer.status, 404);
      assert.deepEqual(codeOf(answer.body), codeOf(never.body));
      assert.doesNotMatch(JSON.stringify(answer.body), new RegExp(secret.modelId));
    }
    assert.equal(await hub.findModel('acme/secret', BOLT), null);
    assert.ok(await hub.findModel('acme/secret', ACME));
  });

  it('may read a public model and not remove it', async () => {
    assert.equal((await bolt('GET', '/cloud/v1/models/acme/open')).status, 200);
    const removed = await bolt('DELETE', '/cloud/v1/models/acme/open');

    assert.equal(removed.status, 403);
    assert.equal(codeOf(removed.body), 'model.not_yours');
  });

  it('neither lists, nor sees, nor cancels an import', async () => {
    assert.deepEqual((await bolt('GET', '/cloud/v1/imports')).body['data'], []);
    assert.equal((await bolt('GET', `/cloud/v1/imports/${importId}`)).status, 404);
    assert.equal((await bolt('DELETE', `/cloud/v1/imports/${importId}`)).status, 404);
    assert.equal((await acme('GET', `/cloud/v1/imports/${importId}`)).status, 200);
  });

  it('cannot import into a name that is taken', async () => {
    const answer = await bolt('POST', '/cloud/v1/imports', {
      modelName: 'acme/open',
      source: 'https://example.com/x.gguf',
    });

    assert.equal(answer.status, 409);
    assert.equal(codeOf(answer.body), 'model.name_taken');
  });

  it('learns nothing of a private base or derivative', async () => {
    const card = (base: string): string => `---\nbase_model: ${base}\n---\n`;
    const both = ['m.gguf', 'README.md'];
    await writeFile(`${folder}/README.md`, card('acme/open'));
    await bundle(ACME, 'acme/child', 'private', both);
    await writeFile(`${folder}/README.md`, card('acme/secret'));
    await bundle(BOLT, 'bolt/guess', 'private', both);
    await bundle(ACME, 'acme/shown', 'public', both);

    const open = await hub.showModel(BOLT, 'acme/open');
    const guess = await hub.showModel(BOLT, 'bolt/guess');
    const shown = await hub.showModel(BOLT, 'acme/shown');
    const own = await hub.showModel(ACME, 'acme/shown');
    const mother = await hub.showModel(ACME, 'acme/secret');

    assert.deepEqual(open.derivatives, []);
    assert.equal(guess.bases[0]?.modelId, null);
    assert.equal(shown.bases[0]?.modelId, null);
    assert.equal(own.bases[0]?.modelId, secret.modelId);
    assert.deepEqual(mother.derivatives, [{ name: 'acme/shown', relation: 'quantized' }]);
  });
});

describe('the routes', () => {
  it('ask for the role that fits', async () => {
    const viewer = callAs(hub, ACME, 'viewer');
    const asked = { modelName: 'acme/x', source: 'https://example.com/x.gguf' };

    assert.equal((await viewer('GET', '/cloud/v1/models')).status, 200);
    assert.equal((await viewer('POST', '/cloud/v1/imports', asked)).status, 403);
    assert.equal((await viewer('DELETE', '/cloud/v1/models/acme/open')).status, 403);
    assert.equal((await viewer('DELETE', `/cloud/v1/imports/${importId}`)).status, 403);
  });

  it('say what is wrong with a request', async () => {
    const post = (body: unknown) => acme('POST', '/cloud/v1/imports', body);
    const name = 'acme/x';
    const cases: readonly (readonly [unknown, number, string])[] = [
      [{ modelName: 'nope', source: 'https://example.com/a.gguf' }, 400, 'request.invalid'],
      [{ modelName: 'api/x', source: 'https://example.com/a.gguf' }, 400, 'model.name_invalid'],
      [{ modelName: name, source: 'ftp://example.com/x' }, 400, 'import.source_invalid'],
      [{ modelName: name, source: 'x.gguf' }, 400, 'import.source_invalid'],
      [{ modelName: name, source: 'https://me:pw@example.com/x' }, 400, 'import.source_invalid'],
      [{ modelName: name, source: '/etc/passwd' }, 403, 'import.local_denied'],
      [{ modelName: name, source: 'file:///etc/passwd' }, 403, 'import.local_denied'],
      [{ modelName: name }, 400, 'request.invalid'],
    ];
    for (const [body, status, code] of cases) {
      const answer = await post(body);
      assert.equal(answer.status, status, JSON.stringify(body));
      assert.equal(codeOf(answer.body), code, JSON.stringify(body));
    }
    assert.equal((await acme('GET', '/cloud/v1/models?limit=0')).status, 400);
    assert.equal((await acme('GET', '/cloud/v1/models?cursor=x')).status, 400);
    assert.equal((await acme('DELETE', `/cloud/v1/imports/${importId}`)).status, 409);
  });

  it('give lists page by page', async () => {
    const seen: string[] = [];
    let cursor = '';
    for (let pages = 0; pages < 10; pages += 1) {
      const { body } = await acme('GET', `/cloud/v1/models?limit=2${cursor}`);
      seen.push(...names(body, false));
      const { nextCursor } = body;
      if (typeof nextCursor !== 'string') break;
      cursor = `&cursor=${nextCursor}`;
    }

    assert.deepEqual(seen, ['acme/shown', 'acme/child', 'acme/open', 'acme/secret']);
  });
});

describe('the routes for nodes', () => {
  it('tell the files of a revision and which of them are the weights', async () => {
    const path = `/internal/v1/revisions/${secret.modelId}/${secret.revisionId}`;
    const { status, body } = await operator('GET', path);

    assert.equal(status, 200);
    assert.deepEqual(body['files'], [{ path: 'm.gguf', sizeBytes: model.length, sha256 }]);
    assert.deepEqual(body['weights'], { path: 'm.gguf', sizeBytes: model.length, sha256 });
    assert.equal(body['adapterOf'], null);
    const none = await operator('GET', `/internal/v1/revisions/${secret.modelId}/none`);
    assert.equal(none.status, 404);
  });

  it('give the bytes of a blob, and any part of them', async () => {
    const path = `/internal/v1/blobs/${sha256}`;
    const whole = await get(path);
    const part = await get(path, 'bytes=10-19');
    const tail = await get(path, 'bytes=-5');
    const beyond = await get(path, `bytes=${model.length}-`);

    assert.equal(whole.response.status, 200);
    assert.equal(whole.response.headers.get('content-length'), String(model.length));
    assert.deepEqual(whole.bytes, model);
    assert.equal(part.response.status, 206);
    assert.equal(part.response.headers.get('content-range'), `bytes 10-19/${model.length}`);
    assert.deepEqual(part.bytes, model.subarray(10, 20));
    assert.deepEqual(tail.bytes, model.subarray(-5));
    assert.equal(beyond.response.status, 416);
    for (const unknown of ['f'.repeat(64), 'zz', '..%2f..']) {
      const missing = await operator('GET', `/internal/v1/blobs/${unknown}`);
      assert.equal(missing.status, 404);
      assert.equal(codeOf(missing.body), 'blob.unknown');
    }
  });
});

async function get(path: string, range?: string) {
  const headers: Record<string, string> = range === undefined ? {} : { range };
  const response = await createHubInternalRoutes(hub).request(path, { headers });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

function names(body: Record<string, unknown>, isSorted = true): string[] {
  const data = body['data'];
  assert.ok(Array.isArray(data));
  const found = data.map((model: { name: string }) => model.name);
  return isSorted ? found.toSorted() : found;
}

function codeOf(body: Record<string, unknown>): unknown {
  return (body['error'] as { code: string }).code;
}
