/** Which refused requests are told to whom, and with which reason. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  type CloudOptions,
  MODEL,
  PRICE,
  answering,
  startCloud,
  startScripted,
  until,
} from '../gateway-fixture.ts';
import type { RefusalRow } from './refusal-log.ts';

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

async function start(options: CloudOptions = {}) {
  const engine = await startScripted(answering(['An answer']));
  const told: RefusalRow[] = [];
  const cloud = await startCloud({
    engines: [engine.url],
    sendRefusals: async (refusals) => {
      told.push(...refusals);
    },
    ...options,
  });
  running.push(cloud.stop, engine.stop);
  const ask = async (secret: string, body: string) => {
    const response = await fetch(`${cloud.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...cloud.headers, authorization: `Bearer ${secret}` },
      body,
    });
    await response.text();
    return { status: response.status, id: response.headers.get('x-request-id') ?? '' };
  };
  return { cloud, told, ask };
}

const chat = (model = MODEL): string =>
  JSON.stringify({ model, messages: [{ role: 'user', content: 'a secret prompt' }] });

describe('a refused request', () => {
  it('is told with its reason, whatever it was refused for, and never with what was asked', async () => {
    const { cloud, told, ask } = await start({ model: { prices: [PRICE] } });
    const scoped = cloud.addKey({ id: 'key_scoped', models: ['other/model'] });
    const viewer = cloud.addKey({ id: 'key_viewer', role: 'viewer' });
    const expired = cloud.addKey({ id: 'key_expired', expiresAtMs: 1 });
    const plain = cloud.addKey({ id: 'key_plain' });
    const answers = [
      await ask(plain, '{"a secret prompt'),
      await ask(plain, chat('no/such')),
      await ask(plain, chat('a secret prompt')),
      await ask(scoped, chat()),
      await ask(viewer, chat()),
      await ask(expired, chat()),
      await ask(plain, chat()),
    ];
    await until(() => told.length >= answers.length);

    assert.deepEqual(
      told.map(({ keyId, status, errorCode, modelName }) => [keyId, status, errorCode, modelName]),
      [
        ['key_plain', 400, 'invalid_json', ''],
        ['key_plain', 404, 'model_not_found', 'no/such'],
        ['key_plain', 404, 'model_not_found', ''],
        ['key_scoped', 403, 'model_not_allowed', MODEL],
        ['key_viewer', 403, 'permission_denied', MODEL],
        ['key_expired', 401, 'api_key_expired', ''],
        ['key_plain', 402, 'insufficient_quota', MODEL],
      ],
    );
    assert.deepEqual(
      told.map(({ requestId, status }) => ({ id: requestId, status })),
      answers,
    );
    assert.ok(!JSON.stringify(told).includes('secret'));
  });

  it('is told where a revoked key was shown, known here before or not, and not for a stranger', async () => {
    const { cloud, told, ask } = await start();
    const known = cloud.addKey({ id: 'key_known', tenantId: 'ten_two', projectId: 'prj_two' });
    assert.equal((await ask(known, chat())).status, 200);
    for (const hash of cloud.control.keys.keys()) cloud.control.keys.delete(hash);
    cloud.change({ revokedKeyIds: ['key_known'] });

    const refused = await ask(known, chat());
    const stranger = await ask('sk-fw-nobody', chat());
    await until(() => told.length > 0);

    assert.deepEqual([refused.status, stranger.status], [401, 401]);
    assert.deepEqual(
      told.map((row) => [row.tenantId, row.projectId, row.keyId, row.errorCode, row.requestId]),
      [['ten_two', 'prj_two', 'key_known', 'api_key_revoked', refused.id]],
    );
  });

  it('is counted beside what a flood of them tells, and an answered one is none', async () => {
    const { cloud, told, ask } = await start();
    const key = cloud.addKey({ id: 'key_flood' });
    await Promise.all(Array.from({ length: 60 }, () => ask(key, chat('no/such'))));
    assert.equal((await ask(key, chat())).status, 200);

    await cloud.gateway.stop(100);

    assert.equal(
      told.reduce((sum, { repeats }) => sum + 1 + repeats, 0),
      60,
    );
    assert.ok(told.length <= 22, 'ten and a number, in at most two minutes');
  });

  it('waits while control takes nothing, and harms no call', async () => {
    let isAway = true;
    const told: RefusalRow[] = [];
    const { ask, cloud } = await start({
      sendRefusals: async (refusals) => {
        if (isAway) throw new Error('away');
        told.push(...refusals);
      },
    });
    const refused = await ask(cloud.secret, chat('no/such'));
    assert.equal((await ask(cloud.secret, chat())).status, 200);

    isAway = false;
    await until(() => told.length === 1);

    assert.equal(told[0]?.requestId, refused.id);
  });
});
