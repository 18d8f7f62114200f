import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { callAs, insertModel, insertTenant, ownerOf } from '../../test/money.ts';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { createManualClock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { authorAccount, platformAccount, tenantCredit } from '#ledger/entry.ts';
import { createLedger } from '#ledger/ledger.ts';
import { createLedgerRoutes } from '#ledger/routes.ts';
import { type FundingPart, fundEvents } from '#metering/funding.ts';
import { createMetering } from '#metering/metering.ts';
import { createPricing } from '#pricing/pricing.ts';
import { createAuthors } from './authors.ts';
import { createAuthorRoutes } from './routes.ts';

const DAY_MS = 24 * 60 * 60_000;

const { database } = await createTestDatabase();
/** Noon UTC on the last day but one of a month. */
const clock = createManualClock(Date.UTC(2027, 0, 30, 12));
const ledger = createLedger({ database, clock, log: silentLog });
const operatorId = await insertTenant(database, 'operator');
const authorId = await insertTenant(database);
const payerId = await insertTenant(database);
const model = await insertModel(database, authorId, 'poet');
const other = await insertModel(database, operatorId, 'house');
const models = [
  { ...model, tenantId: authorId },
  { ...other, tenantId: operatorId },
];
const authors = createAuthors({
  database,
  ledger,
  models: {
    publishersOf: async () => new Map(models.map(({ id, tenantId }) => [id, tenantId])),
    find: async (name) => models.find((each) => each.name === name) ?? null,
    namesOf: async () => new Map(models.map(({ id, name }) => [id, name])),
    publishedBy: async (tenantId) =>
      models.flatMap((each) => (each.tenantId === tenantId ? each.id : [])),
  },
  clock,
  log: silentLog,
});
const pricing = createPricing({
  database,
  models: {
    find: async (name) => models.find((each) => each.name === name) ?? null,
    list: async () => models,
  },
  clock,
  log: silentLog,
});

/** Set by a test that wants somebody else than cash to pay. */
const paid: { parts: readonly FundingPart[] | null } = { parts: null };
const metering = createMetering({
  database,
  ledger,
  pricing,
  shares: authors,
  funding: {
    fund: async (tx, events) =>
      paid.parts === null ? fundEvents(tx, undefined, events) : [paid.parts],
  },
  counts: async () => ({ models: 1, machines: 1, replicasReady: 1 }),
  clock,
  log: silentLog,
});

for (const tenantId of [payerId, authorId]) {
  const credit = { tenantId, currency: 'CNY', amountPico: 10n ** 12n, idempotencyKey: 'start' };
  await ledger.credit({ ...credit, note: '' });
}

const routes = createAuthorRoutes({ authors, clock });
const operator = callAs(ownerOf(operatorId, 'operator'), routes);
const author = callAs(ownerOf(authorId), routes);
const payer = callAs(ownerOf(payerId), routes);

const prices = new Map<string, string>();
for (const { id, name } of models) {
  const price = await pricing.publish(
    { tenantId: operatorId, isOperator: true },
    {
      model: name,
      currency: 'CNY',
      effectiveFromMs: null,
      inputPerMillion: '1',
      cacheReadPerMillion: null,
      outputPerMillion: '2',
      reasoningPerMillion: null,
      createdBy: null,
    },
  );
  prices.set(id, price.id);
}

/** 10 tokens in and 20 out: 0.00005. */
async function call(tenantId = payerId, modelId = model.id) {
  const identity = identityOf({
    tenantId,
    modelId,
    priceId: prices.get(modelId) ?? null,
    admittedAtMs: clock.nowMs(),
  });
  const settled = [settledOf(identity)];
  await metering.ingest({ gatewayId: 'gtw_1', segment: 1, fromOffset: 0, toOffset: 1, settled });
  return identity.requestId;
}

async function payable(tenantId = authorId): Promise<unknown> {
  const { body } = await operator('/cloud/v1/authors');
  return body.data?.find((each) => each['tenantId'] === tenantId)?.['payable'] ?? '0';
}

async function share(rule: Readonly<Record<string, unknown>>) {
  clock.advance(1);
  const made = await operator('/cloud/v1/author-shares', { model: model.name, ...rule });
  assert.equal(made.status, 201, JSON.stringify(made.body));
}

describe('a share of revenue', () => {
  it('is nothing before the operator says so', async () => {
    await call();
    assert.equal(await payable(), '0');
  });

  it('is posted in the entry of the call, and the call says how much', async () => {
    await share({ basisPoints: 3000 });
    const requestId = await call();

    assert.equal(await payable(), '0.000015');
    const scope = { tenantId: payerId, projectId: null };
    const event = await metering.event({ scope, requestId, showsCost: true });
    const [entry] = await ledger.entries({
      tenantId: null,
      beforeId: (event.entryId ?? 0) + 1,
      limit: 1,
    });
    assert.deepEqual(
      entry?.postings.map(({ accountId, amount }) => [accountId, amount]),
      [
        [tenantCredit(payerId, 'CNY').id, '-0.00005'],
        [platformAccount('revenue', 'CNY').id, '0.000035'],
        [authorAccount(authorId, 'CNY').id, '0.000015'],
      ],
    );
  });

  it('is not told to who paid, and the author is not told who that was', async () => {
    const ledgerRoutes = createLedgerRoutes(ledger);
    const asPayer = await callAs(ownerOf(payerId), ledgerRoutes)('/cloud/v1/entries');
    const asAuthor = await callAs(ownerOf(authorId), ledgerRoutes)('/cloud/v1/entries');

    const said = JSON.stringify(asPayer.body);
    assert.ok(!said.includes(authorId) && !said.includes('0.000035'), said);
    const [newest = {}] = asPayer.body.data ?? [];
    assert.deepEqual(
      (newest['postings'] as { amount: string }[]).map(({ amount }) => amount),
      ['-0.00005', '0.00005'],
    );
    assert.deepEqual(
      asAuthor.body.data?.map(({ kind }) => kind),
      ['credit'],
    );
    for (const path of ['author-statement', 'author-earnings', 'author-shares', 'author-payouts']) {
      const { body } = await author(`/cloud/v1/${path}`);
      assert.ok(!JSON.stringify(body).includes(payerId), path);
    }
  });

  it("leaves the operator's own models and the author's own calls out", async () => {
    const before = await payable();
    clock.advance(1);
    await operator('/cloud/v1/author-shares', { basisPoints: 5000 });
    await call(payerId, other.id);
    await call(authorId);
    assert.equal(await payable(), before);
    assert.equal(await payable(operatorId), '0');
  });

  it('counts what a grant paid only where the rule says so', async () => {
    const parts = (['grant', 'cash'] as const).map((source, index) => ({
      source,
      sourceId: null,
      amountPico: index === 0 ? 40_000_000n : 10_000_000n,
      account: index === 0 ? platformAccount('grant', 'CNY') : null,
    }));
    const before = Number(await payable());
    paid.parts = parts;
    await call();
    assert.equal(Number(await payable()) - before, 0.000_003);
    await share({ basisPoints: 3000, countsFreeUsage: true });
    await call();
    paid.parts = null;
    assert.ok(Math.abs(Number(await payable()) - before - 0.000_018) < 1e-12);
  });

  it('is refused where it would reach back, twice at once, or for nobody knows what', async () => {
    const past = new Date(clock.nowMs() - DAY_MS).toISOString();
    const at = new Date(clock.nowMs() + DAY_MS).toISOString();
    const later = { model: other.name, basisPoints: 1, effectiveFrom: at };
    await operator('/cloud/v1/author-shares', later);
    for (const [body, code] of [
      [{ model: model.name, basisPoints: 1, effectiveFrom: past }, 'share.in_past'],
      [later, 'share.exists'],
      [{ model: 'no/body', basisPoints: 1 }, 'share.model_unknown'],
      [{ basisPoints: null }, 'share.default_incomplete'],
      [{ basisPoints: 1, authorTenantId: authorId }, 'share.default_incomplete'],
    ] as const) {
      assert.equal((await operator('/cloud/v1/author-shares', body)).body.error?.code, code);
    }
    for (const basisPoints of [-1, 10_001, 0.5, '30']) {
      const answer = await operator('/cloud/v1/author-shares', { model: model.name, basisPoints });
      assert.equal(answer.status, 400, String(basisPoints));
    }
  });
});

describe('a payment that is given back', () => {
  it('takes its share back in the same entry', async () => {
    const before = await payable();
    await transaction(database, async (tx) => {
      const postings = await authors.reversal(tx, {
        key: 'note-1',
        modelId: model.id,
        currency: 'CNY',
        sharePico: 5_000_000n,
        atMs: clock.nowMs(),
      });
      await ledger.post(tx, {
        key: 'note-1',
        kind: 'credit',
        reference: {},
        effectiveAtMs: clock.nowMs(),
        postings,
      });
    });
    assert.ok(Math.abs(Number(before) - Number(await payable()) - 0.000_005) < 1e-12);
    const { body } = await author('/cloud/v1/author-statement');
    assert.equal(body['reversed'], '0.000005');
    assert.deepEqual(await authors.verify(), []);
  });
});

describe('a payout', () => {
  const payout = (amount: string, idempotencyKey: string) =>
    operator('/cloud/v1/author-payouts', {
      tenantId: authorId,
      amount,
      reference: `transfer ${idempotencyKey}`,
      idempotencyKey,
    });

  it('is never more than is owed, also of two at once', async () => {
    const owed = String(await payable());
    const tooMuch = await payout(`${Number(owed) + 1}`, 'much');
    assert.deepEqual([tooMuch.status, tooMuch.body.error?.code], [409, 'payout.more_than_payable']);

    const both = await Promise.all([payout(owed, 'a'), payout(owed, 'b')]);

    assert.deepEqual(
      both.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, 409],
    );
    assert.equal(await payable(), '0');
    const ledgerBalance = await ledger.balance(authorId);
    assert.equal(ledgerBalance.balance, '0.99995', 'its own credit is another account');
  });

  it('is recorded once per key, and refused under a used key with other words', async () => {
    await call();
    const first = await payout('0.000001', 'once');
    const again = await payout('0.000001', 'once');
    assert.deepEqual(again.body, first.body);
    assert.equal((await payout('0.000002', 'once')).body.error?.code, 'payout.key_reused');
    for (const amount of ['0', '-1', '1e3', 'NaN', '0.0000000000001']) {
      assert.equal((await payout(amount, `bad ${amount}`)).status, 400, amount);
    }
  });

  it('that came back is owed again, once', async () => {
    const before = Number(await payable());
    const { body } = await payout('0.000002', 'bounced');
    const path = `/cloud/v1/author-payouts/${String(body['id'])}/reverse`;

    const reversed = await operator(path, { note: 'account closed' });

    assert.equal(reversed.body['reversalNote'], 'account closed');
    assert.equal(Number(await payable()), before);
    assert.equal((await operator(path, {})).body.error?.code, 'payout.reversed');
    const nobody = await operator('/cloud/v1/author-payouts/pyo_none/reverse', {});
    assert.equal(nobody.status, 404);
    assert.deepEqual(await authors.verify(), []);
    assert.deepEqual(await ledger.verify(), []);
  });

  it('is for the operator to record, and for its author to see', async () => {
    const body = { tenantId: authorId, amount: '1', reference: 'r', idempotencyKey: 'k' };
    assert.equal((await author('/cloud/v1/author-payouts', body)).status, 403);
    assert.equal((await author('/cloud/v1/author-shares', { basisPoints: 1 })).status, 403);
    assert.equal((await author('/cloud/v1/authors')).status, 403);
    assert.equal((await author('/cloud/v1/author-payouts')).body.data?.length, 3);
    assert.deepEqual((await payer('/cloud/v1/author-payouts')).body.data, []);
    for (const path of ['author-statement', 'author-earnings', 'author-payouts']) {
      const spied = await payer(`/cloud/v1/${path}?tenantId=${authorId}`);
      assert.deepEqual([spied.status, spied.body.error?.code], [404, 'ledger.tenant_unknown']);
    }
  });
});

describe("an author's statement", () => {
  it('leads from what was owed to what is owed, and a month that is over stays as it was', async () => {
    const january = (await author('/cloud/v1/author-statement?month=2027-01')).body;
    clock.advance(3 * DAY_MS);
    await call();
    const again = (await author('/cloud/v1/author-statement?month=2027-01')).body;
    const february = (await author('/cloud/v1/author-statement?month=2027-02')).body;

    assert.deepEqual(again, { ...january, isOver: true });
    assert.equal(february['opening'], january['closing']);
    assert.equal(february['closing'], await payable());
    assert.deepEqual(
      (february['lines'] as Record<string, unknown>[]).map(
        ({ modelName, calls, share: earned }) => [modelName, calls, earned],
      ),
      [[model.name, 1, '0.000015']],
    );
  });

  it('needs a month that exists and an author that does', async () => {
    for (const month of ['2027-13', '2027', 'x']) {
      const { status } = await author(`/cloud/v1/author-statement?month=${month}`);
      assert.equal(status, 400, month);
    }
    const nobody = await operator('/cloud/v1/author-statement?tenantId=ten_none');
    assert.equal(nobody.body.error?.code, 'author.unknown');
  });

  it('is foretold: a tenant with a shared model is an author before the first call', async () => {
    const { body } = await author('/cloud/v1/author-earnings');
    assert.deepEqual(body['currencies'], ['CNY']);
    const other = (await author('/cloud/v1/author-earnings?currency=USD')).body;
    assert.deepEqual([other['currency'], other['payable']], ['USD', '0']);
    assert.equal(body['isAuthor'], true);
    assert.equal((await payer('/cloud/v1/author-earnings')).body['isAuthor'], false);
    const rules = await author('/cloud/v1/author-shares');
    assert.deepEqual(
      rules.body.data?.map(({ modelName, basisPoints, state }) => [modelName, basisPoints, state]),
      [
        [model.name, 3000, 'current'],
        [null, 5000, 'current'],
        [model.name, 3000, 'past'],
      ],
    );
  });
});
