/**
 * A top-up as a person makes it, in a real browser on a real cloud: from the console to the page that Stripe's
 * mock server names, and back after paying, after leaving and after a card that was declined; then the
 * automatic top-up on the card that was kept. Stripe's messages are signed as Stripe signs them.
 *
 * @needs chromium
 * @needs stripe_mock
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { createClient } from '#client/client.ts';
import { signAsStripe } from '#payments/stripe-signature.ts';
import { createCloudHome, startCloud, until } from '../cloud/cloud.ts';
import { openBrowser, openConsole } from './browser.ts';

const apiBase = process.env['TEST_STRIPE_MOCK'];
assert.ok(apiBase !== undefined, 'npm test starts stripe-mock and says where');

const SECRET_KEY = 'sk_test_123';
const WEBHOOK_SECRET = 'whsec_of_the_tests';

// Outside of any hook: what is cleaned up "after" then lives as long as the file's tests.
const started = await startCloud(await createCloudHome());
const cloud = await started.firstRun();
const client = createClient({ url: cloud.url, apiKey: cloud.apiKey });
await client.payments.setSettings({
  stripe: { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET, apiBase },
});
const made = await client.tenants.create({
  name: 'Acme',
  currency: 'USD',
  owner: { name: 'Grace', email: 'grace@acme.example' },
});
const acme = { ...cloud, email: 'grace@acme.example', password: made.owner.password ?? '' };
await until('the console to be built', async () => (await fetch(cloud.url)).ok, started);
const browser = await openBrowser();

/** What Stripe would tell of the payment that was opened last. */
async function tell(type: string, payment: Readonly<{ id: string }>, more: object): Promise<void> {
  const object = {
    id: `cs_of_${payment.id}`,
    object: 'checkout.session',
    metadata: { paymentId: payment.id, tenantId: made.id },
    payment_intent: `pi_of_${payment.id}`,
    customer: null,
    currency: 'usd',
    ...more,
  };
  const id = `evt_${type}_${payment.id}`;
  const body = JSON.stringify({ id, object: 'event', type, data: { object } });
  const signature = signAsStripe(body, WEBHOOK_SECRET, Math.floor(Date.now() / 1_000));
  const answer = await fetch(`${cloud.url}/cloud/hooks/stripe`, {
    method: 'POST',
    headers: { 'stripe-signature': signature, 'content-type': 'application/json' },
    body,
  });
  assert.equal(answer.status, 200, await answer.text());
}

/** Presses until Stripe's page opens, and says which payment it is for. */
async function leaveFor(page: Page, press: () => Promise<void>) {
  await press();
  await page.waitForURL(/^https:\/\/[^/]*\bstripe\.com\//);
  const [payment] = (await client.payments.list({ tenantId: made.id })).data;
  assert.ok(payment !== undefined);
  return payment;
}

const backTo = (payment: Readonly<{ id: string }>, more = ''): string =>
  `/billing?tab=payments&payment=${payment.id}${more}`;

describe('a top-up by card', () => {
  it('leads to Stripe and back: paid, left, declined', async () => {
    const { page, context } = await openConsole(browser, acme);
    // The mock server names a page of the real Stripe; nothing here calls it.
    await context.route(/^https:\/\//, (route) => route.fulfill({ body: 'Stripe', status: 200 }));

    await page.goto('/billing');
    const quick = await leaveFor(page, () =>
      page.getByRole('button', { name: 'Top up by $100.00' }).click(),
    );
    assert.deepEqual([quick.currency, quick.amount, quick.state], ['USD', '100', 'open']);
    await page.goto(backTo(quick));
    await page.getByText('$100.00 is on its way').waitFor();
    const paid = { payment_status: 'paid', amount_total: 10_000 };
    await tell('checkout.session.completed', quick, paid);
    await page.getByText('$100.00 arrived').waitFor();
    await page.getByRole('button', { name: 'Receipt' }).click();
    await page.getByRole('dialog').getByText(quick.id).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('$100.00 arrived').waitFor({ state: 'detached' });
    assert.equal((await client.finance.summary({ tenantId: made.id })).available, '100');

    await page.getByLabel('Amount', { exact: true }).fill('12.5');
    const left = await leaveFor(page, () =>
      page.getByRole('button', { name: 'Go to payment' }).click(),
    );
    await page.goto(backTo(left, '&canceled=true'));
    await page.getByText('You left the payment of $12.50').waitFor();

    await tell('checkout.session.async_payment_failed', left, { payment_status: 'unpaid' });
    await page.goto(backTo(left));
    await page.getByText('$12.50 could not be charged').waitFor();

    await page.getByLabel('Amount', { exact: true }).fill('0.01');
    await page.getByRole('button', { name: 'Go to payment' }).click();
    await page.getByRole('alert').getByText('A top-up is from 10 to 100000').waitFor();
  });

  it('keeps a card for automatic top-ups, which are set and forgotten', async () => {
    const { page, context } = await openConsole(browser, acme);
    await context.route(/^https:\/\//, (route) => route.fulfill({ body: 'Stripe', status: 200 }));
    await page.goto('/billing?tab=payments');
    await page.getByText('No card is saved yet').waitFor();
    await page.getByRole('switch', { name: 'Keep the card for automatic top-ups' }).click();
    const payment = await leaveFor(page, () =>
      page.getByRole('button', { name: 'Go to payment' }).click(),
    );
    const paid = { payment_status: 'paid', amount_total: 10_000, customer: 'cus_1' };
    await tell('checkout.session.completed', payment, paid);
    await page.goto('/billing?tab=payments');

    await page.getByLabel('At most a month').fill('5');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('its cap is not below it').waitFor();
    await page.getByLabel('At most a month').fill('300');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Automatic top-up is saved').waitFor();
    const own = createClient({ url: cloud.url, apiKey: await keyOf(context.request) });
    assert.deepEqual((await own.payments.options()).autoTopUp?.monthlyCap, '300');

    await page.getByRole('button', { name: 'Forget this card' }).click();
    await page.getByText('No card is saved yet').waitFor();
    assert.equal((await own.payments.options()).autoTopUp, null);
  });
});

async function keyOf(request: Awaited<ReturnType<typeof openConsole>>['context']['request']) {
  const answer = await request.post('/cloud/v1/keys', {
    data: { name: 'of the test', role: 'owner' },
    headers: { origin: cloud.url },
  });
  return (await answer.json()).secret as string;
}
