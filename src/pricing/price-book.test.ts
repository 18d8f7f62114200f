import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { insertModel, insertTenant, ownerOf } from '../../test/money.ts';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';
import type { ActorDirectory } from './actors.ts';
import type { PriceDiff, PriceDraft, PriceEvent, PriceTerms } from './api.ts';
import { createBookRoutes } from './book-routes.ts';
import { createDraftRoutes } from './draft-routes.ts';
import { createPriceBook } from './price-book.ts';
import { type ModelDirectory, createPricing } from './pricing.ts';
import { createPricingRoutes } from './routes.ts';

const { database } = await createTestDatabase();
const clock = createManualClock();
const operatorId = await insertTenant(database, 'operator');
const customerId = await insertTenant(database);
const small = await insertModel(database, operatorId, 'small');
const large = await insertModel(database, operatorId, 'large');
const secret = await insertModel(database, operatorId, 'secret');

const models: ModelDirectory = {
  find: async (name, viewer) =>
    (await models.list(viewer)).find((each) => each.name === name) ?? null,
  list: async ({ isOperator }) => (isOperator ? [small, large, secret] : [small, large]),
};
/** `key_ann` was made by Ann, `key_any` by another key. */
const actors: ActorDirectory = {
  makerOf: async (_tenant, keyId) => (keyId === 'key_ann' ? 'usr_ann' : null),
  namesOf: async (_tenant, ids) => new Map(ids.map((id) => [id, id.replace('usr_', '')])),
};
const parts = { database, models, clock, log: silentLog };
const pricing = createPricing(parts);
const replay = async () => [];
const tenantNames = async () => new Map<string, string>();
const book = createPriceBook({ ...parts, actors, replay, tenantNames });

type Reply<Body> = Readonly<{ status: number; code: string | undefined; body: Body }>;

function actAs(principal: Principal) {
  const app = createApi<CloudEnv>();
  handleErrors(app, silentLog);
  app.use(async (context, next) => {
    context.set('principal', principal);
    await next();
  });
  app.route('/', createPricingRoutes(pricing));
  app.route('/', createDraftRoutes(book));
  app.route('/', createBookRoutes(book));
  return async <Body = PriceDraft>(
    method: string,
    path: string,
    json?: unknown,
  ): Promise<Reply<Body>> => {
    const response = await app.request(`/cloud/v1/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    const body = isJson && text !== '' ? JSON.parse(text) : text;
    return { status: response.status, code: body?.error?.code, body };
  };
}

const member = (userId: string): Principal => ({ ...ownerOf(operatorId, 'operator'), userId });
const ann = actAs(member('usr_ann'));
const bob = actAs(member('usr_bob'));
const withKey = (keyId: string) => actAs({ ...member(''), userId: null, keyId });
const customer = actAs(ownerOf(customerId));

const terms = (output: string): PriceTerms => ({
  rates: [
    {
      unit: 'token',
      direction: 'input',
      mode: 'whole_request',
      per: 1000,
      tiers: [{ upTo: null, amount: '0.001' }],
    },
    {
      unit: 'token',
      direction: 'output',
      mode: 'whole_request',
      per: 1000,
      tiers: [{ upTo: null, amount: output }],
    },
  ],
  serviceTiers: {},
  regions: {},
});
const item = (model: string, output = '0.002', effectiveFrom: string | null = null) => ({
  model,
  effectiveFrom,
  terms: terms(output),
});

async function draftOf(...items: readonly ReturnType<typeof item>[]): Promise<PriceDraft> {
  clock.advance(1000);
  const { status, body } = await ann('POST', 'price-drafts', { title: 'Spring', items });
  assert.equal(status, 201);
  return body;
}

async function requireApproval(isRequired: boolean): Promise<void> {
  const { status } = await bob('PUT', 'price-settings', { requiresApproval: isRequired });
  assert.equal(status, 200);
}

describe('a draft of prices', () => {
  it('changes nothing until it is published, and then all at once', async () => {
    const draft = await draftOf(item(small.name), item(large.name, '0.004'));
    const before = await customer<{ data: unknown[] }>('GET', 'prices');

    const { body } = await ann('POST', `price-drafts/${draft.id}/publication`, { revision: 1 });

    const after = await customer<{ data: { modelName: string }[] }>('GET', 'prices');
    assert.equal(before.body.data.length, 0);
    assert.equal(body.state, 'published');
    assert.deepEqual(
      new Set(after.body.data.map(({ modelName }) => modelName)),
      new Set([small.name, large.name]),
    );
  });

  it('is published whole or not at all', async () => {
    const later = new Date(clock.nowMs() + 3_600_000).toISOString();
    const first = await draftOf(item(large.name, '0.005', later));
    await ann('POST', `price-drafts/${first.id}/publication`, { revision: 1 });
    const second = await draftOf(item(small.name, '0.006'), item(large.name, '0.007', later));

    const { code } = await ann('POST', `price-drafts/${second.id}/publication`, { revision: 1 });

    assert.equal(code, 'price.exists');
    const { rows } = await sql<{ n: number }>`
      select count(*) as n from prices p join price_components c on c.price_id = p.id
      where model_id = ${small.id} and amount_pico = 6000000000`.execute(database);
    assert.equal(rows[0]?.n, 0);
    assert.equal((await ann('GET', `price-drafts/${second.id}`)).body.state, 'open');
  });

  it('is what was looked at, or it is refused', async () => {
    const { id } = await draftOf(item(small.name));
    const edit = { title: 'Later', items: [item(small.name, '0.003')], revision: 1 };
    const { body } = await bob('PUT', `price-drafts/${id}`, edit);

    assert.deepEqual([body.revision, body.title], [2, 'Later']);
    assert.equal((await ann('PUT', `price-drafts/${id}`, edit)).code, 'price.draft_changed');
    assert.equal(
      (await ann('POST', `price-drafts/${id}/publication`, { revision: 1 })).code,
      'price.draft_changed',
    );
  });

  it('can be discarded, and is closed then', async () => {
    const { id } = await draftOf(item(small.name));

    assert.equal((await ann('DELETE', `price-drafts/${id}`)).status, 204);
    assert.equal((await ann('GET', `price-drafts/${id}`)).body.state, 'discarded');
    for (const act of ['publication', 'approval']) {
      const { code } = await bob('POST', `price-drafts/${id}/${act}`, { revision: 1 });
      assert.equal(code, 'price.draft_closed');
    }
  });

  for (const [why, items, code] of [
    ['two prices from the same instant', [item(small.name), item(small.name)], 'price.overlaps'],
    ['a model that is not there', [item('nobody/none')], 'price.model_unknown'],
    ['a price below zero', [item(small.name, '-1')], 'price.negative'],
    ['an unknown currency', [{ ...item(small.name), currency: 'XYZ' }], 'request.invalid'],
  ] as const) {
    it(`is refused with ${code} for ${why}`, async () => {
      assert.equal((await ann('POST', 'price-drafts', { title: 'Odd', items })).code, code);
    });
  }

  it('without prices, or with one that begins in the past, is not published', async () => {
    const empty = await draftOf();
    const past = await draftOf(item(small.name, '0.002', new Date(clock.nowMs()).toISOString()));
    clock.advance(120_000);

    const publish = (id: string) => ann('POST', `price-drafts/${id}/publication`, { revision: 1 });

    assert.equal((await publish(empty.id)).code, 'price.draft_empty');
    assert.equal((await publish(past.id)).code, 'price.in_past');
  });

  it('says what it changes, in the price of one, and until when', async () => {
    const later = new Date(clock.nowMs() + 7_200_000).toISOString();
    const next = await draftOf(item(secret.name, '0.002'));
    await ann('POST', `price-drafts/${next.id}/publication`, { revision: 1 });
    const planned = await draftOf(item(secret.name, '0.009', later));
    await ann('POST', `price-drafts/${planned.id}/publication`, { revision: 1 });
    const [input, output] = terms('2.5').rates;
    assert.ok(input && output);
    const changed = {
      ...terms('0'),
      // The same price of one token of input, written for a million.
      rates: [
        { ...input, per: 1_000_000, tiers: [{ upTo: null, amount: '1' }] },
        { ...output, tiers: [{ upTo: null, amount: '0.0025' }] },
      ],
      regions: { west: '1.1' },
    };
    const { id } = await draftOf({ ...item(secret.name), terms: changed });

    const { body } = await ann<PriceDiff>('GET', `price-drafts/${id}/diff`);

    const [only] = body.items;
    assert.equal(only?.until, later);
    assert.deepEqual(
      only?.changes.map(({ what, change, percent }) => [what, change, percent]),
      [
        ['token/output', 'raised', '+25.0'],
        ['west', 'added', null],
      ],
    );
  });
});

describe('a second member', () => {
  it('approves what others wrote, when that is asked for', async () => {
    await requireApproval(true);
    const { id } = await draftOf(item(small.name, '0.01'));
    const publish = () => ann('POST', `price-drafts/${id}/publication`, { revision: 1 });

    assert.equal((await publish()).code, 'price.approval_required');
    const own = await ann('POST', `price-drafts/${id}/approval`, { revision: 1 });
    const byOwnKey = await withKey('key_ann')('POST', `price-drafts/${id}/approval`, {
      revision: 1,
    });
    const byAnyKey = await withKey('key_any')('POST', `price-drafts/${id}/approval`, {
      revision: 1,
    });
    assert.deepEqual(
      [own.code, byOwnKey.code, byAnyKey.code],
      ['price.approver_wrote_it', 'price.approver_wrote_it', 'price.approver_unknown'],
    );
    const { body } = await bob('POST', `price-drafts/${id}/approval`, { revision: 1 });
    assert.deepEqual(body.approval?.by, { id: 'usr_bob', name: 'bob' });
    assert.equal((await publish()).status, 200);
  });

  it('approves again after an edit, and not their own edit', async () => {
    const { id } = await draftOf(item(small.name, '0.011'));
    await bob('POST', `price-drafts/${id}/approval`, { revision: 1 });
    const edit = { title: 'Spring', items: [item(small.name, '0.001')], revision: 1 };

    const { body } = await bob('PUT', `price-drafts/${id}`, edit);

    assert.equal(body.approval, null);
    const publish = await bob('POST', `price-drafts/${id}/publication`, { revision: 2 });
    assert.equal(publish.code, 'price.approval_required');
    const approve = await bob('POST', `price-drafts/${id}/approval`, { revision: 2 });
    assert.equal(approve.code, 'price.approver_wrote_it');
  });

  it('cannot approve what nobody can be found behind', async () => {
    clock.advance(1000);
    const draft = { title: 'Whose', items: [item(small.name)] };
    const { body } = await withKey('key_any')('POST', 'price-drafts', draft);

    const { code } = await bob('POST', `price-drafts/${body.id}/approval`, { revision: 1 });

    assert.equal(code, 'price.author_unknown');
  });

  it('is not passed by with a price that is set at once', async () => {
    const body = { model: small.name, inputPerMillion: '1', outputPerMillion: '1' };

    assert.equal((await ann('POST', 'prices', body)).code, 'price.approval_required');
  });

  it('is asked for by an owner only, and the database refuses an author too', async () => {
    const finance = actAs({ ...member('usr_fin'), role: 'finance' });
    const { status } = await finance('PUT', 'price-settings', { requiresApproval: false });
    assert.equal(status, 403);

    const { id } = await draftOf(item(small.name));
    await assert.rejects(
      sql`update price_drafts set approved_revision = 1, approved_by = 'usr_ann',
        approved_at = now() where id = ${id}`.execute(database),
      { code: '23514' },
    );
    await requireApproval(false);
  });

  it('reads who did what', async () => {
    const { id } = await draftOf(item(small.name, '0.02'));
    await bob('PUT', `price-drafts/${id}`, {
      title: 'Two',
      items: [item(small.name)],
      revision: 1,
    });
    await ann('POST', `price-drafts/${id}/publication`, { revision: 2 });

    const { body } = await bob<{ data: PriceEvent[] }>('GET', `price-events?draftId=${id}`);

    assert.deepEqual(
      new Set(body.data.map(({ actor, action }) => `${actor?.name} ${action}`)),
      new Set(['ann draft.created', 'bob draft.edited', 'ann draft.published']),
    );
    await assert.rejects(sql`delete from price_events`.execute(database), {
      constraint: 'price_events_are_kept',
    });
  });
});

describe('drafts and their history', () => {
  it('are for members of the operator who may set prices', async () => {
    const { id } = await draftOf(item(small.name));
    const developer = actAs({ ...member('usr_dev'), role: 'developer' });
    for (const stranger of [customer, developer]) {
      for (const [method, path, body] of [
        ['GET', 'price-drafts'],
        ['POST', 'price-drafts', { title: 'x', items: [] }],
        ['GET', `price-drafts/${id}`],
        ['PUT', `price-drafts/${id}`, { title: 'x', items: [], revision: 1 }],
        ['DELETE', `price-drafts/${id}`],
        ['POST', `price-drafts/${id}/approval`, { revision: 1 }],
        ['POST', `price-drafts/${id}/publication`, { revision: 1 }],
        ['GET', `price-drafts/${id}/diff`],
        ['GET', `price-drafts/${id}/simulation`],
        ['GET', `price-book?draftId=${id}`],
        ['GET', 'price-events'],
        ['GET', 'price-settings'],
        ['PUT', 'price-settings', { requiresApproval: true }],
        ['POST', 'price-imports', { title: 'x', format: 'csv', text: '' }],
      ] as const) {
        assert.equal((await stranger(method, path, body)).status, 403, `${method} ${path}`);
      }
    }
  });
});

describe('a price book file', () => {
  it('that was exported and comes back differs in nothing', async () => {
    for (const format of ['json', 'csv']) {
      const file = await ann<unknown>('GET', `price-book?format=${format}`);
      const text = format === 'json' ? JSON.stringify(file.body) : String(file.body);

      const { code, body } = await ann<{ error: { message: string } }>('POST', 'price-imports', {
        title: 'Same',
        format,
        text,
      });

      assert.equal(code, 'price.import_refused');
      assert.match(body.error.message, /Nothing in it differs/);
    }
  });

  it('shows a tenant what it may see, and no draft', async () => {
    const { body } = await customer<string>('GET', 'price-book?format=csv');

    assert.match(body, new RegExp(small.name));
    assert.doesNotMatch(body, new RegExp(secret.name));
  });

  it('makes a draft of what is new in it, or says every line that is wrong', async () => {
    const { body: csv } = await ann<string>('GET', 'price-book?format=csv');
    const more = `${small.name},CNY,,rate,token,input,,,,,,,,1000,,0.003,,`;
    const bad = `nobody/none,CNY,,rate,token,input,,,,,,,,1000,,0.003,,`;

    const good = await ann('POST', 'price-imports', {
      title: 'New',
      format: 'csv',
      text: csv + more,
    });
    const refused = await ann<{ error: { message: string } }>('POST', 'price-imports', {
      title: 'Bad',
      format: 'csv',
      text: `${csv}${more}\n${bad}`,
    });

    assert.deepEqual(
      good.body.items.map(({ model, effectiveFrom }) => [model, effectiveFrom]),
      [[small.name, null]],
    );
    const line = csv.split('\n').length + 1;
    assert.equal(
      refused.body.error.message,
      `Nothing was imported.\nline ${line}: There is no model nobody/none.`,
    );
  });

  it('cannot change a price that has begun', async () => {
    const { body: csv } = await ann<string>('GET', 'price-book?format=csv');

    const { body } = await ann<{ error: { message: string } }>('POST', 'price-imports', {
      title: 'Late',
      format: 'csv',
      text: csv.replaceAll('0.001,', '0.009,'),
    });

    assert.match(body.error.message, /line 2: .*never changes/);
  });
});
