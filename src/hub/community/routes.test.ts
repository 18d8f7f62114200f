import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { ACME, BOLT, createHubWorld } from '../hub-fixture.ts';
import { createFace, put } from '../huggingface/writing-fixture.ts';
import { createCollectionRoutes } from './collection-routes.ts';
import { createDiscussionRoutes } from './discussion-routes.ts';

const world = await createHubWorld(await createTestDatabase());
const face = createFace(world);

/** Our own API as a member of a tenant calls it. */
function callAs(tenantId: string, userId = 'usr_1', role: Principal['role'] = 'developer') {
  const app = createApi<CloudEnv>();
  handleErrors(app, silentLog);
  const principal = { tenantId, tenantKind: 'customer', role, userId, keyId: null } as const;
  app.use(async (context, next) => {
    context.set('principal', { ...principal, projectId: null });
    await next();
  });
  const parts = { hub: world.hub, tenancy: face.tenancy };
  app.route('/', createDiscussionRoutes(parts));
  app.route('/', createCollectionRoutes(parts));
  return async (method: string, path: string, body?: unknown) => {
    const response = await app.request(path, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    const text = await response.text();
    const seen: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {};
    return { status: response.status, body: seen };
  };
}

const acme = callAs(ACME);
const bolt = callAs(BOLT);
const at = (name: string, rest: string) => `/cloud/v1/repositories/model/acme/${name}/${rest}`;

async function create(name: string, visibility = 'public'): Promise<void> {
  await face.ask('/api/repos/create', { json: { name, organization: 'acme', visibility } });
  await face.commit(`acme/${name}`, [put('a.txt', 'one\n')]);
}

describe('discussions on our own API', () => {
  it('say what the caller may do, and keep colleagues from changing each other’s words', async () => {
    await create('own');
    const opened = await bolt('POST', at('own', 'discussions'), { title: 'Hello', text: 'Hi.' });
    assert.equal(opened.status, 201);
    assert.deepEqual(opened.body['may'], { comment: true, change: true, govern: false });
    const { events = [] }: { events?: { id: string; isYours: boolean }[] } = opened.body;
    const path = at('own', `discussions/1/comments/${events[0]?.id ?? ''}`);
    const colleague = callAs(BOLT, 'usr_2');
    assert.equal((await colleague('PATCH', path, { text: 'Changed' })).status, 403);
    assert.equal((await bolt('PATCH', path, { text: 'Changed' })).status, 200);
    const { body } = await acme('GET', at('own', 'discussions/1'));
    assert.deepEqual(body['may'], { comment: true, change: true, govern: true });
  });

  it('are closed to others while they are locked', async () => {
    await create('locked');
    await bolt('POST', at('locked', 'discussions'), { title: 'Hello' });
    const one = at('locked', 'discussions/1');
    assert.equal((await bolt('PATCH', one, { isLocked: true })).status, 403);
    assert.equal((await acme('PATCH', one, { isLocked: true })).status, 200);
    assert.equal((await bolt('POST', `${one}/comments`, { text: 'But' })).status, 403);
    assert.equal((await bolt('PATCH', one, { status: 'closed' })).status, 403);
    assert.equal((await acme('POST', `${one}/comments`, { text: 'Enough' })).status, 201);
  });

  it('show what a pull request and a commit change, by lines, and merge it', async () => {
    await create('changed');
    const change = [put('a.txt', 'two\n'), put('b.bin', '\0')];
    const pull = await face.commit('acme/changed', change, { as: BOLT, query: '?create_pr=1' });
    const files = (body: Record<string, unknown>) => {
      const { files: found = [] }: { files?: { path: string; hunks: unknown[] | null }[] } = body;
      return found.map(({ path, hunks }) => [path, hunks?.length ?? null]);
    };
    const expected = [
      ['a.txt', 1],
      ['b.bin', null],
    ];
    assert.deepEqual(
      files((await bolt('GET', at('changed', 'discussions/1/changes'))).body),
      expected,
    );
    const commit = String(pull.body['commitOid']);
    assert.deepEqual(
      files((await bolt('GET', at('changed', `commits/${commit}/changes`))).body),
      expected,
    );
    assert.equal((await bolt('POST', at('changed', 'discussions/1/merge'))).status, 403);
    const merged = await acme('POST', at('changed', 'discussions/1/merge'));
    assert.deepEqual([merged.status, merged.body['status']], [200, 'merged']);
    assert.deepEqual(merged.body['pull'], { mergeRevisionId: commit, conflicts: [] });
  });

  it('are numbered once, however many are opened at the same time', async () => {
    await create('many');
    const opened = await Promise.all([
      ...['a', 'b', 'c'].map((title) => bolt('POST', at('many', 'discussions'), { title })),
      ...['x', 'y'].map((text) =>
        face.commit('acme/many', [put(text, text)], { as: BOLT, query: '?create_pr=1' }),
      ),
    ]);
    assert.deepEqual(
      opened.map(({ status }) => status),
      [201, 201, 201, 200, 200],
    );
    const { body } = await acme('GET', at('many', 'discussions'));
    const { data = [] }: { data?: { num: number }[] } = body;
    assert.deepEqual(
      data.map(({ num }) => num),
      [5, 4, 3, 2, 1],
    );
  });

  it('of what a tenant may not see are as unknown as what there is not', async () => {
    await create('hidden', 'private');
    await acme('POST', at('hidden', 'discussions'), { title: 'Secret' });
    const calls = [
      ['GET', 'discussions'],
      ['POST', 'discussions', { title: 'x' }],
      ['GET', 'discussions/1'],
      ['PATCH', 'discussions/1', { status: 'closed' }],
      ['POST', 'discussions/1/comments', { text: 'x' }],
      ['PATCH', 'discussions/1/comments/evt_1', { text: 'x' }],
      ['DELETE', 'discussions/1/comments/evt_1'],
      ['GET', 'discussions/1/changes'],
      ['POST', 'discussions/1/merge'],
      ['GET', 'commits/main/changes'],
      ['GET', 'like'],
    ] as const;
    for (const [method, path, body] of calls) {
      const theirs = await bolt(method, at('hidden', path), body);
      const unknown = await bolt(method, at('nothing', path), body);
      assert.deepEqual([theirs.status, unknown.status], [404, 404], path);
      const said = JSON.stringify(theirs.body['error']).replaceAll('hidden', 'nothing');
      const [a, b] = [said, JSON.stringify(unknown.body['error'])].map(withoutRequest);
      assert.equal(a, b, path);
    }
  });
});

describe('collections on our own API', () => {
  it('are made by those who may write, and kept from everybody else', async () => {
    const viewer = callAs(ACME, 'usr_3', 'viewer');
    const asked = { title: 'Ours', isPrivate: true };
    assert.equal((await viewer('POST', '/cloud/v1/collections', asked)).status, 403);
    await create('kept');
    const made = await acme('POST', '/cloud/v1/collections', asked);
    assert.deepEqual([made.status, made.body['owner'], made.body['isYours']], [201, 'acme', true]);
    const path = `/cloud/v1/collections/${String(made.body['slug'])}`;
    const item = { kind: 'model', name: 'acme/kept' };
    assert.equal((await acme('POST', `${path}/items`, item)).status, 201);
    for (const [method, rest, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { title: 'x' }],
      ['DELETE', '', undefined],
      ['POST', '/items', item],
    ] as const) {
      assert.equal((await bolt(method, path + rest, body)).status, 404, method);
    }
    const { body } = await bolt('GET', '/cloud/v1/collections?owner=acme');
    assert.deepEqual(body['data'], []);
    assert.equal((await viewer('DELETE', path)).status, 403);
    assert.equal((await acme('DELETE', path)).status, 204);
  });
});

function withoutRequest(text: string): string {
  return text.replaceAll(/req_\w+/g, 'req');
}
