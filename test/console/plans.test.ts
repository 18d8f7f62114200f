/**
 * Plans in a real browser on a real cloud: the operator offers one, a coupon pays for nothing yet, and a plan
 * is chosen, cancelled and kept.
 *
 * @needs chromium
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient } from '#client/client.ts';
import { createCloudHome, startCloud, until } from '../cloud/cloud.ts';
import { openBrowser, openConsole } from './browser.ts';

// Outside of any hook: what is cleaned up "after" then lives as long as the file's tests.
const started = await startCloud(await createCloudHome());
const cloud = await started.firstRun();
const client = createClient({ url: cloud.url, apiKey: cloud.apiKey });
await until('the console to be built', async () => (await fetch(cloud.url)).ok, started);
const browser = await openBrowser();

describe('the page of plans', () => {
  it('offers a plan, shows what it costs, and takes a cancellation back', async () => {
    const { page, problems } = await openConsole(browser, cloud);
    await page.goto('/finance?tab=plans');
    await page.getByRole('button', { name: 'New plan' }).click();
    await page.getByLabel('Name').fill('Starter');
    await page.getByLabel('Price a month').fill('49');
    await page.getByLabel('Per week').fill('1000000');
    await page.getByRole('button', { name: 'Offer', exact: true }).click();
    await page.getByRole('heading', { name: 'Starter' }).waitFor();

    await page.goto('/billing?tab=plans');
    await page.getByRole('button', { name: 'Choose Starter' }).click();
    await page.getByText('A month of Starter').waitFor();
    await page.getByRole('button', { name: 'Pay now' }).click();
    await page.getByText('0 tokens of 1,000,000 tokens').waitFor();
    await page.getByRole('button', { name: 'Cancel plan' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel plan' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText(/^Renews/).waitFor();

    const { subscription } = await client.subscription.get();
    assert.deepEqual([subscription?.plan.name, subscription?.endsAtPeriodEnd], ['Starter', false]);
    assert.deepEqual(problems, []);
  });

  it('redeems a coupon', async () => {
    await client.coupons.create({ code: 'WELCOME', name: 'Welcome', kind: 'amount', amount: '50' });
    const { page, problems } = await openConsole(browser, cloud);
    await page.goto('/billing?tab=plans');
    await page.getByLabel('Code').fill('welcome');
    await page.getByRole('button', { name: 'Redeem' }).click();

    await page.getByRole('cell', { name: 'Welcome' }).waitFor();
    await page.getByRole('cell', { name: '¥50.00' }).waitFor();
    assert.deepEqual(problems, []);
  });
});
