/** Who may see and change which webhooks, through the real routes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '#platform/log.ts';
import { type Answer, callerWithKey, createCloud, signIn } from '#tenancy/tenancy-fixture.ts';
import { createTestDatabase } from '../../test/database.ts';
import { createTestVault } from './notices-fixture.ts';
import { createNotices } from './notices.ts';
import { createNoticeRoutes } from './routes.ts';

const cloud = await createCloud(await createTestDatabase());
const { app, clock } = cloud;
const { database } = cloud.database;
const vault = await createTestVault(database);
const publicUrl = 'https://cloud.example';
const notices = createNotices({ database, clock, log: silentLog, vault, mailer: null, publicUrl });
app.route('/', createNoticeRoutes(notices));
const operator = callerWithKey(app, cloud.owner.apiKey);

const WEBHOOKS = '/cloud/v1/webhooks';
const WISH = { name: 'Mine', url: 'https://hooks.example.com/flywheel?from=flywheel' };

async function createCustomer(name: string) {
  const made = await operator('POST', '/cloud/v1/tenants', {
    name,
    owner: { name, email: `${name}@webhooks.example` },
  });
  return signIn(app, made.body.owner);
}

const acme = await createCustomer('acme');
const bolt = await createCustomer('bolt');
const keyOf = async (role: string) => {
  const { body } = await acme('POST', '/cloud/v1/keys', { name: role, role });
  return callerWithKey(app, body.secret);
};

const codeOf = ({ body }: Answer): string => body.error.code;

describe('webhooks', () => {
  it('show their secret once, turn it, and are changed and removed', async () => {
    const made = await acme('POST', WEBHOOKS, WISH);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.match(made.body.secret, /^whsec_/);
    const path = `${WEBHOOKS}/${made.body.id}`;

    const turned = await acme('POST', `${path}/rotate`);
    assert.notEqual(turned.body.secret, made.body.secret);
    const changed = await acme('PATCH', path, { kinds: ['invoice.issued'], state: 'paused' });
    const [listed] = (await acme('GET', WEBHOOKS)).body.data;

    assert.deepEqual(listed, changed.body);
    assert.equal(JSON.stringify(listed).includes('whsec_'), false);
    assert.deepEqual(listed.kinds, ['invoice.issued']);
    assert.equal((await acme('DELETE', path)).status, 204);
    assert.equal(codeOf(await acme('DELETE', path)), 'webhook.unknown');
  });

  for (const [what, wish, code] of [
    ['http', { url: 'http://hooks.example.com/' }, 'webhook.address_denied'],
    ['a machine of this network', { url: 'https://10.0.0.1/' }, 'webhook.address_denied'],
    ['the metadata of a cloud', { url: 'https://169.254.169.254/' }, 'webhook.address_denied'],
    ['a name of this network', { url: 'https://control.internal/' }, 'webhook.address_denied'],
    ['a password', { url: 'https://me:secret@example.com/' }, 'webhook.url_invalid'],
    ['no address at all', { url: 'hello' }, 'webhook.url_invalid'],
    ['the network of the operator', { allowsPrivate: true }, 'webhook.private_denied'],
    ['a kind that is none', { kinds: ['invoice.burnt'] }, 'request.invalid'],
  ] as const) {
    it(`do not take ${what}`, async () => {
      assert.equal(codeOf(await acme('POST', WEBHOOKS, { ...WISH, ...wish })), code);
    });
  }

  it('are seen by developers, changed by admins, and nobody else', async () => {
    const { body } = await acme('POST', WEBHOOKS, WISH);
    const developer = await keyOf('developer');
    const viewer = await keyOf('viewer');

    assert.equal((await developer('GET', WEBHOOKS)).status, 200);
    assert.equal(codeOf(await developer('POST', WEBHOOKS, WISH)), 'access.denied');
    assert.equal(codeOf(await viewer('GET', WEBHOOKS)), 'access.denied');
    await acme('DELETE', `${WEBHOOKS}/${body.id}`);
  });

  it('of another tenant do not exist', async () => {
    const { body } = await acme('POST', WEBHOOKS, WISH);
    const path = `${WEBHOOKS}/${body.id}`;
    const sent = await acme('POST', `${path}/test`);
    assert.equal(sent.status, 202, JSON.stringify(sent.body));
    const redeliver = `${path}/deliveries/${sent.body.id}/redeliver`;

    for (const other of [bolt, operator]) {
      assert.deepEqual((await other('GET', WEBHOOKS)).body.data, []);
      for (const [method, at, change] of [
        ['PATCH', path, { state: 'paused' }],
        ['DELETE', path, undefined],
        ['POST', `${path}/rotate`, undefined],
        ['POST', `${path}/test`, undefined],
        ['GET', `${path}/deliveries`, undefined],
        ['POST', redeliver, undefined],
      ] as const) {
        assert.equal(codeOf(await other(method, at, change)), 'webhook.unknown', at);
      }
    }
    const { body: log } = await acme('GET', `${path}/deliveries`);
    assert.equal(log.data.length, 1);
    assert.equal((await acme('POST', redeliver)).status, 202);
  });

  it('of a tenant are at most twenty', async () => {
    const made = [];
    for (let each = 0; each < 21; each += 1) made.push(await bolt('POST', WEBHOOKS, WISH));

    assert.deepEqual(
      made.map(({ status }) => status),
      [...Array.from({ length: 20 }, () => 201), 409],
    );
  });
});
