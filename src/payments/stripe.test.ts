/**
 * Payments through Stripe's own mock server, which refuses what Stripe's API would not take, and with
 * messages signed as Stripe signs them.
 * @needs stripe_mock
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, describe, it } from 'node:test';
import { parseAmount } from '#ledger/money.ts';
import { sql } from '#platform/database.ts';
import { FlywheelError } from '#platform/error.ts';
import { listen } from '#platform/http.ts';
import { createTestDatabase } from '../../test/database.ts';
import type { Payment } from './api.ts';
import { toMinorUnits } from './minor-units.ts';
import {
  ACME,
  SECRET_KEY,
  WEBHOOK_SECRET,
  createPaymentsFixture,
  sendStripeEvent,
} from './payments-fixture.ts';
import { describePort } from './port-contract.ts';

const apiBase = process.env['TEST_STRIPE_MOCK'];
assert.ok(apiBase !== undefined, 'npm test starts stripe-mock and says where');

const fixture = await createPaymentsFixture(await createTestDatabase());
const { payments, balanceOf, clock, kindsTold, database } = fixture;
const STRIPE = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET };
await payments.settings.set({ stripe: { ...STRIPE, apiBase } });

const isCode = (code: string) => (error: unknown) =>
  error instanceof FlywheelError && error.code === code;

const intentOf = ({ id }: Payment): string => `pi_of_${id}`;

const session = (payment: Payment, amount: string, currency = 'CNY', status = 'paid') => ({
  id: `cs_of_${payment.id}`,
  object: 'checkout.session',
  metadata: { paymentId: payment.id, tenantId: payment.tenantId },
  payment_intent: intentOf(payment),
  customer: null,
  payment_status: status,
  amount_total: toMinorUnits(parseAmount(amount), currency),
  currency: currency.toLowerCase(),
});

const complete = (payment: Payment, amount = payment.amount, id = `evt_${payment.id}`) =>
  sendStripeEvent(fixture, {
    id,
    type: 'checkout.session.completed',
    object: session(payment, amount),
  });

describePort(fixture, {
  adapter: 'stripe',
  pay: (payment, { amount, currency, messageId }) =>
    sendStripeEvent(fixture, {
      id: messageId,
      type: 'checkout.session.completed',
      object: session(payment, amount, currency),
    }),
});

const now = (id: string) => payments.find({ tenantId: ACME, id });

describe("Stripe's messages", () => {
  it('are refused without a valid signature, or with another secret', async () => {
    const payment = await payments.checkout(ACME, { amount: '15' });
    const event = {
      id: 'evt_forged',
      type: 'checkout.session.completed',
      object: session(payment, '15'),
    };

    await assert.rejects(
      sendStripeEvent(fixture, event, 'whsec_guessed'),
      isCode('payment.signature_invalid'),
    );
    await assert.rejects(
      payments.receive('stripe', { body: JSON.stringify(event), signature: '' }),
      isCode('payment.signature_invalid'),
    );
    assert.equal((await now(payment.id)).state, 'open');
  });

  it('of other products on the account, and of kinds nobody knows, change nothing', async () => {
    const before = await balanceOf();
    const foreign = { id: 'cs_x', metadata: {}, payment_intent: 'pi_x', payment_status: 'paid' };
    await sendStripeEvent(fixture, {
      id: 'evt_foreign',
      type: 'checkout.session.completed',
      object: { ...foreign, amount_total: 100, currency: 'cny' },
    });
    await sendStripeEvent(fixture, { id: 'evt_new', type: 'moon.risen', object: {} });

    assert.equal(await balanceOf(), before);
  });

  it('of a transfer that takes days count when it came, even after it seemed to have failed', async () => {
    const payment = await payments.checkout(ACME, { amount: '25' });
    const at = (type: string, status: string) =>
      sendStripeEvent(fixture, {
        id: `evt_${payment.id}_${type}`,
        type,
        object: session(payment, '25', 'CNY', status),
      });
    await at('checkout.session.completed', 'unpaid');
    assert.equal((await now(payment.id)).state, 'open');
    await at('checkout.session.expired', 'unpaid');
    assert.equal((await now(payment.id)).state, 'expired');
    await at('checkout.session.async_payment_succeeded', 'paid');
    await at('checkout.session.async_payment_failed', 'unpaid');

    assert.deepEqual(
      [(await now(payment.id)).state, (await now(payment.id)).booked],
      ['succeeded', '25'],
    );
  });

  it('of a refund made at Stripe may come before those of the payment', async () => {
    const payment = await payments.checkout(ACME, { amount: '80' });
    const before = Number(await balanceOf());
    await sendStripeEvent(fixture, {
      id: 'evt_refund_first',
      type: 'charge.refunded',
      object: {
        id: 'ch_1',
        metadata: { paymentId: payment.id },
        payment_intent: intentOf(payment),
        amount_refunded: 3_000,
        currency: 'cny',
      },
    });
    await complete(payment);

    assert.equal(Number(await balanceOf()) - before, 50);
  });

  it('of a dispute are noted, and what the bank took back is gone', async () => {
    const payment = await payments.checkout(ACME, { amount: '60' });
    await complete(payment);
    const before = Number(await balanceOf());
    const dispute = {
      id: 'dp_1',
      payment_intent: intentOf(payment),
      amount: 6_000,
      currency: 'cny',
    };
    const at = (type: string, status: string) =>
      sendStripeEvent(fixture, { id: `evt_${status}`, type, object: { ...dispute, status } });

    await at('charge.dispute.created', 'needs_response');
    assert.deepEqual(
      [(await now(payment.id)).dispute, Number(await balanceOf())],
      ['open', before],
    );
    await at('charge.dispute.closed', 'lost');

    assert.deepEqual(
      [(await now(payment.id)).dispute, (await now(payment.id)).booked],
      ['lost', '0'],
    );
    assert.equal(Number(await balanceOf()) - before, -60);
  });

  it('of a refund that did not reach its card give the money back to the balance', async () => {
    const payment = await payments.checkout(ACME, { amount: '70' });
    await complete(payment);
    const before = Number(await balanceOf());
    const after = await payments.refund(payment.id, { reason: 'r', idempotencyKey: 'k' });
    assert.equal(Number(await balanceOf()) - before, -70);
    await sendStripeEvent(fixture, {
      id: 'evt_refund_failed',
      type: 'refund.failed',
      object: {
        id: 're_1',
        metadata: { refundId: after.refunds[0]?.id, paymentId: payment.id },
        payment_intent: intentOf(payment),
      },
    });

    assert.equal(Number(await balanceOf()), before);
    assert.equal((await now(payment.id)).refunds[0]?.state, 'failed');
  });
});

describe('an automatic top-up', () => {
  /** Stripe's mock answers fixtures; a card that pays or declines needs somebody who decides. */
  const startCards = async () => {
    const charges: Readonly<{ key: string; form: URLSearchParams }>[] = [];
    let answer: 'succeeded' | 'declined' | 'away' = 'succeeded';
    const server = createServer((incoming, outgoing) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const form = new URLSearchParams(Buffer.concat(parts).toString());
        charges.push({ key: String(incoming.headers['idempotency-key']), form });
        const amount = Number(form.get('amount'));
        const paid = {
          id: 'pi_auto',
          status: 'succeeded',
          amount_received: amount,
          currency: 'cny',
        };
        const declined = { error: { type: 'card_error', code: 'card_declined', message: 'no' } };
        const status = { succeeded: 200, declined: 402, away: 503 }[answer];
        const body = answer === 'succeeded' ? paid : declined;
        outgoing.writeHead(status, { 'content-type': 'application/json' });
        outgoing.end(JSON.stringify(body));
      });
    });
    const { url, stop } = await listen(server, { host: '127.0.0.1', port: 0 });
    after(() => stop(0));
    const set = (next: typeof answer): void => {
      answer = next;
    };
    return { url, charges, set };
  };

  it('charges what is saved below the threshold, up to its cap, and ends when it is declined', async () => {
    const wish = { threshold: '5000', amount: '100', monthlyCap: '250' };
    await assert.rejects(payments.setAutoTopUp(ACME, wish), isCode('payment.method_missing'));
    const first = await payments.checkout(ACME, { amount: '10', savesMethod: true });
    await sendStripeEvent(fixture, {
      id: 'evt_saved',
      type: 'checkout.session.completed',
      object: { ...session(first, '10'), customer: 'cus_123' },
    });
    // The mock's payments carry no card, so what Stripe would say of it is written by hand.
    await sql`insert into payment_methods (tenant_id, adapter, customer_id, method_id, label, created_at)
      values (${ACME}, 'stripe', 'cus_1', 'pm_1', 'visa …4242', now())
      on conflict (tenant_id, adapter) do update set label = excluded.label`.execute(database);
    const cards = await startCards();
    await payments.settings.set({ stripe: { ...STRIPE, apiBase: cards.url } });
    const set = await payments.setAutoTopUp(ACME, wish);
    assert.deepEqual([set.savedMethod, set.autoTopUp?.isOn], ['visa …4242', true]);
    const before = Number(await balanceOf());

    await Promise.all([payments.tick(), payments.tick()]);
    assert.equal(Number(await balanceOf()) - before, 100);
    clock.advance(6 * 60_000);
    await payments.tick();
    clock.advance(6 * 60_000);
    await payments.tick();

    assert.equal(Number(await balanceOf()) - before, 200, 'a third would pass the cap');
    assert.equal(new Set(cards.charges.map(({ key }) => key)).size, 2);
    assert.equal(cards.charges[0]?.form.get('off_session'), 'true');

    await payments.setAutoTopUp(ACME, { ...wish, monthlyCap: '10000' });
    cards.set('declined');
    await payments.tick();
    const { autoTopUp } = await payments.options(ACME);
    assert.deepEqual([autoTopUp?.isOn, autoTopUp?.problem], [false, 'declined']);
    assert.ok((await kindsTold(ACME)).includes('top_up.failed'));
  });

  it('that was never answered is asked again under the same key, and counts once', async () => {
    const cards = await startCards();
    await payments.settings.set({ stripe: { ...STRIPE, apiBase: cards.url } });
    // Two were paid above; the cap leaves room for one more.
    await payments.setAutoTopUp(ACME, { threshold: '5000', amount: '100', monthlyCap: '350' });
    const before = Number(await balanceOf());
    cards.set('away');
    await payments.tick();
    assert.equal(Number(await balanceOf()), before);

    cards.set('succeeded');
    clock.advance(6 * 60_000);
    await payments.tick();
    const succeeded = { tenantId: ACME, state: 'succeeded', cursor: null, limit: 1 } as const;
    const [again] = (await payments.list(succeeded)).data;
    await sendStripeEvent(fixture, {
      id: 'evt_auto',
      type: 'payment_intent.succeeded',
      object: {
        id: 'pi_auto',
        metadata: { paymentId: again?.id },
        amount_received: 10_000,
        currency: 'cny',
      },
    });

    assert.equal(new Set(cards.charges.map(({ key }) => key)).size, 1);
    assert.equal(Number(await balanceOf()) - before, 100);
    await payments.removeMethod(ACME);
    assert.equal((await payments.options(ACME)).autoTopUp, null);
  });
});

it('a Stripe that cannot be reached leaves a payment that failed, and says so', async () => {
  await payments.settings.set({ stripe: { ...STRIPE, apiBase: 'http://127.0.0.1:9' } });
  await assert.rejects(
    payments.checkout(ACME, { amount: '15' }),
    isCode('payment.provider_unreachable'),
  );
  const { data } = await payments.list({ tenantId: ACME, state: null, cursor: null, limit: 1 });
  assert.equal(data[0]?.state, 'failed');
});

it('the keys of Stripe are shown by a hint, lie sealed, and are forgotten', async () => {
  const shown = JSON.stringify(await payments.settings.present());
  assert.equal(shown.includes(SECRET_KEY), false);
  assert.match(shown, /"keyHint":"…_123"/);
  const { rows } = await sql<{ id: string }>`select id from sealed_secrets`.execute(database);
  assert.equal(rows.length, 2);

  await payments.settings.set({ stripe: null });
  await assert.rejects(
    payments.receive('stripe', { body: '{}', signature: 'x' }),
    isCode('payment.adapter_off'),
  );
});
