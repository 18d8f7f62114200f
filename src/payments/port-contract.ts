/** What every way of paying keeps to, whoever moves the money: run on each adapter. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlywheelError } from '#platform/error.ts';
import type { Checkout, Payment } from './api.ts';
import { ACME, type createPaymentsFixture } from './payments-fixture.ts';
import type { AdapterName } from './port.ts';

export type Fixture = Awaited<ReturnType<typeof createPaymentsFixture>>;

/** How the outside of an adapter is moved. */
export type Outside = Readonly<{
  adapter: AdapterName;
  /** Somebody pays; the same `messageId` is the same message once more. */
  pay: (
    payment: Payment,
    money: Readonly<{ amount: string; currency?: string; messageId: string }>,
  ) => Promise<void>;
}>;

const isCode = (code: string) => (error: unknown) =>
  error instanceof FlywheelError && error.code === code;

export function describePort(fixture: Fixture, outside: Outside): void {
  const tools = createTools(fixture, outside);
  describe(`a payment by ${outside.adapter}`, () => {
    describeBooking(tools);
    describeQuarantine(tools);
    describeGivingBack(tools);
  });
}

type Tools = Readonly<{
  fixture: Fixture;
  outside: Outside;
  open: (amount: string) => Promise<Checkout>;
  now: (id: string) => Promise<Payment>;
  /** What the balance of the tenant gains by it. */
  gained: (work: () => Promise<unknown>) => Promise<number>;
}>;

function createTools(fixture: Fixture, outside: Outside): Tools {
  const { payments, balanceOf } = fixture;
  const { adapter } = outside;
  return {
    fixture,
    outside,
    open: (amount) => payments.checkout(ACME, { amount, adapter }),
    now: (id) => payments.find({ tenantId: ACME, id }),
    gained: async (work) => {
      const before = Number(await balanceOf());
      await work();
      return Number(await balanceOf()) - before;
    },
  };
}

function describeBooking({ outside, open, now, gained }: Tools): void {
  it('says how to pay, and is nothing until somebody did', async () => {
    const payment = await open('100');

    assert.equal(payment.state, 'open');
    assert.ok(payment.url !== null || payment.bankDetails !== null);
    assert.deepEqual([payment.amount, payment.received, payment.booked], ['100', '0', '0']);
    assert.notEqual(payment.expiresAt, null);
  });

  it('adds to the balance once, however often it is told', async () => {
    const payment = await open('100.5');
    const money = { amount: '100.5', messageId: `${payment.id}-once` };

    assert.equal(
      await gained(async () => {
        await outside.pay(payment, money);
        await outside.pay(payment, money);
      }),
      100.5,
    );
    assert.deepEqual(
      [(await now(payment.id)).state, (await now(payment.id)).booked],
      ['succeeded', '100.5'],
    );
  });

  it('told by two at the same time is booked once', async () => {
    const payment = await open('40');
    const money = { amount: '40', messageId: `${payment.id}-both` };

    assert.equal(
      await gained(() => Promise.all([outside.pay(payment, money), outside.pay(payment, money)])),
      40,
    );
  });
}

function describeQuarantine({
  fixture: { payments, kindsTold },
  outside,
  open,
  now,
  gained,
}: Tools): void {
  for (const [what, money, problem] of [
    ['less', { amount: '99.99' }, 'amount_differs'],
    ['more', { amount: '100.01' }, 'amount_differs'],
    ['other money', { amount: '100', currency: 'USD' }, 'currency_differs'],
  ] as const) {
    it(`of ${what} than was asked for is set aside, named, and nothing is booked`, async () => {
      const payment = await open('100');
      const toldBefore = (await kindsTold('ten_operator')).length;

      const gain = await gained(() =>
        outside.pay(payment, { ...money, messageId: `${payment.id}-wrong` }),
      );

      const after = await now(payment.id);
      assert.deepEqual([gain, after.state, after.problem], [0, 'quarantined', problem]);
      const told = (await kindsTold('ten_operator')).slice(toldBefore);
      assert.deepEqual(told, ['payment.quarantined']);
    });
  }

  it('that was set aside is booked as it came when somebody takes it, unless it is other money', async () => {
    const payment = await open('100');
    await outside.pay(payment, { amount: '60', messageId: `${payment.id}-part` });
    assert.equal(await gained(() => payments.accept(payment.id)), 60);
    await assert.rejects(payments.accept(payment.id), isCode('payment.not_quarantined'));

    const foreign = await open('100');
    const money = { amount: '100', currency: 'USD', messageId: `${foreign.id}-usd` };
    await outside.pay(foreign, money);
    await assert.rejects(payments.accept(foreign.id), isCode('payment.not_quarantined'));
  });
}

function describeGivingBack({ fixture, outside, open, now, gained }: Tools): void {
  const { payments, settled, ledger } = fixture;
  const { adapter } = outside;

  it('of an invoice settles it, and takes that back with a refund', async () => {
    settled.length = 0;
    const payment = await payments.checkout(ACME, { invoiceId: 'inv_1', adapter });
    assert.equal(payment.amount, '250');
    await outside.pay(payment, { amount: '250', messageId: `${payment.id}-inv` });
    const wish = { amount: '50', reason: 'too much', idempotencyKey: 'back' };
    await payments.refund(payment.id, wish);

    assert.deepEqual(settled, [
      { invoiceId: 'inv_1', amountPico: 250_000_000_000_000n },
      { invoiceId: 'inv_1', amountPico: -50_000_000_000_000n },
    ]);
  });

  it('is given back in parts, each once, and never more than came', async () => {
    const payment = await open('90');
    await outside.pay(payment, { amount: '90', messageId: `${payment.id}-back` });
    const wish = { amount: '30', reason: 'a mistake', idempotencyKey: 'one' };

    const loss = await gained(async () => {
      await payments.refund(payment.id, wish);
      await payments.refund(payment.id, wish);
      await payments.refund(payment.id, { reason: 'the rest', idempotencyKey: 'two' });
    });

    assert.equal(loss, -90);
    const after = await now(payment.id);
    assert.deepEqual([after.refunded, after.booked, after.refunds.length], ['90', '0', 2]);
    await assert.rejects(
      payments.refund(payment.id, { ...wish, amount: '31' }),
      isCode('payment.key_reused'),
    );
    await assert.rejects(
      payments.refund(payment.id, { ...wish, idempotencyKey: 'three' }),
      isCode('payment.not_refundable'),
    );
  });

  it('of nobody, or of too little or too much, is not opened', async () => {
    for (const amount of ['0', '1', '999999999', '10.001']) {
      await assert.rejects(open(amount), isCode('payment.amount_invalid'), amount);
    }
    await assert.rejects(
      payments.checkout(ACME, { invoiceId: 'inv_of_bolt', adapter }),
      isCode('payment.invoice_unknown'),
    );
  });

  it('leaves books that balance', async () => {
    assert.deepEqual(await ledger.verify(), []);
  });
}
