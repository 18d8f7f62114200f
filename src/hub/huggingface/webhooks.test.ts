import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '#platform/log.ts';
import type { Principal } from '#tenancy/principal.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { createTestVault, startReceiver } from '../../notices/notices-fixture.ts';
import { createNotices } from '../../notices/notices.ts';
import { ACME, BOLT, createHubWorld } from '../hub-fixture.ts';
import type { Hub } from '../hub.ts';
import { READER, createFace, put } from './writing-fixture.ts';

const world = await createHubWorld(await createTestDatabase());
const { database } = world.database;
const vault = await createTestVault(database);
const rest = { mailer: null, publicUrl: 'https://cloud.example', log: silentLog };
const notices = createNotices({ database, clock: world.clock, vault, ...rest });
const hub = world.createHub({ hooks: notices.hubWebhooks, publicUrl: rest.publicUrl });
const { ask, commit } = createFace(world, hub);
const receiver = await startReceiver();

/** Only the operator may name an address of this machine. */
const caller = (tenantId: string): Principal => ({
  tenantId,
  tenantKind: 'operator',
  role: 'developer',
  userId: null,
  keyId: 'key_1',
  projectId: null,
});

async function watch(
  tenantId: string,
  name: string,
  domains: Parameters<NonNullable<Hub['watches']>['create']>[1]['domains'] = ['repo', 'discussion'],
): Promise<string> {
  const watched = [{ type: name.includes('/') ? ('model' as const) : ('org' as const), name }];
  const wish = { url: receiver.url, secret: 'let me in', allowsPrivate: true, watched, domains };
  const made = await hub.watches?.create(caller(tenantId), wish);
  return made?.id ?? '';
}

type Told = Readonly<{
  event: Readonly<{ action: string; scope: string }>;
  repo: Readonly<{ name: string; url: Readonly<{ web: string }>; private: boolean }>;
  discussion?: Readonly<{ num: number; title: string; status: string; isPullRequest: boolean }>;
  comment?: Readonly<{ content: string; author: Readonly<{ id: string }> }>;
  webhook: Readonly<{ id: string; version: number }>;
  movedTo?: Readonly<{ name: string }>;
  updatedRefs?: readonly Readonly<{ ref: string; newSha: string }>[];
}>;

/** What a webhook was told since the last time, in no order. */
async function toldOf(id: string): Promise<readonly Told[]> {
  while ((await notices.deliver()) > 0);
  const told = receiver.received.map(({ body }): Told => JSON.parse(body));
  return told.filter(({ webhook }) => webhook.id === id);
}

const scopes = (told: readonly Told[]): readonly string[] =>
  told.map(({ event }) => `${event.scope} ${event.action}`).toSorted();

const create = (name: string, visibility: string) =>
  ask('/api/repos/create', { json: { name, organization: 'acme', visibility } });

describe('webhooks of repositories', () => {
  it('hear of what happens there, in the words and with the secret that receivers know', async () => {
    const id = await watch(ACME, 'acme/watched');
    await create('watched', 'public');
    await commit('acme/watched', [put('a.txt', 'a')]);
    const json = { title: 'Hello', description: 'Hi.' };
    await ask('/api/models/acme/watched/discussions', { as: BOLT, json });
    const said = { as: BOLT, json: { comment: 'Anyone?' } };
    await ask('/api/models/acme/watched/discussions/1/comment', said);
    await commit('acme/watched', [put('b.txt', 'b')], { as: BOLT, query: '?create_pr=1' });
    await ask('/api/models/acme/watched/discussions/2/merge', { json: {} });
    await ask('/api/repos/move', { json: { fromRepo: 'acme/watched', toRepo: 'acme/moved' } });

    const told = await toldOf(id);
    assert.deepEqual(scopes(told), [
      'discussion create',
      'discussion create',
      'discussion update',
      'discussion.comment create',
      'repo create',
      'repo move',
      'repo.content update',
      'repo.content update',
      'repo.content update',
    ]);
    assert.ok(told.every(({ webhook, repo }) => webhook.version === 3 && !repo.private));
    const comment = told.find(({ event }) => event.scope === 'discussion.comment');
    assert.deepEqual(comment?.comment?.author, { id: 'bolt' });
    assert.equal(comment?.comment?.content, 'Anyone?');
    assert.equal(comment?.repo.url.web, 'https://cloud.example/acme/watched');
    const refs = told.flatMap(({ updatedRefs }) => updatedRefs?.map(({ ref }) => ref) ?? []);
    assert.deepEqual(refs.toSorted(), ['refs/heads/main', 'refs/heads/main', 'refs/pr/2']);
    const merged = told.find(({ discussion }) => discussion?.status === 'merged');
    assert.deepEqual([merged?.discussion?.num, merged?.discussion?.isPullRequest], [2, true]);
    assert.equal(told.find(({ movedTo }) => movedTo)?.movedTo?.name, 'acme/moved');
    assert.ok(
      receiver.received.every(({ secret, signature }) => secret === 'let me in' && signature),
    );
  });

  it('hear of a private repository only where they may see it, also by its owner', async () => {
    const [own, other] = [await watch(ACME, 'acme'), await watch(BOLT, 'acme')];
    await create('secret', 'private');
    await ask('/api/models/acme/secret/discussions', { json: { title: 'Inside' } });
    await create('open', 'public');
    assert.deepEqual(scopes(await toldOf(own)), [
      'discussion create',
      'repo create',
      'repo create',
    ]);
    assert.deepEqual(
      (await toldOf(other)).map(({ repo }) => repo.name),
      ['acme/open'],
    );
    await ask('/api/repos/delete', {
      method: 'DELETE',
      json: { name: 'open', organization: 'acme' },
    });
    assert.ok(scopes(await toldOf(other)).includes('repo delete'));
  });

  it('hear nothing while they are disabled, and only of what they asked for', async () => {
    const id = await watch(ACME, 'acme/quiet', ['discussion']);
    await create('quiet', 'public');
    const talk = (title: string) => ask('/api/models/acme/quiet/discussions', { json: { title } });
    const turn = (way: string) => ask(`/api/settings/webhooks/${id}/${way}`, { method: 'POST' });
    assert.equal((await turn('disable')).status, 200);
    await talk('unheard');
    assert.equal((await turn('enable')).status, 200);
    await talk('heard');
    const titles = (await toldOf(id)).map(({ discussion }) => discussion?.title);
    assert.deepEqual(titles, ['heard']);
  });

  it("are made, changed and removed by Hugging Face's calls, and belong to their tenant", async () => {
    const watched = [{ type: 'model', name: 'acme/some' }];
    const url = 'https://example.com/hook';
    const asked = { url, watched, domains: ['repo'], secret: 's' };
    const { body } = await ask('/api/settings/webhooks', { json: asked });
    const { webhook }: { webhook?: Record<string, unknown> } = body;
    assert.deepEqual(
      [webhook?.['url'], webhook?.['watched'], webhook?.['disabled'], webhook?.['secret']],
      [url, watched, false, 's'],
    );
    const path = `/api/settings/webhooks/${String(webhook?.['id'])}`;
    const changed = await ask(path, { json: { watched: [], url: `${url}/2` } });
    const { webhook: after }: { webhook?: Record<string, unknown> } = changed.body;
    assert.deepEqual(
      [after?.['url'], after?.['watched'], after?.['secret']],
      [`${url}/2`, watched, null],
    );
    for (const method of ['GET', 'DELETE']) {
      assert.equal((await ask(path, { as: BOLT, method })).status, 404);
    }
    assert.equal((await ask('/api/settings/webhooks', { as: READER, json: asked })).status, 403);
    for (const bad of ['http://example.com/', 'https://127.0.0.1/', 'https://10.0.0.1/x']) {
      const refused = await ask('/api/settings/webhooks', { json: { ...asked, url: bad } });
      assert.equal(refused.status, 400, bad);
    }
    assert.equal((await ask(path, { method: 'DELETE' })).status, 200);
    assert.equal((await ask(path)).status, 404);
  });
});
