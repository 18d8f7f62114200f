/** The close: once, whole, with numbers without gaps, and books that agree with the paper. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql, transaction } from '#platform/database.ts';
import { parseAmount } from '#ledger/money.ts';
import { createTestDatabase } from '../../test/database.ts';
import { type Billing, START_MS, createBilling } from './billing-fixture.ts';
import { createInvoices } from './invoices.ts';

const handle = await createTestDatabase();
const billing = createBilling(handle);
const { database, invoices, ledger } = billing;
await billing.addTenant('ten_operator', 'operator');
const AFTER_GRACE = '2026-12-01T12:00:00Z';
const AMOUNT = { eachPico: 1_234_567_891n, priced: 1_000n };

const isServer = (
  await sql<{ is: boolean }>`
    select count(*) > 1 as is from pg_stat_activity where backend_type = 'checkpointer'
      or backend_type = 'walwriter'`.execute(database)
).rows[0]?.is;

let count = 0;
/** A customer that began in November, with money. */
async function customer(): Promise<string> {
  count += 1;
  billing.clock.advance(START_MS - billing.clock.nowMs());
  const tenantId = await billing.addTenant(`ten_${String(count).padStart(3, '0')}`);
  await billing.pay(tenantId, parseAmount('100'));
  return tenantId;
}

const close = (tenantId: string, label: string | null = null) =>
  invoices.close({ tenantId, label });
const codeOf = (code: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === code;
async function show(tenantId: string, id: string | undefined) {
  return invoices.show(tenantId, id ?? '');
}

describe('a close', () => {
  it('waits for the end of the month by the clock of the tenant, and for the grace after it', async () => {
    const tenantId = await customer();
    await invoices.changeTerms({
      tenantId,
      change: { timeZone: 'Pacific/Kiritimati', graceHours: 3 },
      userId: null,
    });
    await billing.use(tenantId);
    billing.at('2026-11-30T12:59:59Z');
    await assert.rejects(close(tenantId), codeOf('invoice.period_open'));
    billing.at('2026-11-30T13:00:00Z');
    assert.equal((await close(tenantId)).label, '2026-11');
  });

  it('draws exactly what the paper says, and keeps the rest in the rounding account', async () => {
    const tenantId = await customer();
    await billing.use(tenantId, { line: AMOUNT });
    assert.equal(await billing.balance(tenantId), '98.765432109');
    billing.at(AFTER_GRACE);
    const { invoice } = await close(tenantId);
    assert.equal(invoice?.total, '1.23');
    assert.equal(invoice?.state, 'paid');
    assert.equal(await billing.balance(tenantId), '98.77');
    const { document } = await show(tenantId, invoice?.id);
    assert.equal(document.drawn, '1.234567891');
    assert.equal(document.rounding, '0.004567891');
    assert.deepEqual(await ledger.verify(), []);
  });

  it('of a month without usage takes no number and goes on', async () => {
    const tenantId = await customer();
    billing.at('2027-02-01T12:00:00Z');
    for (const label of ['2026-11', '2026-12', '2027-01']) {
      assert.deepEqual(await close(tenantId), { label, invoice: null });
    }
    await assert.rejects(close(tenantId), codeOf('invoice.period_open'));
  });

  it('happens once, whoever asks how often and at the same time', async () => {
    const tenantId = await customer();
    await billing.use(tenantId, { line: AMOUNT });
    billing.at(AFTER_GRACE);
    const other = createInvoices(billing.parts);
    const closed = await Promise.all([
      close(tenantId, '2026-11'),
      other.close({ tenantId, label: '2026-11' }),
      close(tenantId, '2026-11'),
    ]);
    const again = await close(tenantId, '2026-11');
    assert.equal(new Set([...closed, again].map(({ invoice }) => invoice?.number)).size, 1);
    const listed = await invoices.list(listOf(tenantId));
    assert.equal(listed.length, 1);
  });

  it('that is killed at any statement goes on and makes the same paper', async () => {
    const papers: string[] = [];
    for (let kill = 0; ; kill += 1) {
      const tenantId = await customer();
      await invoices.changeTerms({ tenantId, change: { legalName: 'Same Ltd.' }, userId: null });
      await billing.use(tenantId, { line: AMOUNT });
      await billing.use(tenantId, { source: 'grant', line: { rate: 'token/output', priced: 77n } });
      billing.at(AFTER_GRACE);
      const wasKilled = await closeWithKillAt(billing, tenantId, kill);
      const { invoice } = await close(tenantId, '2026-11');
      const { document } = await show(tenantId, invoice?.id);
      papers.push(JSON.stringify({ ...document, number: '' }));
      assert.equal((await invoices.list(listOf(tenantId))).length, 1);
      if (!wasKilled) break;
    }
    assert.ok(papers.length > 5, `${papers.length} places to die at`);
    assert.equal(new Set(papers).size, 1);
    assert.deepEqual((await invoices.verify()).findings, []);
    assert.deepEqual(await ledger.verify(), []);
  });

  it('numbers invoices without gaps, though closes run side by side and some fail', async () => {
    const tenants = [];
    for (let index = 0; index < 6; index += 1) {
      const tenantId = await customer();
      await billing.use(tenantId, { line: AMOUNT });
      tenants.push(tenantId);
    }
    billing.at(AFTER_GRACE);
    await Promise.allSettled(
      tenants.map((tenantId, index) =>
        index % 2 === 0 ? close(tenantId) : closeWithKillAt(billing, tenantId, 2 + index),
      ),
    );
    for (const tenantId of tenants) await close(tenantId, '2026-11');
    const { rows } = await sql<{ number: string }>`
      select number from invoices order by number`.execute(database);
    const expected = rows.map((_, index) => `INV-2026-${String(index + 1).padStart(6, '0')}`);
    assert.deepEqual(
      rows.map(({ number }) => number),
      expected,
    );
  });

  it('whose connection is cut after the number was taken leaves no gap, while others take theirs', async () => {
    const tenants: string[] = [];
    for (let index = 0; index < 8; index += 1) {
      const tenantId = await customer();
      await billing.use(tenantId, { line: AMOUNT });
      tenants.push(tenantId);
    }
    billing.at(AFTER_GRACE);
    const closes = tenants.flatMap((tenantId, index) => [
      index % 2 === 0 ? cutOff(tenantId) : close(tenantId),
      createInvoices(billing.parts).close({ tenantId, label: '2026-11' }),
    ]);
    await Promise.allSettled(closes);
    for (const tenantId of tenants) {
      await close(tenantId, '2026-11');
      assert.equal((await invoices.list(listOf(tenantId))).length, 1);
    }
    const { findings } = await invoices.verify();
    assert.deepEqual(findings, []);
    assert.deepEqual(await ledger.verify(), []);
  });

  it('issues nothing while lines, calls and postings differ, and says which entry it is', async () => {
    const tenantId = await customer();
    await billing.use(tenantId, { line: AMOUNT });
    billing.at(AFTER_GRACE);
    const wrong = {
      ...billing.parts,
      lines: {
        ...billing.parts.lines,
        posted: async () => ({
          ratedPico: 1n,
          wrongEntries: [{ entryId: 4711, postedPico: 2n, ratedPico: 1n }],
        }),
      },
    };
    await assert.rejects(
      createInvoices(wrong).close({ tenantId, label: null }),
      /Entry 4711 posts 2 pico and its calls cost 1/,
    );
    const { problems } = await invoices.receivables();
    assert.ok(problems.some((each) => each.tenantId === tenantId && /4711/.test(each.problem)));
    assert.equal((await close(tenantId, '2026-11')).invoice?.total, '1.23');
  });
});

describe('usage that comes late', () => {
  it('for a closed month is billed in the next, as a correction', async () => {
    const tenantId = await customer();
    await billing.use(tenantId, { line: AMOUNT });
    billing.at(AFTER_GRACE);
    await close(tenantId);
    await billing.use(tenantId, { atMs: Date.parse('2026-11-30T23:00:00Z'), line: AMOUNT });
    await billing.use(tenantId, { line: AMOUNT });
    billing.at('2027-01-01T12:00:00Z');
    const { invoice } = await close(tenantId);
    const { document } = await show(tenantId, invoice?.id);
    assert.equal(invoice?.period, '2026-12');
    assert.deepEqual(
      document.lines.map(({ kind, correctionOf }) => [kind, correctionOf]),
      [
        ['usage', null],
        ['correction', '2026-11-30'],
      ],
    );
  });

  it('in its grace is billed in its own month', async () => {
    const tenantId = await customer();
    billing.at('2026-12-01T11:59:00Z');
    await billing.use(tenantId, { atMs: Date.parse('2026-11-30T23:59:59Z'), line: AMOUNT });
    billing.at(AFTER_GRACE);
    assert.equal((await close(tenantId)).invoice?.total, '1.23');
  });

  it('is waited for where its transaction asked before the close began', async () => {
    const tenantId = await customer();
    billing.at(AFTER_GRACE);
    const ends: string[] = [];
    const asked = Promise.withResolvers<void>();
    const ingesting = transaction(database, async (tx) => {
      assert.equal((await invoices.closedUntil(tx, [tenantId])).has(tenantId), false);
      asked.resolve();
      await sql`select 1`.execute(tx);
    }).then(() => ends.push('ingested'));
    await asked.promise;
    const closing = close(tenantId).then(() => ends.push('closed'));
    await Promise.all([ingesting, closing]);
    assert.deepEqual(ends, ['ingested', 'closed']);
  });
});

describe('a preview', () => {
  it('is what the paper will say, at any time', async () => {
    const tenantId = await customer();
    await billing.use(tenantId, { line: AMOUNT });
    const preview = await invoices.preview(tenantId);
    assert.equal(preview.closesAt, '2026-12-01T12:00:00.000Z');
    billing.at(AFTER_GRACE);
    const { invoice } = await close(tenantId);
    const { kind: _kind, number: _number, ...paper } = (await show(tenantId, invoice?.id)).document;
    assert.deepEqual(preview.statement, paper);
  });
});

describe('papers', () => {
  it('are the same bytes each time they are made', async () => {
    const tenantId = await customer();
    await billing.use(tenantId, { line: AMOUNT });
    billing.at(AFTER_GRACE);
    const { invoice } = await close(tenantId);
    for (const format of ['pdf', 'csv', 'focus', 'json'] as const) {
      const first = await invoices.download(tenantId, invoice?.id ?? '', format);
      billing.clock.advance(86_400_000);
      await invoices.close({ tenantId, label: '2026-11' });
      const second = await invoices.download(tenantId, invoice?.id ?? '', format);
      assert.ok(Buffer.from(first.bytes).equals(second.bytes), format);
      assert.ok(first.bytes.length > 100, format);
    }
  });

  it('cannot be changed, not even by hand', async () => {
    await assert.rejects(sql`update invoices set document = 'x'`.execute(database));
    await assert.rejects(sql`delete from invoices`.execute(database));
  });
});

describe('the round that runs by itself', () => {
  it('closes every month that is over, and leaves the operator out', async () => {
    const tenantId = await customer();
    await billing.use(tenantId, { line: AMOUNT });
    billing.at('2027-01-01T12:00:00Z');
    assert.ok((await invoices.runRound()) > 0);
    const [listed] = await invoices.list(listOf(tenantId));
    assert.equal(listed?.period, '2026-11');
    assert.equal(await invoices.runRound(), 0);
    assert.deepEqual(await invoices.list(listOf('ten_operator')), []);
    assert.deepEqual((await invoices.verify()).findings, []);
  });
});

function listOf(tenantId: string) {
  return { tenantId, state: null, isOverdue: false, before: null, limit: 100 };
}

/**
 * A close whose server forgets it when all is written but nothing committed: the backend is ended. An embedded
 * database has one backend for all, so there the transaction fails instead.
 */
async function cutOff(tenantId: string): Promise<void> {
  const dying = createInvoices({
    ...billing.parts,
    notices: {
      send: async (tx) => {
        const { rows } = await sql<{ taken: number }>`
          select count(*) as taken from invoices where tenant_id = ${tenantId}`.execute(tx);
        assert.equal(rows[0]?.taken, 1, 'the paper and its number are written');
        if (isServer) await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx);
        throw new Error('cut off');
      },
    },
  });
  await assert.rejects(dying.close({ tenantId, label: '2026-11' }));
}

/** Ends the connection's work at the n-th thing a close asks of others; false when it got through. */
async function closeWithKillAt(of: Billing, tenantId: string, at: number): Promise<boolean> {
  let steps = 0;
  const step = (): void => {
    steps += 1;
    if (steps === at + 1) throw new Error('killed');
  };
  const dying = createInvoices({
    ...of.parts,
    database: of.database,
    lines: {
      ...of.parts.lines,
      sum: async (...args) => {
        step();
        const sums = await of.parts.lines.sum(...args);
        step();
        return sums;
      },
      posted: async (...args) => {
        const check = await of.parts.lines.posted(...args);
        step();
        return check;
      },
    },
    purchases: {
      ...of.parts.purchases,
      bought: async (...args) => {
        step();
        return of.parts.purchases.bought(...args);
      },
    },
    ledger: {
      leases: {
        payable: async (...args) => {
          step();
          return of.ledger.leases.payable(...args);
        },
      },
      post: async (...args) => {
        step();
        const posted = await of.ledger.post(...args);
        step();
        return posted;
      },
    },
    notices: {
      send: async () => {
        step();
        return { noticeId: null };
      },
    },
  });
  try {
    await dying.close({ tenantId, label: null });
    return false;
  } catch (error) {
    assert.match(String(error), /killed/);
    return true;
  }
}
