/** What a role in one repository lets another tenant do, by the clients' own addresses. @also postgresql */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../../test/database.ts';
import { ACME, BOLT, callAs, createHubWorld } from '../hub-fixture.ts';
import { createFace, put } from '../huggingface/writing-fixture.ts';
import { createGrantRoutes } from './routes.ts';

const world = await createHubWorld(await createTestDatabase());
const { hub } = world;
const face = createFace(world);
const call = (tenantId: string, role?: 'viewer') =>
  callAs(hub, tenantId, role ?? 'owner', (of) => createGrantRoutes(of));
const acme = call(ACME);
const bolt = call(BOLT);

async function make(name: string, organization = 'acme', as = ACME): Promise<string> {
  const json = { name, organization, visibility: 'private' };
  assert.equal((await face.ask('/api/repos/create', { as, json })).status, 200);
  await face.commit(`${organization}/${name}`, [put('a.txt', 'one')], { as });
  return `/cloud/v1/repositories/model/${organization}/${name}/grants`;
}

// So that Bolt holds a name.
await make('own', 'bolt', BOLT);

const reads = async (name: string) =>
  (await face.ask(`/acme/${name}/resolve/main/a.txt`, { as: BOLT })).status;
const writes = async (name: string) =>
  (await face.commit(`acme/${name}`, [put('b.txt', String(Math.random()))], { as: BOLT })).status;
const governs = async (name: string) =>
  (
    await face.ask(`/api/models/acme/${name}/settings`, {
      as: BOLT,
      method: 'PUT',
      json: { gated: 'auto' },
    })
  ).status;

describe('a role in one repository', () => {
  it('lets its holder do what it says, and nothing when it is taken away', async () => {
    const at = await make('shared');
    await make('beside');
    assert.deepEqual([await reads('shared'), await writes('shared')], [404, 404]);

    const read = await acme('PUT', `${at}/Bolt`, { role: 'read' });
    assert.equal(read.status, 200, JSON.stringify(read.body));
    assert.deepEqual([await reads('shared'), await writes('shared')], [200, 403]);
    assert.equal(await reads('beside'), 404);

    await acme('PUT', `${at}/bolt`, { role: 'write' });
    assert.deepEqual([await writes('shared'), await governs('shared')], [200, 403]);
    await acme('PUT', `${at}/bolt`, { role: 'admin' });
    assert.equal(await governs('shared'), 200);
    const { body } = await acme('GET', at);
    const { data = [] }: { data?: Record<string, unknown>[] } = body;
    assert.deepEqual(
      data.map(({ owner, role }) => [owner, role]),
      [['bolt', 'admin']],
    );

    assert.equal((await acme('DELETE', `${at}/bolt`)).status, 200);
    assert.deepEqual([await reads('shared'), await writes('shared')], [404, 404]);
  });

  it('is found in lists by its holder alone', async () => {
    const at = await make('listed');
    const names = async (as: string) =>
      (await face.ask('/api/models?search=listed', { as })).response.text();
    assert.doesNotMatch(await names(BOLT), /acme\/listed/);
    await acme('PUT', `${at}/bolt`, { role: 'read' });
    assert.match(await names(BOLT), /acme\/listed/);
    assert.doesNotMatch(await names(''), /acme\/listed/);
  });

  it('is given and seen by those alone who may change the settings', async () => {
    const at = await make('governed');
    assert.equal((await bolt('GET', at)).status, 404);
    assert.equal((await bolt('PUT', `${at}/bolt`, { role: 'read' })).status, 404);
    assert.equal((await call(ACME, 'viewer')('GET', at)).status, 403);
    await acme('PUT', `${at}/bolt`, { role: 'write' });
    assert.equal((await bolt('PUT', `${at}/bolt`, { role: 'admin' })).status, 403);
    const own = await acme('PUT', `${at}/acme`, { role: 'read' });
    assert.deepEqual([own.status, codeOf(own.body)], [409, 'grant.own']);
    const nobody = await acme('PUT', `${at}/nobody-here`, { role: 'read' });
    assert.deepEqual([nobody.status, codeOf(nobody.body)], [404, 'grant.owner_unknown']);
    assert.equal((await acme('PUT', `${at}/bolt`, { role: 'all' })).status, 400);
  });

  it('never lets a member do more than at home', async () => {
    const at = await make('home');
    await acme('PUT', `${at}/bolt`, { role: 'admin' });
    const viewer = call(BOLT, 'viewer');
    assert.equal((await viewer('GET', '/cloud/v1/repositories/model/acme/home')).status, 200);
    assert.equal((await viewer('GET', at)).status, 403);
  });
});

function codeOf({ error }: Record<string, unknown>): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
}
