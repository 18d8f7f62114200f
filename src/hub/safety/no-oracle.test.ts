/**
 * Whether a private repository of somebody else is there shows nowhere: every route that names a repository
 * answers of it as of a name that nobody ever used, in status, words and headers. @also postgresql
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import { createPrincipalMiddleware } from '#tenancy/principal-middleware.ts';
import type { CloudEnv } from '#tenancy/principal.ts';
import { createSigning } from '#xet/signing.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { createCatalogueRoutes } from '../catalogue/routes.ts';
import { createCollectionRoutes } from '../community/collection-routes.ts';
import { createDiscussionRoutes } from '../community/discussion-routes.ts';
import { createGitRoutes } from '../git/routes.ts';
import { ACME, BOLT, createHubWorld } from '../hub-fixture.ts';
import { createHuggingFaceRoutes } from '../huggingface/routes.ts';
import { createFace } from '../huggingface/writing-fixture.ts';
import { createXetTokenRoutes } from '../huggingface/xet-routes.ts';
import { createModelScopeRoutes } from '../modelscope/routes.ts';
import { createRepositoryRoutes } from '../repository-routes.ts';
import { createHubRoutes } from '../routes.ts';

/** Of one length, so that no header differs by it. */
const THERE = 'hidden';
const ABSENT = 'absent';
const KINDS = ['model', 'dataset', 'space'] as const;

/** Of what is there in the repository, so that nothing but the right to see it is missing. */
const VALUES: Readonly<Record<string, string>> = {
  revision: 'main',
  path: 'README.md',
  num: '1',
  state: 'pending',
  branch: 'main',
  tag: 'v1',
  rest: 'verify',
};

const HASH = 'a'.repeat(64);
const HEADER = { key: 'header', value: { summary: 'Try', description: '' } };

/** What these addresses take, by their end. */
const BODIES: readonly (readonly [RegExp, unknown])[] = [
  [/^\/api\/v1\/.*\/commit\//, { actions: [{ action: 'delete', path: 'README.md' }] }],
  [/\/commit\/[^/]+$/, HEADER],
  [/\/preupload\//, { files: [{ path: 'x.txt', size: 1, sample: 'eA==' }] }],
  [/objects\/batch$/, { operation: 'upload', objects: [{ oid: HASH, size: 1 }] }],
  [/lfs-files\/batch$/, { deletions: { sha: [HASH] } }],
  [/lfs-files\/duplicate$/, { target: { type: 'model', name: 'bolt/own' }, files: [] }],
  [/paths-info\//, { paths: ['README.md'] }],
  [/\/settings$/, { private: false }],
  [/\/duplicate$/, { repository: 'bolt/copy' }],
  [/request\/(?:handle|grant)$/, { user: 'bolt', status: 'accepted' }],
  [/\/tag\//, { tag: 'v2' }],
  [/\/tag$/, { TagName: 'v2' }],
  [/^\/cloud\/.*\/discussions$/, { title: 'Hello there', text: 'Words' }],
  [/\/discussions$/, { title: 'Hello there', description: 'Words' }],
  [/\/title$/, { title: 'Another title' }],
  [/\/status$/, { status: 'closed' }],
  [/\/comment$/, { comment: 'Words' }],
  [/\/comments(?:\/[^/]+)?$/, { text: 'Words' }],
  [/\/edit$/, { content: 'Words' }],
];

const world = await createHubWorld(await createTestDatabase());
const { tenancy, ask } = createFace(world);
const signing = createSigning('secret of this test', world.clock);
const parts = { hub: world.hub, clock: world.clock, tenancy, xet: { signing } };

// In the order in which control has them.
const app = createApi<CloudEnv>();
handleErrors(app, silentLog);
app.use('/cloud/v1/*', createPrincipalMiddleware(tenancy));
app.route('/', createCatalogueRoutes(world.hub));
app.route('/', createHubRoutes(world.hub));
app.route('/', createRepositoryRoutes(world.hub));
app.route('/', createDiscussionRoutes(parts));
app.route('/', createCollectionRoutes(parts));
app.route('/', createXetTokenRoutes(parts));
app.route('/', createGitRoutes(parts));
app.route('/', createModelScopeRoutes(parts));
app.route('/', createHuggingFaceRoutes(parts));

const commentId = await furnish();

type Asked = Readonly<{ method: string; path: string; body?: string }>;

/** All routes with a repository in their address, of every kind; `NAME` stands for its name. */
const addressed: readonly Asked[] = [
  ...new Map(
    app.routes
      .filter(({ path }) => path.includes('/:owner/:name'))
      .flatMap(({ method, path }) =>
        (method === 'ALL' ? ['GET', 'POST'] : [method]).flatMap((one) =>
          kindsOf(path).map((concrete) => askedOf(one, concrete)),
        ),
      )
      .map((asked) => [`${asked.method} ${asked.path}`, asked]),
  ).values(),
];

/** And those with one in what is sent or asked for. */
const named: readonly Asked[] = [
  post('/api/repos/create', { name: 'NAME', organization: 'acme' }),
  post('/api/repos/delete', { name: 'NAME', organization: 'acme' }, 'DELETE'),
  post('/api/repos/move', { fromRepo: 'acme/NAME', toRepo: 'bolt/mine' }),
  post('/api/repos/move', { fromRepo: 'bolt/own', toRepo: 'acme/NAME' }),
  post('/api/models/bolt/own/duplicate', { repository: 'acme/NAME' }),
  post('/api/v1/models', { Owner: 'acme', Name: 'NAME' }),
  post('/api/collections/bolt/SLUG/items', { item: { type: 'model', id: 'acme/NAME' } }),
  post('/cloud/v1/imports', { modelName: 'acme/NAME', source: 'https://example.com/x.gguf' }),
  post('/api/settings/webhooks', {
    url: 'https://example.com/hook',
    watched: [{ type: 'model', name: 'acme/NAME' }],
  }),
  ...[
    '/api/models?search=NAME',
    '/api/models?author=acme&search=NAME',
    '/api/models?filter=base_model:acme/NAME',
    '/api/datasets?search=NAME',
    '/api/spaces?search=NAME',
    '/cloud/v1/models?search=NAME',
    '/cloud/v1/models/facets?search=NAME',
    '/cloud/v1/collections?item=acme/NAME',
    '/openapi/v1/models?search=NAME',
    '/openapi/v1/datasets?search=NAME',
  ].map((path) => ({ method: 'GET', path })),
];

describe('a private repository of another tenant', () => {
  for (const [who, as] of [
    ['no token', ''],
    ['a token of another tenant', BOLT],
    ['a token that is wrong', 'flw_wrong'],
  ] as const) {
    it(`is to ${who} as a name that nobody used, at every address`, async () => {
      const told: string[] = [];
      for (const asked of [...addressed, ...named]) {
        const there = await answer(asked, THERE, as);
        const absent = await answer(asked, ABSENT, as);
        if (JSON.stringify(there) === JSON.stringify(absent)) continue;
        told.push(`${asked.method} ${asked.path}: ${JSON.stringify([there, absent])}`);
      }
      assert.deepEqual(told, []);
    });
  }

  it('is there for its own tenant at each of these addresses, and still whole', async () => {
    const missed: string[] = [];
    // A question has no changes, a file is no folder, and locks are for nobody.
    const never = /\/discussions\/1\/changes|\/tree\/main\/README|\/info\/lfs\/locks/;
    for (const asked of addressed) {
      if (asked.method !== 'GET' || never.test(asked.path)) continue;
      const { status } = await answer(asked, THERE, ACME);
      if (status === 404) missed.push(asked.path);
    }
    assert.deepEqual(missed, []);
    assert.ok(addressed.length > 150, String(addressed.length));
  });

  it('is refused for what it is, and not for how it was asked', async () => {
    const others: string[] = [];
    for (const asked of addressed) {
      const { status, body } = await answer(asked, THERE, BOLT);
      if (status !== 404) others.push(`${status} ${asked.method} ${asked.path} ${body}`);
    }
    assert.deepEqual(others, []);
  });
});

/** What shows: all of it but the name that was asked for. */
async function answer({ method, path, body }: Asked, name: string, as: string) {
  const response = await app.request(path.replaceAll('NAME', name), {
    method,
    headers: {
      ...(as !== '' && { authorization: `Bearer ${as}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      // Strangers may ask so and so often from one address.
      'x-forwarded-for': crypto.randomUUID(),
    },
    ...(body !== undefined && { body: body.replaceAll('NAME', name) }),
  });
  const plain = (text: string) =>
    text.replaceAll(name, 'NAME').replace(/\breq_[0-9a-z]{26}\b/g, 'REQUEST');
  return {
    status: response.status,
    headers: [...response.headers].map(([key, value]) => [key, plain(value)]),
    body: plain(await response.text()),
  };
}

function post(path: string, json: object, method = 'POST'): Asked {
  return { method, path, body: JSON.stringify(json) };
}

/** One address for each kind that a pattern takes. */
function kindsOf(path: string): readonly string[] {
  const [pattern, words] = /:kinds\{\(\?:([^)]+)\)\}/.exec(path) ?? [];
  if (pattern !== undefined && words !== undefined) {
    return words.split('|').map((word) => path.replace(pattern, word));
  }
  return /:kind\b/.test(path) ? KINDS.map((kind) => path.replace(':kind', kind)) : [path];
}

function askedOf(method: string, pattern: string): Asked {
  const address = pattern
    .replace(':name{[^/]+\\.git}', 'NAME.git')
    .replace(/:(\w+)(?:\{(?:[^{}]|\{[^}]*\})+\})?/g, (_, key: string) => {
      if (key === 'owner') return 'acme';
      if (key === 'name') return 'NAME';
      return key === 'comment' ? commentId : (VALUES[key] ?? key);
    });
  const query = 'service=git-upload-pack&path=README.md&FilePath=README.md&Revision=master';
  const path = `${address}?${query}`;
  if (method === 'GET' || method === 'HEAD') return { method, path };
  return { method, path, body: bodyFor(address) };
}

function bodyFor(address: string): string {
  if (/git-(?:upload|receive)-pack$/.test(address)) return '0000';
  const found = BODIES.find(([pattern]) => pattern.test(address));
  return JSON.stringify(found?.[1] ?? {});
}

/** In each kind one with a file, a tag and a discussion; and what the other tenant asks with. */
async function furnish(): Promise<string> {
  let id = '';
  const files = [
    { path: 'README.md', content: Buffer.from('# Words').toString('base64'), encoding: 'base64' },
  ];
  for (const type of KINDS) {
    const sdk = type === 'space' ? { sdk: 'static' } : {};
    const json = { name: THERE, organization: 'acme', type, visibility: 'private', files, ...sdk };
    assert.equal((await ask('/api/repos/create', { json })).status, 200);
    const at = `/api/${type}s/acme/${THERE}`;
    assert.equal((await ask(`${at}/tag/main`, { json: { tag: 'v1' } })).status, 201);
    const opened = { title: 'A question', description: 'What is it?' };
    assert.equal((await ask(`${at}/discussions`, { json: opened })).status, 200);
    const said = await ask(`${at}/discussions/1/comment`, { json: { comment: 'Words' } });
    assert.equal(said.status, 200);
    const { newMessage }: { newMessage?: { id: string } } = said.body;
    id = newMessage?.id ?? '';
  }
  assert.notEqual(id, '');
  const own = { as: BOLT, json: { name: 'own', organization: 'bolt' } };
  assert.equal((await ask('/api/repos/create', own)).status, 200);
  return id;
}
