/** Bank transfers: announced by tenants, recorded by the operator. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FlywheelError } from '#platform/error.ts';
import { createTestDatabase } from '../../test/database.ts';
import { ACME, createPaymentsFixture } from './payments-fixture.ts';
import { describePort } from './port-contract.ts';

const fixture = await createPaymentsFixture(await createTestDatabase());
const { payments, balanceOf, clock } = fixture;

const isCode = (code: string) => (error: unknown) =>
  error instanceof FlywheelError && error.code === code;

it('nothing can be paid before the operator wrote down how', async () => {
  await assert.rejects(payments.checkout(ACME, { amount: '50' }), isCode('payment.adapter_off'));
  await payments.settings.set({ bankDetails: 'Bank of Examples, account 123' });
  const made = await payments.checkout(ACME, { amount: '50' });
  assert.equal(made.bankDetails, 'Bank of Examples, account 123');
  assert.match(made.reference, /^FW-[0-9A-Z]{10}$/);
});

describePort(fixture, {
  adapter: 'manual',
  pay: async ({ id: paymentId }, { messageId: idempotencyKey, ...money }) => {
    await payments.record({ paymentId, ...money, receivedOn: '2026-11-23', idempotencyKey });
  },
});

it('a transfer that nobody announced is recorded once', async () => {
  const record = {
    tenantId: ACME,
    amount: '75.25',
    reference: 'for tokens',
    receivedOn: '2026-11-20',
    idempotencyKey: 'bank-line-7',
  };
  const before = Number(await balanceOf());
  const [one, two] = [await payments.record(record), await payments.record(record)];

  assert.equal(one.id, two.id);
  assert.deepEqual([one.receivedOn, one.reference], ['2026-11-20', 'for tokens']);
  assert.equal(Number(await balanceOf()) - before, 75.25);
  await assert.rejects(payments.record({ ...record, amount: '75' }), isCode('payment.key_reused'));
  await assert.rejects(
    payments.record({ ...record, tenantId: 'ten_nobody', idempotencyKey: 'x' }),
    isCode('payment.unknown'),
  );
});

it('a transfer that comes after its announcement was forgotten counts all the same', async () => {
  const made = await payments.checkout(ACME, { amount: '20', adapter: 'manual' });
  clock.advance(31 * 24 * 60 * 60_000);
  await payments.tick();
  assert.equal((await payments.find({ tenantId: ACME, id: made.id })).state, 'expired');

  const { id: paymentId } = made;
  const record = { paymentId, amount: '20', receivedOn: '2026-12-30', idempotencyKey: 'late' };
  assert.equal((await payments.record(record)).state, 'succeeded');
});

it('what was spent is not given back, but a transfer that bounced is gone', async () => {
  const { payments: of, ledger } = fixture;
  const record = { amount: '30', receivedOn: '2026-11-20', idempotencyKey: 'spent' };
  const { id } = await of.record({ ...record, tenantId: 'ten_bolt' });
  await ledger.post(fixture.database, {
    key: 'spent',
    kind: 'credit',
    reference: {},
    effectiveAtMs: clock.nowMs(),
    postings: [
      {
        account: {
          id: 'tenant/ten_bolt/credit/CNY',
          tenantId: 'ten_bolt',
          kind: 'credit',
          currency: 'CNY',
        },
        amountPico: -10_000_000_000_000n,
      },
      {
        account: {
          id: 'platform/revenue/CNY',
          tenantId: null,
          kind: 'revenue',
          currency: 'CNY',
        },
        amountPico: 10_000_000_000_000n,
      },
    ],
  });

  await assert.rejects(
    of.refund(id, { reason: 'changed their mind', idempotencyKey: 'a' }),
    isCode('ledger.insufficient_balance'),
  );
  await of.refund(id, { reason: 'bounced', idempotencyKey: 'b', isReversal: true });
  assert.equal(await fixture.balanceOf('ten_bolt'), '-10');
});
