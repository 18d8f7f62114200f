/**
 * A plan that blocks and a free quota that is used up, on a whole cloud: what callers of each dialect hear,
 * who paid for what they got, and that nothing else was touched.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient } from '#client/client.ts';
import { MODEL, createCloudHome, startCloud, until } from './cloud/cloud.ts';

const started = await startCloud(await createCloudHome());
const { url, apiKey } = await started.firstRun();
const operator = createClient({ url, apiKey });
await until(
  'the model to be ready',
  async () => (await operator.deployments.list()).data.some(({ state }) => state === 'ready'),
  started,
);

/** A tenant with cash, and a key of its owner. */
async function createCustomer(name: string, cash: string) {
  const { id: tenantId, owner } = await operator.tenants.create({
    name,
    owner: { name, email: `${name}@plans.example` },
  });
  await operator.credits.create({ tenantId, amount: cash, idempotencyKey: name });
  const signedIn = await fetch(`${url}/cloud/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email: owner.email, password: owner.password }),
  });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const made = await fetch(`${url}/cloud/v1/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, cookie },
    body: JSON.stringify({ name: 'plans', role: 'owner' }),
  });
  const { secret } = (await made.json()) as { secret: string };
  return { tenantId, secret, client: createClient({ url, apiKey: secret }) };
}

const messages = [{ role: 'user', content: 'Hello' }];
const post = (secret: string, path: string, body: object) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify(body),
  });
const chat = (secret: string) =>
  post(secret, '/v1/chat/completions', { model: MODEL, messages, max_tokens: 4 });

/** Calls until one is refused; says how many were answered. */
async function callUntilRefused(secret: string): Promise<{ answered: number; last: Response }> {
  for (let answered = 0; answered < 500; answered += 1) {
    const response = await chat(secret);
    if (response.status !== 200) return { answered, last: response };
    await response.text();
  }
  throw new Error('nothing was refused');
}

describe('a plan that blocks', () => {
  it('pays until its window is used up, and then says in every dialect when to come back', async () => {
    const { client, secret, tenantId } = await createCustomer('acme', '1');
    const plan = (name: string, price: string, allowance: string) =>
      operator.plans.create({
        name,
        price,
        unit: 'token',
        atEnd: 'block',
        windows: [{ period: '5_hours', allowance }],
      });
    const small = await plan('Small', '0.1', '1500');
    const large = await plan('Large', '0.5', '1000000');
    await client.subscription.create(small.id);

    const { answered, last } = await callUntilRefused(secret);

    assert.ok(answered > 0, await last.clone().text());
    assert.equal(last.status, 429);
    const { error } = (await last.json()) as { error: { code: string; message: string } };
    assert.equal(error.code, 'plan_exhausted');
    const { subscription } = await client.subscription.get();
    const resetsAtMs = Date.parse(subscription?.meters[0]?.resetsAt ?? '');
    const waitMs = Number(last.headers.get('retry-after')) * 1000;
    assert.ok(Math.abs(Date.now() + waitMs - resetsAtMs) < 10 * 60_000, `${waitMs}`);

    const anthropic = await post(secret, '/v1/messages', { model: MODEL, messages, max_tokens: 4 });
    assert.equal(anthropic.status, 429);
    const said = (await anthropic.json()) as { error: { type: string } };
    assert.equal(said.error.type, 'rate_limit_error');
    const dashscope = await post(secret, '/api/v1/services/aigc/text-generation/generation', {
      model: MODEL,
      input: { messages },
      parameters: { max_tokens: 4 },
    });
    const native = (await dashscope.json()) as { code: string };
    assert.deepEqual([dashscope.status, native.code], [429, 'Throttling.AllocationQuota']);

    await until(
      'every call to be in the books',
      async () => {
        const { data } = await client.usage.events({ limit: 100 });
        return data.filter(({ amount }) => Number(amount) > 0).length === answered;
      },
      started,
    );
    const { balance } = await client.balance.get();
    assert.equal(balance, '0.9');
    const meter = (await client.subscription.get()).subscription?.meters[0];
    assert.ok(Number(meter?.used) > 0 && Number(meter?.used) <= 1500, `${meter?.used}`);

    const preview = await client.subscription.preview(large.id);
    await client.subscription.change({ planId: large.id, dueMax: preview.due });
    await until(
      'calls to be let in again',
      async () => (await chat(secret)).status === 200,
      started,
    );
    const { findings } = await operator.books.verify();
    assert.deepEqual(findings, [], tenantId);
  });
});

describe('a tenant that wants nothing but its free quota to pay', () => {
  it('is refused when that is used up, and is charged nothing', async () => {
    await operator.freeQuotas.setRule({ model: MODEL, units: 1500 });
    const { client, secret } = await createCustomer('bolt', '1');
    await client.creditSummary.setFreeQuotaOnly(true);

    const { answered, last } = await callUntilRefused(secret);

    assert.ok(answered > 0, await last.clone().text());
    const { error } = (await last.json()) as { error: { code: string } };
    assert.deepEqual([last.status, error.code], [403, 'free_quota_exhausted']);
    assert.equal((await client.balance.get()).balance, '1');
    await client.creditSummary.setFreeQuotaOnly(false);
    await until(
      'calls to be let in again',
      async () => (await chat(secret)).status === 200,
      started,
    );
    await until(
      'every call to be in the books',
      async () => {
        const { data } = await client.usage.events({ limit: 100 });
        return data.filter(({ amount }) => Number(amount) > 0).length > answered;
      },
      started,
    );
    const { freeQuotas } = await client.creditSummary.get();
    const [quota] = freeQuotas;
    assert.ok(quota !== undefined && quota.used > 0 && quota.used <= quota.units);
  });
});
