/** Bad input of every kind: the status, the code, and that nothing is journalled or left behind. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createKey } from '#tenancy/key.ts';
import {
  type Cloud,
  MODEL,
  type Scripted,
  answering,
  startCloud,
  startScripted,
  until,
} from './gateway-fixture.ts';

type ErrorBody = { error: { message: string; type: string; param: string | null; code: string } };

const LIMIT_BYTES = 4096;

let engine: Scripted;
let cloud: Cloud;

before(async () => {
  engine = await startScripted(answering(['hi']));
  cloud = await startCloud({ engines: [engine.url], bodyLimitBytes: LIMIT_BYTES });
});

after(async () => {
  await cloud.stop();
  await engine.stop();
});

async function post(body: string, headers: Record<string, string> = cloud.headers) {
  return fetch(`${cloud.url}/v1/chat/completions`, { method: 'POST', headers, body });
}

async function refused(
  response: Response,
  status: number,
  code: string,
): Promise<ErrorBody['error']> {
  const { error } = (await response.json()) as ErrorBody;
  assert.deepEqual([response.status, error.code], [status, code]);
  assert.match(response.headers.get('x-request-id') ?? '', /^req_/);
  assert.equal(response.headers.get('content-type'), 'application/json');
  if (status === 503) assert.match(response.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  return error;
}

const messages = [{ role: 'user', content: 'Hi' }];
const valid = { model: MODEL, messages };

describe('a request that is not valid', () => {
  for (const [name, body] of [
    ['not JSON', '{"model":'],
    ['empty', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['nested beyond measure', '['.repeat(2000)],
  ] as const) {
    it(`is refused when its body is ${name}`, async () => {
      await refused(await post(body), 400, 'invalid_json');
    });
  }

  it('is refused when its body is not UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('{"model":"'), Buffer.of(0xff), Buffer.from('"}')]);
    const response = await fetch(`${cloud.url}/v1/chat/completions`, {
      method: 'POST',
      headers: cloud.headers,
      body,
    });
    await refused(response, 400, 'invalid_json');
  });

  for (const [param, fields] of [
    ['model', { model: undefined }],
    ['model', { model: 7 }],
    ['model', { model: 'x'.repeat(300) }],
    ['messages', { messages: undefined }],
    ['messages', { messages: [] }],
    ['messages', { messages: 'Hi' }],
    ['messages[0].role', { messages: [{ content: 'Hi' }] }],
    ['messages[0].role', { messages: [null] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 7 }] }],
    ['stream', { stream: 'yes' }],
    ['stream_options', { stream: true, stream_options: [] }],
    ['stream_options.include_usage', { stream: true, stream_options: { include_usage: 1 } }],
    ['max_tokens', { max_tokens: -1 }],
    ['max_tokens', { max_tokens: '5' }],
    ['max_completion_tokens', { max_completion_tokens: 1.5 }],
    ['n', { n: 1000 }],
  ] as const) {
    it(`names ${param} when it is ${JSON.stringify(Object.values(fields).at(-1))?.slice(0, 40)}`, async () => {
      const response = await post(JSON.stringify({ ...valid, ...fields }));
      const error = await refused(response, 400, 'invalid_value');
      assert.equal(error.param, param);
      assert.equal(error.type, 'invalid_request_error');
    });
  }

  it('never repeats the prompt in its error', async () => {
    const response = await post('{"messages": "MARKER-PROMPT", broken');
    assert.equal((await response.text()).includes('MARKER'), false);
  });
});

describe('a body over the limit', () => {
  it('is refused by its declared length', async () => {
    const body = JSON.stringify({ ...valid, padding: 'x'.repeat(LIMIT_BYTES) });
    await refused(await post(body), 413, 'request_too_large');
  });

  it('is refused by count when it comes in chunks', async () => {
    const response = await fetch(`${cloud.url}/v1/chat/completions`, {
      method: 'POST',
      headers: cloud.headers,
      body: new Blob(Array.from({ length: 10 }, () => 'x'.repeat(1000))).stream(),
      duplex: 'half',
    });
    await refused(response, 413, 'request_too_large');
  });

  it('is refused when it is compressed, since its size is not what it seems', async () => {
    const headers = { ...cloud.headers, 'content-encoding': 'gzip' };
    await refused(await post('{}', headers), 415, 'unsupported_encoding');
  });
});

describe('a key', () => {
  const call = (authorization?: string) =>
    post(JSON.stringify(valid), {
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    });

  it('must be there, have our shape, and be known', async () => {
    await refused(await call(), 401, 'missing_api_key');
    await refused(await call('Basic abc'), 401, 'missing_api_key');
    await refused(await call('Bearer sk-other'), 401, 'invalid_api_key');
    const lookups = cloud.control.calls.length;
    const unknown = createKey('api').secret;
    await refused(await call(`Bearer ${unknown}`), 401, 'invalid_api_key');
    await refused(await call(`Bearer ${unknown}`), 401, 'invalid_api_key');
    assert.equal(cloud.control.calls.length, lookups + 1);
  });

  it('is refused after it expired', async () => {
    const secret = cloud.addKey({ expiresAtMs: Date.now() - 1 });
    await refused(await call(`Bearer ${secret}`), 401, 'api_key_expired');
  });

  it('calls the models it is for and no others', async () => {
    const secret = cloud.addKey({ models: ['other/model'] });
    const error = await refused(await call(`Bearer ${secret}`), 403, 'model_not_allowed');
    assert.equal(error.param, 'model');
  });

  it('of one model does not learn of the others by their names', async () => {
    const headers = { authorization: `Bearer ${cloud.addKey({ models: ['other/model'] })}` };

    const one = await fetch(`${cloud.url}/v1/models/${MODEL}`, { headers });

    assert.equal(one.status, 404);
  });

  it('calls nothing in the hands of a role that may not', async () => {
    const secret = cloud.addKey({ role: 'viewer' });
    await refused(await call(`Bearer ${secret}`), 403, 'permission_denied');
  });

  it('stops working as soon as the feed names it', async () => {
    const secret = cloud.addKey({ id: 'key_revoked' });
    assert.equal((await call(`Bearer ${secret}`)).status, 200);
    for (const [hash, identity] of cloud.control.keys) {
      if (identity.id === 'key_revoked') cloud.control.keys.delete(hash);
    }

    cloud.change({ revokedKeyIds: ['key_revoked'] });

    await refused(await call(`Bearer ${secret}`), 401, 'invalid_api_key');
  });

  it('stops working when its tenant is suspended', async () => {
    const secret = cloud.addKey({ tenantId: 'ten_bad' });
    cloud.change({ suspendedTenantIds: ['ten_bad'] });
    await refused(await call(`Bearer ${secret}`), 403, 'tenant_suspended');
  });
});

describe('an address', () => {
  const get = (path: string, method = 'GET') =>
    fetch(`${cloud.url}${path}`, { method, headers: cloud.headers });

  it('under /v1 that is none is 404 in the dialect of /v1', async () => {
    await refused(await get('/v1/nothing'), 404, 'unknown_url');
    await refused(await get('/v1/chat/completions/x', 'POST'), 404, 'unknown_url');
  });

  it('takes only its own method', async () => {
    const response = await get('/v1/chat/completions');
    assert.equal(response.headers.get('allow'), 'POST');
    await refused(response, 405, 'method_not_allowed');
  });

  for (const path of [
    '/internal/v1/feed',
    '/INTERNAL/v1/feed',
    '//internal/v1/feed',
    '/%69nternal/v1/feed',
    '/x/%2e%2e/internal/v1/feed',
    '/\\internal/v1/feed',
  ]) {
    it(`of the inside is not reached as ${path}`, async () => {
      const calls = cloud.control.calls.length;
      const status = await rawGet(path);
      assert.match(status, /^HTTP\/1\.1 404/);
      assert.equal(cloud.control.calls.length, calls);
    });
  }

  it('unknown to us is asked of control', async () => {
    const response = await fetch(`${cloud.url}/cloud/v1/me?x=1`, {
      method: 'POST',
      headers: { 'x-forwarded-for': '6.6.6.6', 'content-type': 'text/plain' },
      body: 'hello',
    });
    const seen = (await response.json()) as {
      url: string;
      body: string;
      headers: Record<string, string>;
    };
    assert.deepEqual([seen.url, seen.body], ['/cloud/v1/me?x=1', 'hello']);
    assert.equal(seen.headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(seen.headers['x-forwarded-host'], new URL(cloud.url).host);
  });
});

describe('a model', () => {
  it('that nobody knows is 404', async () => {
    const error = await refused(
      await post(JSON.stringify({ ...valid, model: 'no/such' })),
      404,
      'model_not_found',
    );
    assert.equal(error.param, 'model');
  });
});

describe('after all of this', () => {
  it('nothing was left behind and nothing was journalled but the one call that worked', async () => {
    await until(() => cloud.gateway.counts().live === 0);
    assert.deepEqual(cloud.gateway.counts(), { live: 0, slots: 0, waiting: 0, holds: 0 });
    assert.equal((await cloud.settled()).length, 1);
  });
});

/** `fetch` tidies paths before it sends them; an attacker does not. */
function rawGet(path: string): Promise<string> {
  const { hostname, port } = new URL(cloud.url);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(Number(port), hostname, () => {
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  });
  let text = '';
  socket.on('data', (part) => {
    text += part.toString();
  });
  socket.on('end', () => resolve(text));
  socket.on('error', reject);
  return promise;
}
