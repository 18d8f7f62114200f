/** Kept responses through the front door: whose they are, and who may see them. */
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { MODEL, answering, startCloud, startScripted } from '../gateway-fixture.ts';

const engine = await startScripted(answering(['Blue.']));
const cloud = await startCloud({ engines: [engine.url] });
after(async () => {
  await cloud.stop();
  await engine.stop();
});

type Made = Readonly<{ id: string; error?: Readonly<{ code: string }> }>;

async function call(method: string, path: string, secret: string, body?: object): Promise<Made> {
  const response = await fetch(`${cloud.url}/v1/responses${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify({ model: MODEL, ...body }) }),
  });
  return (await response.json()) as Made;
}

const codeFor = async (...given: Parameters<typeof call>): Promise<string | undefined> =>
  (await call(...given)).error?.code;

const { id } = await call('POST', '', cloud.secret, { input: 'My colour?' });

it('a response is read, gone on from and deleted by its project, and by nobody else', async () => {
  const colleague = cloud.addKey();
  const strangers = [
    cloud.addKey({ tenantId: 'ten_other' }),
    cloud.addKey({ projectId: 'prj_other' }),
  ];
  for (const stranger of strangers) {
    assert.equal(await codeFor('GET', `/${id}`, stranger), 'response_not_found');
    assert.equal(await codeFor('GET', `/${id}/input_items`, stranger), 'response_not_found');
    assert.equal(await codeFor('DELETE', `/${id}`, stranger), 'response_not_found');
    const body = { input: 'x', previous_response_id: id };
    assert.equal(await codeFor('POST', '', stranger, body), 'previous_response_not_found');
  }
  assert.equal((await call('GET', `/${id}`, colleague)).id, id);
});

it('a role that may not call models may not read what calls gave either', async () => {
  const bookkeeper = cloud.addKey({ role: 'billing' });
  assert.equal(await codeFor('GET', `/${id}`, bookkeeper), 'permission_denied');
  assert.equal(await codeFor('DELETE', `/${id}`, bookkeeper), 'permission_denied');
});

it('what is asked of a response in another way is named', async () => {
  assert.equal(await codeFor('POST', `/${id}`, cloud.secret), 'method_not_allowed');
  assert.equal(await codeFor('GET', `/${id}/nothing`, cloud.secret), 'unknown_url');
  assert.equal(await codeFor('GET', `/${id}`, 'sk-fw-nobody'), 'invalid_api_key');
});
