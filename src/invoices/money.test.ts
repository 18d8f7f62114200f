/** Bills of real usage and real purchases: every module between a call and its paper, on a real database. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { authorAccount, tenantCredit } from '#ledger/entry.ts';
import { formatAmount, parseAmount, sum } from '#ledger/money.ts';
import { createTestDatabase } from '../../test/database.ts';
import type { InvoiceLine } from './document.ts';
import { createInvoices } from './invoices.ts';
import { OPERATOR, createMoney } from './money-fixture.ts';

const money = await createMoney(await createTestDatabase());
const { authors, call, credits, database, invoices, ledger, ship } = money;
const NOVEMBER_CLOSES = '2026-12-01T12:00:00Z';
const DECEMBER_CLOSES = '2027-01-01T12:00:00Z';
const exact = (lines: readonly InvoiceLine[]) =>
  sum(lines.map(({ exactAmount }) => parseAmount(exactAmount)));

const planOf = (name: string, price: string, allowance: string) =>
  credits.plans.create(OPERATOR, null, {
    name,
    price,
    unit: 'token',
    atEnd: 'overage',
    windows: [{ period: 'month', allowance }],
  });
const small = await planOf('Small', '100', '1000');
const large = await planOf('Large', '400', '100000');
const saver = await credits.savingsPlans.create(OPERATOR, null, {
  name: 'Saver',
  amount: '50',
  discountPercent: 10,
  months: 3,
});

async function closed(tenantId: string) {
  const { invoice } = await invoices.close({ tenantId, label: null });
  assert.ok(invoice !== null, 'there was something to bill');
  return { invoice, paper: (await invoices.show(tenantId, invoice.id)).document };
}

/** All postings on the cash of a tenant by kind of entry, below zero what was taken. */
async function drawn(tenantId: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ kind: string; amount: string }>`
    select e.kind, sum(p.amount_pico) as amount from ledger_postings p
    join ledger_entries e on e.id = p.entry_id
    where p.account_id = ${tenantCredit(tenantId, 'CNY').id} group by 1`.execute(database);
  return new Map(rows.map(({ kind, amount }) => [kind, formatAmount(BigInt(amount))]));
}

async function isSound(): Promise<void> {
  assert.deepEqual(await ledger.verify(), []);
  assert.deepEqual(await authors.verify(), []);
  assert.deepEqual((await invoices.verify()).findings, []);
}

/** Every page of requests of a line, by pages of two. */
async function requestsOf(tenantId: string, id: string, query: object) {
  const found = [];
  let cursor: string | null = null;
  for (;;) {
    const all = { line: null, source: null, sourceId: null, ...query };
    const page = await invoices.requests(tenantId, id, { ...all, cursor, limit: 2 });
    found.push(...page.data);
    cursor = page.nextCursor;
    if (cursor === null) return found;
  }
}

describe('an invoice of purchases', () => {
  it('shows a plan, its upgrade and its downgrade line by line, and takes what the ledger took', async () => {
    money.at('2026-11-11T00:00:00Z');
    const tenantId = await money.customer('2000');
    await invoices.changeTerms({
      tenantId,
      change: { tax: { name: 'VAT', mode: 'exclusive', ratePpm: 60_000 } },
      userId: null,
    });
    await credits.subscriptions.subscribe({ tenantId, planId: small.id, by: null });
    await ship(call(tenantId, [600, 100]));
    money.at('2026-11-21T00:00:00Z');
    await credits.subscriptions.change({ tenantId, planId: large.id, by: null });
    const preview = await invoices.preview(tenantId);
    money.at(NOVEMBER_CLOSES);
    const { paper } = await closed(tenantId);
    assert.deepEqual(preview.statement.lines, paper.lines);
    const bought = paper.lines.filter(({ kind }) => kind === 'purchase');
    assert.deepEqual(
      bought.map(({ rate, description, amount, service }) => [
        rate,
        description,
        amount,
        service?.firstDate,
        service?.lastDate,
      ]),
      [
        ['subscription', 'Small', '100.00', '2026-11-11', '2026-12-10'],
        ['unused', 'Small', '-66.67', '2026-11-21', '2026-12-10'],
        ['remaining', 'Large', '266.66', '2026-11-21', '2026-12-10'],
      ],
    );
    assert.equal(paper.purchases, '299.99');
    assert.equal(paper.tax?.amount, '18.00');
    assert.equal(paper.total, '317.99');
    const taken = await drawn(tenantId);
    assert.equal(taken.get('subscription'), '-299.99');
    assert.equal(
      await money.balance(tenantId),
      formatAmount(parseAmount('2000') - parseAmount('317.99')),
    );
    // 20/30 of the small plan, less half of what came back, and half of the large one: the rest is December's.
    assert.deepEqual(
      paper.amortised.map(({ state, cost }) => [state, cost]),
      [['used', '166.661666666666']],
    );

    await credits.subscriptions.change({ tenantId, planId: small.id, by: null });
    money.at('2026-12-11T00:00:01Z');
    await credits.subscriptions.sweep();
    money.at(DECEMBER_CLOSES);
    const next = await closed(tenantId);
    assert.deepEqual(
      next.paper.lines.map(({ rate, description, amount }) => [rate, description, amount]),
      [['subscription', 'Small', '100.00']],
    );
    await isSound();
  });

  it('is made of real prices, sources and corrections, each walked to its very requests', async () => {
    money.at('2027-01-05T00:00:00Z');
    const tenantId = await money.customer('1000');
    await credits.savingsPlans.buy({ tenantId, by: null, id: saver.id, idempotencyKey: 'saver' });
    await credits.grants.give(OPERATOR, null, {
      tenantId,
      amount: '0.001',
      idempotencyKey: 'gift',
      note: '',
    });
    const calls = [
      call(tenantId, [900, 30]),
      call(tenantId, [900, 31]),
      call(tenantId, [1_500, 0]),
      call(tenantId, [20, 999], { serviceTier: 'batch' }),
      call(tenantId, [10, 3], { outcome: 'cancelled', status: 499 }),
    ];
    await ship(...calls);
    await ship(calls[0] ?? call(tenantId, [1, 1]));
    money.at('2027-02-01T12:00:00Z');
    await closed(tenantId);
    const late = call(tenantId, [700, 7], { settledAtMs: Date.parse('2027-01-31T23:59:59Z') });
    await ship(late, call(tenantId, [800, 0]));
    money.at('2027-03-01T12:00:00Z');
    const { invoice, paper } = await closed(tenantId);
    assert.deepEqual(
      paper.lines.map(({ kind, direction, correctionOf }) => [kind, direction, correctionOf]),
      [
        ['usage', 'input', null],
        ['correction', 'input', '2027-01-31'],
        ['correction', 'output', '2027-01-31'],
      ],
    );
    const papers = await invoices.list(listOf(tenantId));
    assert.equal(papers.length, 2);
    for (const { id } of papers) await walks(tenantId, id);
    const [ofLate] = await requestsOf(tenantId, invoice.id, { line: paper.lines[1]?.key });
    assert.equal(ofLate?.requestId, late.requestId);
    assert.notEqual(ofLate?.billedAt, ofLate?.settledAt);
    await isSound();
  });

  it('waits for purchases as for calls: one of a closed month is billed in the next', async () => {
    money.at('2027-03-10T00:00:00Z');
    const tenantId = await money.customer('500');
    money.at('2027-04-01T12:00:00Z');
    await invoices.close({ tenantId, label: null });
    money.clock.advance(-2 * 86_400_000);
    await credits.subscriptions.subscribe({ tenantId, planId: small.id, by: null });
    money.at('2027-05-01T12:00:00Z');
    const { invoice, paper } = await closed(tenantId);
    assert.equal(invoice.period, '2027-04');
    assert.equal(paper.purchases, '100.00');
    await isSound();
  });

  it('is not issued while the books took something else, or hold another currency', async () => {
    money.at('2027-05-02T00:00:00Z');
    const tenantId = await money.customer('500');
    await credits.subscriptions.subscribe({ tenantId, planId: small.id, by: null });
    money.at('2027-06-01T12:00:00Z');
    const wrong = async () => invoices.close({ tenantId, label: '2027-05' });
    await sql`update purchases set amount_pico = amount_pico + 1
      where tenant_id = ${tenantId}`.execute(database);
    await assert.rejects(wrong, /took 100000000000000 pico for purchases of 100000000000001/);
    await sql`update purchases set amount_pico = amount_pico - 1
      where tenant_id = ${tenantId}`.execute(database);
    assert.equal((await wrong()).invoice?.total, '100.00');
    const other = await money.customer('1');
    await ship(call(other, [900, 1]));
    await sql`update usage_line_sums set currency = 'USD'
      where tenant_id = ${other} and direction = 'output'`.execute(database);
    money.at('2027-07-01T12:00:00Z');
    await assert.rejects(
      invoices.close({ tenantId: other, label: null }),
      /Usage of 2027-06 costs USD and is billed in CNY|the sources of a period/,
    );
  });
});

describe('a credit note', () => {
  it('takes the author’s share back with it: a part for a part, and all of it for all', async () => {
    money.at('2027-08-02T00:00:00Z');
    const tenantId = await money.customer('1000');
    await authors.setRule({ ...RULE, basisPoints: 3_000 });
    money.at('2027-08-03T00:00:00Z');
    await ship(call(tenantId, [2_000_000, 1_000_000]));
    money.at('2027-08-10T00:00:00Z');
    await authors.setRule({ ...RULE, basisPoints: 5_000 });
    money.at('2027-08-11T00:00:00Z');
    await ship(call(tenantId, [1_000_000, 0]));
    const earned = await owedToAuthor();
    assert.equal(earned, parseAmount('3.9000003') + parseAmount('1.5'));
    money.at('2027-09-01T12:00:00Z');
    const { invoice } = await closed(tenantId);
    assert.equal(invoice.total, '16.00');
    const credit = (amount: string | null, idempotencyKey: string) =>
      invoices.credit(invoice.id, {
        amountPico: amount === null ? null : parseAmount(amount),
        reason: 'An outage',
        idempotencyKey,
        createdBy: null,
      });
    await credit('4', 'quarter');
    await credit('4', 'quarter');
    assert.equal(await owedToAuthor(), earned - earned / 4n);
    await isSound();
    await credit(null, 'rest');
    assert.equal(await owedToAuthor(), 0n);
    const [back] = (
      await sql<{ entries: number }>`
        select count(distinct p.entry_id)::bigint as entries from ledger_postings p
        join credit_notes n on n.entry_id = p.entry_id
        where p.account_id = ${authorAccount(money.authorId, 'CNY').id}`.execute(database)
    ).rows;
    assert.equal(back?.entries, 2);
    const statement = await authors.statement({
      tenantId: money.authorId,
      currency: 'CNY',
      month: '2027-09',
    });
    assert.equal(statement.reversed, formatAmount(earned));
    assert.equal(statement.closing, '0');
    await isSound();
  });

  it('that fails takes nothing back', async () => {
    money.at('2027-09-02T00:00:00Z');
    const tenantId = await money.customer('100');
    await ship(call(tenantId, [2_000_000, 0]));
    money.at('2027-10-01T12:00:00Z');
    const { invoice } = await closed(tenantId);
    const before = await owedToAuthor();
    const dying = createInvoices({
      ...money.parts,
      notices: { send: () => Promise.reject(new Error('killed')) },
    });
    const wish = { amountPico: null, reason: 'All', idempotencyKey: 'all', createdBy: null };
    await assert.rejects(dying.credit(invoice.id, wish), /killed/);
    assert.equal(await owedToAuthor(), before);
    await isSound();
  });
});

const RULE = {
  model: 'poet',
  authorTenantId: null,
  countsOwnUsage: false,
  countsFreeUsage: false,
  effectiveFromMs: null,
  createdBy: null,
};

async function owedToAuthor(): Promise<bigint> {
  const { rows } = await sql<{ owed: string }>`
    select coalesce(sum(balance_pico), 0) as owed from ledger_balances
    where account_id = ${authorAccount(money.authorId, 'CNY').id}`.execute(database);
  return BigInt(rows[0]?.owed ?? '0');
}

function listOf(tenantId: string) {
  return { tenantId, state: null, isOverdue: false, before: null, limit: 100 };
}

/** Parts of all requests of a line sum to it, and those that a source paid to what it paid. */
async function walks(tenantId: string, id: string): Promise<void> {
  const { document } = await invoices.show(tenantId, id);
  for (const line of document.lines) {
    const found = await requestsOf(tenantId, id, { line: line.key });
    if (line.kind === 'purchase') {
      assert.deepEqual(found, []);
      continue;
    }
    assert.equal(found.length, line.calls, line.description);
    assert.equal(sum(found.map(({ part }) => parseAmount(part))), parseAmount(line.exactAmount));
    assert.equal(
      found.reduce((units, each) => units + (each.units ?? 0), 0),
      Number(line.units),
    );
  }
  const paid = [];
  for (const { source, sourceId, exactAmount } of document.deductions) {
    const found = await requestsOf(tenantId, id, { source, sourceId });
    assert.equal(sum(found.map(({ part }) => parseAmount(part))), parseAmount(exactAmount), source);
    paid.push(...found);
  }
  paid.push(...(await requestsOf(tenantId, id, { source: 'cash' })));
  const usage = document.lines.filter(({ kind }) => kind !== 'purchase');
  assert.equal(sum(paid.map(({ part }) => parseAmount(part))), exact(usage));
}
