/**
 * The way of a yuan in a real browser on a real cloud: the operator shares revenue, a customer calls and
 * looks at the bill, and the ledger leads from the payable down to the very request.
 *
 * @needs chromium
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient } from '#client/client.ts';
import { MODEL, chat, createCloudHome, startCloud, until } from '../cloud/cloud.ts';
import { openBrowser, openConsole } from './browser.ts';

// Outside of any hook: what is cleaned up "after" then lives as long as the file's tests.
const started = await startCloud(await createCloudHome());
const cloud = await started.firstRun();
const client = createClient({ url: cloud.url, apiKey: cloud.apiKey });
await until(
  'the model to be ready',
  async () => (await client.deployments.list()).data.some(({ state }) => state === 'ready'),
  started,
);
await until('the console to be built', async () => (await fetch(cloud.url)).ok, started);
const browser = await openBrowser();

async function createTenant(name: string, email: string) {
  const made = await client.tenants.create({ name, owner: { name, email } });
  const password = made.owner.password ?? '';
  return { ...cloud, email, password, tenantId: made.id };
}

const author = await createTenant('Ada Lab', 'ada@lab.example');
const customer = await createTenant('Acme', 'grace@acme.example');

describe('a yuan', () => {
  it('is shared, spent, shown and followed down to its request', async () => {
    const { page, problems } = await openConsole(browser, cloud);
    await page.goto('/finance?tab=authors');
    await page.getByRole('button', { name: 'Set share' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Model' }).click();
    await page.getByRole('option', { name: MODEL }).click();
    await dialog.getByLabel('Per cent').fill('30');
    await dialog.getByRole('combobox', { name: 'Author' }).click();
    await page.getByRole('option', { name: 'Ada Lab' }).click();
    await dialog.getByRole('button', { name: 'Set share' }).click();
    await page.getByRole('cell', { name: '30%' }).waitFor();

    await client.credits.create({
      tenantId: customer.tenantId,
      amount: '100',
      idempotencyKey: 'top-up',
    });
    const { page: theirs, context } = await openConsole(browser, customer);
    const key = await context.request.post('/cloud/v1/keys', {
      data: { name: 'journey' },
      headers: { origin: cloud.url },
    });
    const { secret } = await key.json();
    const answer = await chat({ url: cloud.url, apiKey: secret });
    assert.equal(answer.status, 200);
    const requestId = answer.headers.get('x-request-id') ?? '';
    await answer.text();
    const find = async () => (await client.finance.find(requestId)).data[0];
    await until('the call to be posted', async () => (await find())?.entryId != null, started);

    await theirs.goto('/billing');
    await theirs.getByText('by its end').waitFor();
    await theirs.goto('/billing?tab=spend');
    await theirs.getByRole('cell', { name: MODEL }).waitFor();

    await page.goto('/finance?by=tenant');
    await page.getByRole('cell', { name: 'Acme', exact: true }).waitFor();
    const { payable } = await client.authors.earnings({ tenantId: author.tenantId });
    assert.ok(Number(payable) > 0);
    await page.goto('/finance?tab=authors');
    await page.getByRole('cell', { name: 'Ada Lab', exact: true }).waitFor();

    await page.goto('/finance?tab=ledger');
    await page.getByRole('searchbox').last().fill(requestId);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: requestId }).click();
    const entry = page.getByRole('dialog');
    await entry.getByText(`tenant/${author.tenantId}/author/CNY`).waitFor();
    await entry.getByText(requestId).last().waitFor();
    assert.deepEqual(problems, []);
  });
});
