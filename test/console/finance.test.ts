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

/** Of the one call that is made here. */
let called = '';

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
    called = requestId;
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

  it('is on the bill, and each line of it leads to the very requests, for the payer and the operator', async () => {
    const { page: theirs, problems } = await openConsole(browser, customer);
    await theirs.goto('/billing?tab=invoices');
    await theirs.getByText('No invoices yet').waitFor();
    await theirs.getByRole('link', { name: 'In detail' }).click();
    const bill = theirs.getByRole('dialog');
    await bill.getByText('To pay').waitFor();
    assert.deepEqual(
      await bill.getByRole('link').evaluateAll((links) => links.map((link) => link.textContent)),
      ['PDF', 'CSV', 'FOCUS'],
    );
    await bill.getByRole('button', { name: /^Requests of token\/output/ }).click();
    await bill.getByRole('link', { name: called }).waitFor();
    await bill.getByRole('button', { name: 'Back to the invoice' }).click();
    await bill.getByRole('button', { name: /^Requests of token\/input/ }).click();
    await bill.getByRole('link', { name: called }).click();
    await theirs.waitForURL(/\/requests\?request=/);
    assert.deepEqual(problems, []);

    const { page, problems: ours } = await openConsole(browser, cloud);
    await page.goto('/finance?tab=receivables');
    await page.getByRole('link', { name: 'Month so far of Acme' }).click();
    const theirBill = page.getByRole('dialog');
    await theirBill.getByRole('button', { name: /^Requests of token\/output/ }).click();
    await theirBill.getByRole('link', { name: called }).click();
    await page.getByRole('dialog').getByText(`tenant/${customer.tenantId}/credit/CNY`).waitFor();
    assert.deepEqual(ours, []);
  });

  it('is paid by the terms that the operator sets', async () => {
    const { page, problems } = await openConsole(browser, cloud);
    await page.goto('/finance?tab=receivables');
    await page.getByRole('link', { name: 'Terms of Acme' }).click();
    const form = page.getByRole('dialog');
    await form.getByRole('button', { name: 'By invoice' }).click();
    await form.getByLabel('Credit line').fill('5000');
    await form.getByLabel('Time zone').fill('Asia/Shanghai');
    await form.getByRole('button', { name: 'On top' }).click();
    await form.getByLabel('Name of the tax').fill('VAT');
    await form.getByLabel('Per cent').fill('6');
    await form.getByRole('button', { name: 'Remove step 3' }).click();
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Terms of Acme are saved').waitFor();
    const terms = await client.invoices.terms({ tenantId: customer.tenantId });
    assert.deepEqual(
      [terms.mode, terms.creditLine, terms.timeZone, terms.dunning.length],
      ['postpaid', '5000', 'Asia/Shanghai', 2],
    );
    assert.deepEqual(
      [terms.taxRates[0]?.name, terms.taxRates[0]?.mode, terms.taxRates[0]?.ratePpm],
      ['VAT', 'exclusive', 60_000],
    );
    assert.deepEqual(problems, []);
  });
});
