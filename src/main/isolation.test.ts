/** Every route of our own API that reads, asked by a tenant that has nothing, about what another has. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readSettings } from '#platform/config.ts';
import { systemClock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { callerWithKey, signIn } from '#tenancy/tenancy-fixture.ts';
import { createTestDatabase } from '../../test/database.ts';
import { writeTinyGguf } from '../../test/tiny-gguf.ts';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { createControlApp } from './control-app.ts';
import { buildControl } from './control-parts.ts';

const PUBLIC_URL = 'http://localhost:8080';
const MODEL = 'acme/secret-model';

const folder = await mkdtemp(join(tmpdir(), 'flywheel-isolation-'));
after(() => rm(folder, { recursive: true, force: true }));
const handle = await createTestDatabase();
const parts = buildControl({
  options: {
    settings: readSettings({ FLYWHEEL_HOME: folder }),
    databaseUrl: handle.url,
    controlUrl: null,
    joinToken: 'join-token-of-this-test',
    sessionSecret: 'session-secret-of-this-test-session-secret',
    publicUrl: PUBLIC_URL,
    host: '127.0.0.1',
    port: 0,
    modelsFolder: null,
  },
  handle,
  clock: systemClock,
  log: silentLog,
});
const { credentials } = await parts.tenancy.ensureFirstRun({ homeFolder: folder, url: PUBLIC_URL });
const app = createControlApp(parts);
const operator = callerWithKey(app, credentials?.apiKey ?? '');

/** A customer that calls with the key of its owner. */
async function createCustomer(name: string) {
  const made = await operator('POST', '/cloud/v1/tenants', {
    name,
    owner: { name: `${name} owner`, email: `owner@${name}.example` },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const person = await signIn(app, made.body.owner);
  const key = await person('POST', '/cloud/v1/keys', { name: `${name} key`, role: 'owner' });
  assert.equal(key.status, 201, JSON.stringify(key.body));
  return {
    tenantId: String(made.body.id),
    memberId: String(made.body.owner.id),
    keyId: String(key.body.id),
    person,
    headers: { authorization: `Bearer ${key.body.secret}` },
    call: callerWithKey(app, key.body.secret),
  };
}

/** A private model with a price and a deployment, an import, credit and a posted call. */
async function furnish({ tenantId, keyId, call }: Awaited<ReturnType<typeof createCustomer>>) {
  await writeTinyGguf(join(folder, 'tiny.gguf'));
  const { modelId } = await parts.hub.importBundled(tenantId, {
    modelName: MODEL,
    folder,
    files: ['tiny.gguf'],
    license: null,
    visibility: 'private',
    message: '',
  });
  const projects = await call('GET', '/cloud/v1/projects');
  const projectId = String(projects.body.data[0].id);
  const deployed = await call('POST', '/cloud/v1/deployments', { model: MODEL });
  assert.equal(deployed.status, 201, JSON.stringify(deployed.body));
  const routed = await call('POST', '/cloud/v1/routes', {
    name: 'acme-route',
    targets: [{ model: MODEL }],
  });
  assert.equal(routed.status, 201, JSON.stringify(routed.body));
  const imported = await call('POST', '/cloud/v1/imports', {
    modelName: 'acme/failing',
    source: 'http://127.0.0.1:1/secret.gguf',
  });
  assert.equal(imported.status, 202, JSON.stringify(imported.body));
  const otherKey = await call('POST', '/cloud/v1/keys', { name: 'limited secret key' });
  const credited = await operator('POST', '/cloud/v1/credits', {
    tenantId,
    amount: '7.77',
    idempotencyKey: 'acme-1',
  });
  assert.equal(credited.status, 201, JSON.stringify(credited.body));
  const granted = await operator('POST', '/cloud/v1/grants', {
    tenantId,
    amount: '3.33',
    name: 'secret grant',
    idempotencyKey: 'acme-grant',
  });
  assert.equal(granted.status, 201, JSON.stringify(granted.body));
  const offered = await operator('POST', '/cloud/v1/plans', {
    name: 'Free plan',
    price: '0',
    unit: 'token',
    atEnd: 'overage',
    windows: [{ period: 'week', allowance: '1' }],
  });
  const subscribed = await call('POST', '/cloud/v1/subscription', { planId: offered.body.id });
  assert.equal(subscribed.status, 201, JSON.stringify(subscribed.body));
  const limited = await call('PUT', `/cloud/v1/limits/key/${otherKey.body.id}`, { concurrency: 7 });
  assert.equal(limited.status, 200, JSON.stringify(limited.body));
  const usage = identityOf({
    tenantId,
    projectId,
    keyId,
    modelId,
    modelName: MODEL,
    admittedAtMs: Date.now(),
  });
  await parts.metering.ingest({
    gatewayId: 'gtw_1',
    segment: 1,
    fromOffset: 0,
    toOffset: 1,
    settled: [settledOf(usage)],
  });
  await parts.contents.update({ tenantId, projectId }, { isKept: true, updatedBy: null });
  const text = { text: 'prompt that only acme wrote', bytes: 27, isCut: false, isText: true };
  const { requestId } = usage;
  await parts.contents.keep([{ tenantId, projectId, requestId, request: text, answer: text }]);
  const provider = await call('POST', '/cloud/v1/providers', {
    name: 'secret provider',
    dialect: 'openai',
    baseUrl: 'https://provider.invalid/v1',
    apiKey: 'sk-provider-of-acme',
  });
  assert.equal(provider.status, 201, JSON.stringify(provider.body));
  const external = await call('POST', `/cloud/v1/providers/${provider.body.id}/models`, {
    upstreamModel: 'acme/elsewhere',
  });
  assert.equal(external.status, 201, JSON.stringify(external.body));
  // Neither acme nor anybody else but the operator sees it.
  const drafted = await operator('POST', '/cloud/v1/price-drafts', {
    title: 'secret price',
    items: [
      {
        model: MODEL,
        terms: {
          rates: ['input', 'output'].map((direction) => ({
            unit: 'token',
            direction,
            per: 1000,
            tiers: [{ upTo: null, amount: '1' }],
          })),
        },
      },
    ],
  });
  assert.equal(drafted.status, 201, JSON.stringify(drafted.body));
  const told = await furnishMoney({ tenantId, call, projectId });
  const ids = {
    ...told,
    collection: await furnishHub(call),
    priceDraft: String(drafted.body.id),
    deployment: String(deployed.body.id),
    import: String(imported.body.id),
    provider: String(provider.body.id),
    external: String(external.body.id),
    grant: String(granted.body.id),
    subscription: String(subscribed.body.id),
  };
  return { projectId, modelId, requestId: usage.requestId, ids };
}

/** A discussion on the private model, and a collection that holds it; gives the collection's address. */
async function furnishHub(call: typeof operator): Promise<string> {
  const at = `/cloud/v1/repositories/model/${MODEL}/discussions`;
  const opened = await call('POST', at, { title: 'secret discussion', text: 'secret words' });
  assert.equal(opened.status, 201, JSON.stringify(opened.body));
  const made = await call('POST', '/cloud/v1/collections', {
    title: 'secret collection',
    isPrivate: true,
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return String(made.body.slug);
}

/** A payment that was recorded, a budget, and a webhook that something was sent to. */
async function furnishMoney({
  tenantId,
  call,
  projectId,
}: Readonly<{ tenantId: string; call: typeof operator; projectId: string }>) {
  const payment = await operator('POST', '/cloud/v1/payments/record', {
    tenantId,
    amount: '4.44',
    reference: 'secret transfer',
    receivedOn: '2026-01-01',
    idempotencyKey: 'acme-transfer',
  });
  assert.equal(payment.status, 201, JSON.stringify(payment.body));
  const budget = await call('POST', '/cloud/v1/budgets', {
    name: 'secret budget',
    level: 'project',
    scopeId: projectId,
    amount: '5.55',
  });
  assert.equal(budget.status, 201, JSON.stringify(budget.body));
  const tagged = await call('PUT', `/cloud/v1/tags/project/${projectId}`, { tags: ['secret tag'] });
  assert.equal(tagged.status, 204, JSON.stringify(tagged.body));
  const webhook = await call('POST', '/cloud/v1/webhooks', {
    name: 'secret webhook',
    url: 'https://hooks.invalid/acme',
  });
  assert.equal(webhook.status, 201, JSON.stringify(webhook.body));
  const sent = await call('POST', `/cloud/v1/webhooks/${webhook.body.id}/test`);
  assert.equal(sent.status, 202, JSON.stringify(sent.body));
  return {
    payment: String(payment.body.id),
    budget: String(budget.body.id),
    webhook: String(webhook.body.id),
    delivery: String(sent.body.id),
  };
}

const acme = await createCustomer('acme');
const bolt = await createCustomer('bolt');
const things = await furnish(acme);

/** What only acme may read, in whatever route it may stand. */
const MARKS = [
  acme.tenantId,
  acme.memberId,
  acme.keyId,
  things.projectId,
  things.modelId,
  things.requestId,
  things.ids.deployment,
  things.ids.import,
  things.ids.provider,
  things.ids.external,
  things.ids.grant,
  things.ids.subscription,
  things.ids.payment,
  things.ids.budget,
  things.ids.webhook,
  things.ids.delivery,
  'acme-route',
  'prompt that only acme wrote',
  'secret',
  'owner@acme.example',
  '7.77',
];

/** An id of acme for each blank in a path of the description. */
const BLANKS: Readonly<Record<string, string>> = {
  '/cloud/v1/projects/{projectId}/cache': things.projectId,
  '/cloud/v1/projects/{projectId}/contents': things.projectId,
  '/cloud/v1/requests/{requestId}/content': things.requestId,
  '/cloud/v1/price-drafts/{id}': things.ids.priceDraft,
  '/cloud/v1/price-drafts/{id}/diff': things.ids.priceDraft,
  '/cloud/v1/price-drafts/{id}/simulation': things.ids.priceDraft,
  '/cloud/v1/providers/{id}': things.ids.provider,
  '/cloud/v1/providers/{id}/upstream-models': things.ids.provider,
  '/cloud/v1/deployments/{id}': things.ids.deployment,
  '/cloud/v1/deployments/{id}/logs': things.ids.deployment,
  // No month of acme is over; src/invoices/routes.test.ts has invoices of two tenants.
  '/cloud/v1/invoices/{id}': 'INV-2000-000001',
  '/cloud/v1/invoices/{id}/requests': 'INV-2000-000001',
  '/cloud/v1/payments/{id}': things.ids.payment,
  '/cloud/v1/budgets/{id}/forecast': things.ids.budget,
  '/cloud/v1/webhooks/{id}/deliveries': things.ids.webhook,
  '/cloud/v1/imports/{id}': things.ids.import,
  // A proof of everybody's books: it names rows of all tenants.
  '/cloud/v1/books/checks/{id}': (await parts.reconciliation.check(null)).id,
  '/cloud/v1/hub/checks/{id}': (await parts.hub.verify.check({ repository: null, startedBy: null }))
    .id,
  '/cloud/v1/hub/storage/{tenantId}': acme.tenantId,
  // Entries are numbered over all tenants: the first is somebody's.
  '/cloud/v1/ledger/entries/{id}': '1',
  '/cloud/v1/usage/events/{requestId}': things.requestId,
};

/** What a route cannot be asked without. */
const QUERIES: Readonly<Record<string, string>> = {
  '/cloud/v1/ledger/account-lines': `?accountId=tenant/${acme.tenantId}/credit/CNY`,
  '/cloud/v1/ledger/find': `?q=${acme.tenantId}`,
  '/cloud/v1/repositories/{kind}/{owner}/{name}/header': '?path=tiny.gguf&revision=main',
};

/** Blanks of addresses below a repository, and of its owner's collections. */
const IN_REPOSITORY: Readonly<Record<string, string>> = {
  kind: 'model',
  owner: 'acme',
  name: 'secret-model',
  num: '1',
  revision: 'main',
  slug: things.ids.collection.replace('acme/', ''),
};

function filled(path: string): string {
  if (path.includes('{owner}')) {
    const inRepository = path.replaceAll(/\{(\w+)\}/g, (_, blank: string) => {
      const word = IN_REPOSITORY[blank];
      assert.ok(word !== undefined, `${path} is new: say which ${blank} of acme fits`);
      return word;
    });
    return inRepository + (QUERIES[path] ?? '');
  }
  if (path === '/cloud/v1/providers/{id}/models/{modelId}/costs') {
    return `/cloud/v1/providers/${things.ids.provider}/models/${things.ids.external}/costs`;
  }
  const id = BLANKS[path];
  assert.ok(id !== undefined || !path.includes('{'), `${path} is new: say which id of acme fits`);
  return path.replace(/\{\w+\}/, id ?? '') + (QUERIES[path] ?? '');
}

type Description = Readonly<{ paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> }>;

const description = (await (await app.request('/cloud/openapi.json')).json()) as Description;
const reads = Object.entries(description.paths)
  .filter(([path, methods]) => path.startsWith('/cloud/v1/') && 'get' in methods)
  .map(([path]) => path);

/** What a caller is given by all of them, one line for each. A refusal names what was asked for. */
async function readAll(call: Ask): Promise<Readonly<{ text: string; statuses: number[] }>> {
  const lines: string[] = [];
  const statuses: number[] = [];
  for (const path of reads) {
    const { status, text } = await call(filled(path));
    if (status === 200) lines.push(`${path} ${text}`);
    statuses.push(status);
  }
  return { text: lines.join('\n'), statuses };
}

type Ask = (path: string) => Promise<Readonly<{ status: number; text: string }>>;

const askWith =
  (headers: Readonly<Record<string, string>>): Ask =>
  async (path) => {
    const response = await app.request(`${PUBLIC_URL}${path}`, { headers });
    return { status: response.status, text: await response.text() };
  };

describe('every route that reads', () => {
  it('shows a tenant what it has, so that there is something to hide', async () => {
    const { text } = await readAll(askWith(acme.headers));

    assert.ok(reads.length > 15, String(reads.length));
    for (const mark of MARKS) assert.ok(text.includes(mark), `${mark} is nowhere in\n${text}`);
  });

  for (const who of ['key', 'session'] as const) {
    it(`shows nothing of it to the ${who} of another tenant`, async () => {
      const headers = who === 'key' ? bolt.headers : { cookie: bolt.person.cookie };
      const { text, statuses } = await readAll(askWith(headers));

      for (const mark of MARKS) assert.ok(!text.includes(mark), `${mark} is in\n${text}`);
      assert.ok(
        statuses.every((status) => [200, 403, 404].includes(status)),
        text,
      );
    });
  }

  it('cannot be asked in the name of the other', async () => {
    const { text, statuses } = await readAll(
      askWith({ ...bolt.headers, 'x-flywheel-tenant': acme.tenantId }),
    );

    assert.deepEqual([...new Set(statuses)], [403], text);
  });
});
