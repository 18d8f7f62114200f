/** What the gateway does while control, its disk or its memory of the world is not what it should be. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { PassThrough } from 'node:stream';
import type { Log } from '#platform/log.ts';
import { createKey } from '#tenancy/key.ts';
import { createAccessLog } from './access-log.ts';
import {
  type Cloud,
  type CloudOptions,
  PRICE,
  answering,
  startCloud,
  startScripted,
} from './gateway-fixture.ts';

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

async function start(options: CloudOptions = {}): Promise<Cloud> {
  const engine = await startScripted(answering(['hello']));
  const cloud = await startCloud({ engines: [engine.url], ...options });
  running.push(cloud.stop, engine.stop);
  return cloud;
}

const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { error: { code: string } }).error.code,
];

describe('while control is away', () => {
  it('known keys and leases in hand go on, strangers are told to come back', async () => {
    const cloud = await start({ model: { prices: [PRICE] } });
    cloud.control.availablePico = 10n ** 15n;
    assert.equal((await cloud.chat({ max_tokens: 10 })).status, 200);

    await cloud.control.stop();

    assert.equal((await cloud.chat({ max_tokens: 10 })).status, 200);
    const stranger = {
      authorization: `Bearer ${createKey('api').secret}`,
      'content-type': 'application/json',
    };
    const refused = await cloud.chat({}, { headers: stranger });
    assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]/);
    assert.deepEqual(await codeOf(refused), [503, 'control_unavailable']);
    const page = await fetch(`${cloud.url}/cloud/v1/me`);
    assert.deepEqual(await codeOf(page), [503, 'control_unavailable']);
  });

  it('money fails closed once the lease is spent', async () => {
    const cloud = await start({ model: { prices: [PRICE] } });
    cloud.control.availablePico = 3_000_000_000n;
    assert.equal((await cloud.chat({ max_tokens: 10 })).status, 200);
    await cloud.control.stop();
    assert.deepEqual(await codeOf(await cloud.chat({ max_tokens: 2000 })), [
      503,
      'control_unavailable',
    ]);
  });
});

describe('when the journal takes nothing', () => {
  it('nobody is admitted and no hold stays open', async () => {
    const cloud = await start({ model: { prices: [PRICE] } });
    cloud.control.availablePico = 10n ** 15n;
    await cloud.journal.stop();

    const response = await cloud.chat({ max_tokens: 10 });

    assert.match(response.headers.get('retry-after') ?? '', /^[1-9]/);
    assert.deepEqual(await codeOf(response), [503, 'journal_unavailable']);
    assert.equal(cloud.gateway.counts().holds, 0);
    assert.equal((await fetch(`${cloud.url}/readyz`)).status, 503);
  });
});

describe('what is written down', () => {
  it('holds ids, counts and times, and no prompt, answer or secret', async () => {
    const said: string[] = [];
    const note = (event: string, fields: object = {}): void => {
      said.push(
        event +
          JSON.stringify(fields, (_name, value: unknown) =>
            value instanceof Error ? String(value) : value,
          ),
      );
    };
    const log: Log = { error: note, warn: note, info: note, debug: note, with: () => log };
    const output = new PassThrough();
    const accessLog = createAccessLog(output);
    const cloud = await start({ log, accessLog });
    const messages = [{ role: 'user', content: 'MARKER-PROMPT' }];

    await (await cloud.chat({ messages })).text();
    await (await cloud.chat({ messages, stream: true })).text();
    await (await cloud.chat({ messages: 'MARKER-PROMPT' })).text();
    const metrics = await (await fetch(`${cloud.url}/metrics`)).text();
    accessLog.flush();
    const written = `${said.join('\n')}\n${String(output.read())}\n${metrics}`;

    assert.match(written, /"requestId":"req_/);
    assert.match(written, /"projectId":"prj_one"/);
    assert.equal(written.split('request.ended').length - 1, 3);
    assert.match(
      metrics,
      /flywheel_gateway_requests_total\{model="qwen\/tiny",outcome="finished",status="200"\} 2/,
    );
    assert.match(metrics, /flywheel_gateway_slots_taken 0/);
    for (const secret of ['MARKER', 'hello', cloud.secret, 'engine-secret', 'Bearer']) {
      assert.equal(written.includes(secret), false, `${secret} was written down`);
    }
  });
});
