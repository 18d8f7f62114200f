import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';
import { createTestDatabase } from '../../test/database.ts';
import { API_KEY, CUSTOMER, OPERATOR, createProvidersFixture } from './providers-fixture.ts';
import type { Providers } from './providers.ts';
import { createProviderRoutes } from './routes.ts';

const handle = await createTestDatabase();

const operator: Principal = {
  tenantId: OPERATOR.tenantId,
  tenantKind: 'operator',
  role: 'owner',
  userId: 'usr',
  keyId: null,
  projectId: null,
};
const customer: Principal = { ...operator, tenantId: CUSTOMER.tenantId, tenantKind: 'customer' };

function callAs(providers: Providers, principal: Principal) {
  const app = createApi<CloudEnv>();
  handleErrors(app, silentLog);
  app.use('/cloud/v1/*', async (context, next) => {
    context.set('principal', principal);
    await next();
  });
  app.route('/', createProviderRoutes(providers));
  return async (method: string, path: string, body?: unknown) => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await app.request(`/cloud/v1/${path}`, {
      method,
      ...(body === undefined ? {} : json),
    });
    const text = await response.text();
    return { status: response.status, text, json: text === '' ? null : JSON.parse(text) };
  };
}

const WISH = {
  name: 'hidden name',
  dialect: 'openai',
  baseUrl: 'https://api.example.com/v1',
  apiKey: API_KEY,
};

describe('/cloud/v1/providers', () => {
  it('creates, shows, changes, lists and removes, and never says the key', async () => {
    const { providers } = await createProvidersFixture(handle);
    const call = callAs(providers, operator);

    const created = await call('POST', 'providers', WISH);
    const path = `providers/${created.json.id}`;
    const model = await call('POST', `${path}/models`, {
      upstreamModel: 'x',
      visibility: 'public',
      cost: { inputPerMillion: '1', outputPerMillion: '2' },
    });
    const answers = [
      created,
      model,
      await call('GET', path),
      await call('PATCH', path, { apiKey: `${API_KEY}-new`, parallel: 2 }),
      await call('GET', 'providers'),
      await call('GET', `${path}/models/${model.json.id}/costs`),
      await call('POST', `${path}/models/${model.json.id}/costs`, {
        inputPerMillion: '3',
        outputPerMillion: '4',
        effectiveFrom: '2999-01-01T00:00:00Z',
      }),
      await call('GET', 'provider-templates'),
      await call('POST', 'master-key/rotate'),
    ];

    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 200, 200, 200, 200, 201, 200, 200],
    );
    for (const { text } of answers) assert.equal(text.includes('sk-the-key'), false, text);
    assert.equal(answers[2]?.json.models[0].cost.inputPerMillion, '1');
    assert.equal((await call('DELETE', `${path}/models/${model.json.id}`)).status, 204);
    assert.equal((await call('DELETE', path)).status, 204);
    assert.equal((await call('GET', path)).status, 404);
  });

  it('says what is wrong with a wish without repeating the key', async () => {
    const { providers } = await createProvidersFixture(handle);
    const call = callAs(providers, operator);

    const bad = await call('POST', 'providers', { ...WISH, apiKey: 'sk with a space' });
    const odd = await call('POST', 'providers', { ...WISH, baseUrl: 'nowhere' });

    assert.deepEqual([bad.status, bad.json.error.param], [400, 'apiKey']);
    assert.equal(bad.text.includes('with a space'), false);
    assert.deepEqual([odd.status, odd.json.error.code], [400, 'provider.url_invalid']);
  });

  it('shows a tenant nothing of another, on any route', async () => {
    const { providers } = await createProvidersFixture(handle);
    const ours = callAs(providers, operator);
    const { id } = (await ours('POST', 'providers', WISH)).json;
    const model = (await ours('POST', `providers/${id}/models`, { upstreamModel: 'x' })).json;
    const theirs = callAs(providers, customer);
    const path = `providers/${id}`;
    const costs = `${path}/models/${model.id}/costs`;
    const amounts = { inputPerMillion: '1', outputPerMillion: '1' };

    const answers = [
      await theirs('GET', path),
      await theirs('PATCH', path, { name: 'mine' }),
      await theirs('DELETE', path),
      await theirs('POST', `${path}/test`),
      await theirs('GET', `${path}/upstream-models`),
      await theirs('POST', `${path}/models`, { upstreamModel: 'y' }),
      await theirs('DELETE', `${path}/models/${model.id}`),
      await theirs('GET', costs),
      await theirs('POST', costs, amounts),
      await theirs('POST', 'master-key/rotate'),
    ];

    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 404, 404, 404, 404, 404, 404, 404, 403, 403],
    );
    for (const { text } of answers) assert.equal(text.includes('hidden name'), false);
    assert.deepEqual((await theirs('GET', 'providers')).json.data, []);
    assert.equal((await ours('GET', path)).json.name, 'hidden name');
  });

  it('asks for the right role', async () => {
    const { providers } = await createProvidersFixture(handle);
    const { id } = (await callAs(providers, operator)('POST', 'providers', WISH)).json;

    for (const role of ['viewer', 'developer', 'finance'] as const) {
      const call = callAs(providers, { ...operator, role });
      assert.equal((await call('GET', `providers/${id}`)).status, 200, role);
      assert.equal((await call('POST', 'providers', WISH)).status, 403, role);
      assert.equal((await call('POST', `providers/${id}/test`)).status, 403, role);
      assert.equal((await call('GET', `providers/${id}/upstream-models`)).status, 403, role);
      assert.equal((await call('DELETE', `providers/${id}`)).status, 403, role);
    }
  });
});
