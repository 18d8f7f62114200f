/** The addresses of Hugging Face's clients on a real hub: what each answers, refuses, and hides. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../../test/database.ts';
import { tinyGguf } from '../../../test/tiny-gguf.ts';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';
import { ACME, BOLT, createHubWorld, writeFolder } from '../hub-fixture.ts';
import { ANONYMOUS_REQUESTS } from '../face/anonymous-rate.ts';
import { createHuggingFaceRoutes } from './routes.ts';

const world = await createHubWorld(await createTestDatabase());
const { hub, clock } = world;
const principalOf = (tenantId: string): Principal => ({
  tenantId,
  tenantKind: 'customer',
  role: 'developer',
  userId: null,
  keyId: 'key_1',
  projectId: 'prj_1',
});
const app = createApi<CloudEnv>();
handleErrors(app, silentLog);
app.route(
  '/',
  createHuggingFaceRoutes({
    hub,
    clock,
    tenancy: {
      authenticate: async (headers) => {
        const token = headers.get('authorization')?.replace('Bearer ', '');
        return token === ACME || token === BOLT ? principalOf(token) : null;
      },
      me: () => Promise.reject(new Error('no test here asks')),
      publicUrl: 'http://localhost',
    },
  }),
);

type Asked = Readonly<{ as?: string; method?: string; headers?: object; body?: string }>;

async function ask(path: string, { as, headers, ...rest }: Asked = {}): Promise<Response> {
  const authorization = as === undefined ? {} : { authorization: `Bearer ${as}` };
  return app.request(path, { ...rest, headers: { ...authorization, ...headers } });
}

type Entry = Readonly<{
  id: string;
  type: string;
  path: string;
  size: number;
  rfilename: string;
  title: string;
  lfs: Readonly<{ sha256: string }>;
  lastCommit: Readonly<{ id: string }>;
}>;
type Info = Readonly<{
  id: string;
  sha: string;
  private: boolean;
  pipeline_tag: string;
  downloads: number;
  cardData: Readonly<Record<string, unknown>>;
  tags: readonly string[];
  siblings: readonly Entry[];
}>;

async function json<T>(path: string, asked?: Asked): Promise<T> {
  const body: T = JSON.parse(await (await ask(path, asked)).text());
  return body;
}

const weights = tinyGguf({ seed: 1 });
const sha256 = createHash('sha256').update(weights).digest('hex');
const README =
  '---\nlicense: MIT\npipeline_tag: text-generation\ntags: [small]\nbase_model: lab/base\n---\n\nHi.\n';
const files = ['m.gguf', 'README.md', 'sub/notes.txt'];
const folder = await writeFolder(world, {
  'm.gguf': weights,
  'README.md': README,
  'sub/notes.txt': 'one',
});
const rest = { folder, license: null, message: 'first', files };
const open = await hub.importBundled(ACME, {
  ...rest,
  modelName: 'acme/open',
  visibility: 'public',
});
clock.advance(1);
await hub.importBundled(ACME, { ...rest, modelName: 'acme/secret', visibility: 'private' });
const sha = open.revisionId;

describe('a model', () => {
  it('is described with its files, tags and card', async () => {
    const info = await json<Info>('/api/models/acme/open?blobs=true');

    assert.equal(info.id, 'acme/open');
    assert.equal(info.sha, sha);
    assert.equal(info.private, false);
    assert.equal(info.pipeline_tag, 'text-generation');
    assert.deepEqual(info.cardData.license, 'MIT');
    for (const tag of ['small', 'gguf', 'license:mit', 'base_model:lab/base'])
      assert.ok(info.tags.includes(tag), tag);
    assert.deepEqual(
      info.siblings.map(({ rfilename }) => rfilename),
      ['README.md', 'm.gguf', 'sub/notes.txt'],
    );
    const [, file] = info.siblings;
    assert.deepEqual([file?.size, file?.lfs.sha256], [weights.length, sha256]);
    assert.equal(info.downloads, 0);
  });

  it('is described by the fields that were asked for', async () => {
    const info = await json<object>(`/api/models/acme/open/revision/${sha}?expand=sha&expand=tags`);
    assert.deepEqual(Object.keys(info).toSorted(), ['_id', 'id', 'modelId', 'sha', 'tags']);
  });

  it('has one branch, its revisions as commits, and its tree', async () => {
    const main = { name: 'main', ref: 'refs/heads/main', targetCommit: sha };
    const refs = { branches: [main], converts: [], tags: [], pullRequests: [] };
    assert.deepEqual(await json('/api/models/acme/open/refs'), refs);
    const [commit] = await json<Entry[]>('/api/models/acme/open/commits/main');
    assert.deepEqual([commit?.id, commit?.title], [sha, 'first']);
    const tree = await json<Entry[]>('/api/models/acme/open/tree/main');
    assert.deepEqual(
      tree.map(({ type, path }) => `${type} ${path}`),
      ['file README.md', 'file m.gguf', 'directory sub'],
    );
    const below = await json<Entry[]>('/api/models/acme/open/tree/master/sub');
    assert.deepEqual(
      below.map(({ path, size }) => [path, size]),
      [['sub/notes.txt', 3]],
    );
  });

  it('tells of some of its paths, and says nothing of those it does not have', async () => {
    const found = await json<Entry[]>('/api/models/acme/open/paths-info/main', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'paths=m.gguf&paths=nothing&paths=sub&expand=True',
    });
    assert.deepEqual(
      found.map(({ path }) => path),
      ['m.gguf', 'sub'],
    );
    assert.equal(found[0]?.lastCommit.id, sha);
  });
});

describe('a file', () => {
  const url = '/acme/open/resolve/main/m.gguf';

  it('is announced with its commit, its hash and its size, and sent whole', async () => {
    const head = await ask(url, { method: 'HEAD' });
    assert.deepEqual(
      ['x-repo-commit', 'etag', 'content-length', 'x-linked-size'].map((name) =>
        head.headers.get(name),
      ),
      [sha, `"${sha256}"`, String(weights.length), String(weights.length)],
    );
    const got = await ask(url);
    assert.ok(weights.equals(Buffer.from(await got.arrayBuffer())));
  });

  it('goes on from any byte', async () => {
    const got = await ask(url, { headers: { range: 'bytes=100-' } });
    assert.equal(got.status, 206);
    assert.equal(
      got.headers.get('content-range'),
      `bytes 100-${weights.length - 1}/${weights.length}`,
    );
    assert.ok(weights.subarray(100).equals(Buffer.from(await got.arrayBuffer())));
    const past = await ask(url, { headers: { range: `bytes=${weights.length}-` } });
    assert.deepEqual(
      [past.status, past.headers.get('content-range')],
      [416, `bytes */${weights.length}`],
    );
  });

  it('is never taken for a page by a browser', async () => {
    const { headers } = await ask(`/acme/open/resolve/${sha}/sub/notes.txt`);
    assert.equal(headers.get('content-type'), 'application/octet-stream');
    assert.match(headers.get('content-disposition') ?? '', /^attachment/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.match(headers.get('content-security-policy') ?? '', /sandbox/);
  });
});

describe('what is not there', () => {
  for (const [what, path, code] of [
    ['a model', '/api/models/acme/none', 'RepoNotFound'],
    ['a name that is none', '/api/models/acme/..%2Fx', 'RepoNotFound'],
    ['a revision', '/api/models/acme/open/revision/v2', 'RevisionNotFound'],
    ['a revision by its hash', `/acme/open/resolve/${'0'.repeat(40)}/m.gguf`, 'RevisionNotFound'],
    ['a file', '/acme/open/resolve/main/none.txt', 'EntryNotFound'],
    ['a folder', '/api/models/acme/open/tree/main/none', 'EntryNotFound'],
  ] as const) {
    it(`is said as ${code}: ${what}`, async () => {
      const response = await ask(path);
      assert.deepEqual([response.status, response.headers.get('x-error-code')], [404, code]);
      assert.equal(response.headers.get('x-repo-commit'), code === 'EntryNotFound' ? sha : null);
    });
  }

  it('and what is not answered here end with 404 in words', async () => {
    const response = await ask('/api/models/acme/open/xet-read-token/main');
    assert.equal(response.status, 404);
    assert.match(await response.text(), /does not answer GET/);
  });
});

describe('a private model', () => {
  it('is there for its tenant, and for all others as if it were not', async () => {
    assert.equal((await json<Info>('/api/models/acme/secret', { as: ACME })).id, 'acme/secret');
    for (const path of [
      '/api/models/NAME',
      '/api/models/NAME/revision/main',
      '/api/models/NAME/refs',
      '/api/models/NAME/commits/main',
      '/api/models/NAME/tree/main',
      '/api/models/NAME/auth-check',
      '/NAME/resolve/main/m.gguf',
    ]) {
      for (const as of [BOLT, undefined]) {
        const asked = as === undefined ? {} : { as };
        const hidden = await ask(path.replace('NAME', 'acme/secret'), asked);
        const missing = await ask(path.replace('NAME', 'acme/secreT'), asked);
        assert.equal(hidden.status, 404, path);
        assert.equal(
          (await hidden.text()).replace('secret', ''),
          (await missing.text()).replace('secreT', ''),
        );
      }
    }
  });

  it('is listed for its tenant only', async () => {
    const names = async (query: string, asked?: Asked) =>
      (await json<Entry[]>(`/api/models${query}`, asked)).map(({ id }) => id);
    assert.deepEqual(await names('', { as: ACME }), ['acme/secret', 'acme/open']);
    assert.deepEqual(await names('', { as: BOLT }), ['acme/open']);
    assert.deepEqual(await names('?author=acme&filter=license:mit&filter=gguf'), ['acme/open']);
    assert.deepEqual(await names('?filter=base_model:finetune:lab/base&search=op'), []);
    assert.deepEqual(await names('?filter=base_model:quantized:lab/base'), ['acme/open']);
    assert.deepEqual(await names('?author=bolt'), []);
    const first = await ask('/api/models?limit=1', { as: ACME });
    const next = /<http:\/\/localhost(.*)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1];
    assert.deepEqual(await names(next?.replace('/api/models', '') ?? '', { as: ACME }), [
      'acme/open',
    ]);
    assert.deepEqual(await names('?sort=likes'), ['acme/open']);
    assert.equal((await ask('/api/models?sort=weight')).status, 400);
  });
});

describe('a caller', () => {
  it('with a wrong token is told so and not taken for a stranger', async () => {
    const response = await ask('/api/models/acme/open', { as: 'hf_wrong' });
    assert.equal(response.status, 401);
    assert.equal(
      response.headers.get('x-error-message'),
      'Invalid credentials in Authorization header',
    );
    assert.equal((await ask('/api/whoami-v2')).status, 401);
  });

  it('without a token may ask so often, by address; with one as often as it likes', async () => {
    const headers = { 'x-forwarded-for': '2001:db8::1' };
    for (let count = 0; count < ANONYMOUS_REQUESTS; count += 1) {
      await ask('/api/models/acme/none', { headers });
    }
    const neighbour = { headers: { 'x-forwarded-for': '2001:db8::2' } };
    const refused = await ask('/acme/open/resolve/main/m.gguf', neighbour);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '300']);
    assert.match(refused.headers.get('ratelimit') ?? '', /r=0;t=300/);
    assert.equal((await ask('/api/models/acme/open', { as: BOLT, headers })).status, 200);
    const other = { headers: { 'x-forwarded-for': '2001:db8:0:1::1' } };
    assert.equal((await ask('/api/models/acme/open', other)).status, 200);
    clock.advance(5 * 60_000);
    assert.equal((await ask('/api/models/acme/open', { headers })).status, 200);
  });
});
