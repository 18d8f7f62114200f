/**
 * What a person does in the console, from the door to the bill, in a real browser on a real cloud.
 *
 * @needs chromium
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { createClient } from '#client/client.ts';
import { MODEL, chat, createCloudHome, startCloud, until } from '../cloud/cloud.ts';
import { writeTinyGguf } from '../tiny-gguf.ts';
import { openBrowser, openConsole } from './browser.ts';

// Outside of any hook: what is cleaned up "after" then lives as long as the file's tests.
const where = await createCloudHome();
const started = await startCloud(where);
const cloud = await started.firstRun();
const client = createClient({ url: cloud.url, apiKey: cloud.apiKey });
await until(
  'the model to be ready',
  async () => (await client.deployments.list()).data.some(({ state }) => state === 'ready'),
  started,
);
await until('the console to be built', async () => (await fetch(cloud.url)).ok, started);
const browser = await openBrowser();

describe('signing in', () => {
  it('refuses a wrong password, says where the right one is, and goes on to the page asked for', async () => {
    const { page } = await openConsole(browser, cloud, { isSignedIn: false });
    await page.goto('/keys');
    await page.getByLabel('Email').fill(cloud.email);
    await page.getByLabel('Password').fill('not-the-password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Email and password do not match.').waitFor();
    await page.getByText('Where do I find my password?').click();
    await page.getByText('first-run.json').waitFor();

    await page.getByLabel('Password').fill(cloud.password);
    await page.getByRole('button', { name: 'Sign in' }).click();

    await page.getByRole('heading', { name: 'Keys', level: 1 }).waitFor();
  });

  it('never goes on to another site', async () => {
    const { page } = await openConsole(browser, cloud, { isSignedIn: false });
    await page.goto('/sign-in?next=//elsewhere.example/');
    await page.getByLabel('Email').fill(cloud.email);
    await page.getByLabel('Password').fill(cloud.password);
    await page.getByRole('button', { name: 'Sign in' }).click();

    await page.getByRole('heading', { level: 1 }).waitFor();

    assert.equal(new URL(page.url()).origin, new URL(cloud.url).origin);
  });

  it('ends with signing out', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto('/');
    await page.getByRole('button', { name: 'Your account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Flywheel' }).waitFor();

    await page.goto('/usage');

    await page.getByRole('heading', { name: 'Sign in to Flywheel' }).waitFor();
  });
});

describe('the overview', () => {
  it('counts a call while one looks on', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto('/');
    const calls = page.locator('[data-station="wheel.calls"]');
    const before = Number(await calls.textContent());

    assert.equal((await chat(cloud)).status, 200);

    await until('the call to be counted', async () => Number(await calls.textContent()) > before);
  });
});

describe('the playground', () => {
  it('streams an answer and says what it cost to the last digit', async () => {
    const { page, problems } = await openConsole(browser, cloud);
    await page.goto(`/playground?model=${encodeURIComponent(MODEL)}&maxTokens=24`);
    const sent = page.waitForResponse((response) => response.url().endsWith('/chat/completions'));
    await ask(page, 'Hello there');
    const requestId = (await sent).headers()['x-request-id'] ?? '';
    await page.locator('[data-answer="finished"]').waitFor();

    const cost = page.locator('[data-figure="cost"] button');
    await cost.waitFor();

    const event = await client.usage.event(requestId);
    assert.equal((await cost.textContent())?.slice(1), event.amount.replace(/0{1,10}$/, ''));
    assert.match((await figure(page, 'tokens')) ?? '', /^\d+ → \d+$/);
    assert.match((await figure(page, 'first-token')) ?? '', /^[\d.]+ (ms|s)$/);
    assert.deepEqual(problems, []);
  });

  it('stops when asked, and the call is charged for what was made', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto(`/playground?model=${encodeURIComponent(MODEL)}&maxTokens=3900`);
    await ask(page, 'Say as much as you can');
    await page.locator('[data-answer="streaming"]').waitFor();

    await page.getByRole('button', { name: 'Stop' }).click();

    await page.getByText('You stopped this answer.').waitFor();
    await page.locator('[data-figure="cost"] button').waitFor();
  });

  it('keeps the conversation, takes a question back, and shows the call as code', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto(`/playground?model=${encodeURIComponent(MODEL)}&maxTokens=8&thinking=false`);
    await ask(page, 'First question');
    await page.locator('[data-answer="finished"]').waitFor();
    await ask(page, 'Second question');
    await page.locator('[data-answer="finished"]').nth(1).waitFor();

    await page.getByRole('button', { name: 'Take the last question back' }).click();
    assert.equal(await page.getByLabel('Ask something').inputValue(), 'Second question');
    await page.getByRole('button', { name: 'View code' }).click();
    const code = await page.locator('pre').textContent();

    assert.match(code ?? '', /First question/);
    assert.match(code ?? '', /Second question/);
    assert.match(code ?? '', /"enable_thinking": false/);
  });

  it('is found again after a visit to another page', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto(`/playground?model=${encodeURIComponent(MODEL)}&maxTokens=8`);
    await ask(page, 'Remember me');
    await page.locator('[data-answer="finished"]').waitFor();

    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
    await page.goBack();

    await page.getByText('Remember me').waitFor();
    await page.locator('[data-figure="cost"] button').click();
    await page.getByRole('dialog', { name: 'One call' }).getByText('Ledger entry').waitFor();
  });

  it('says in human words why a call failed', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto('/playground?model=nobody%2Fnothing');
    await ask(page, 'Hello');

    await page.getByRole('alert').getByText('nobody/nothing').waitFor();

    assert.match((await page.getByRole('alert').textContent()) ?? '', /Request req_/);
  });
});

describe('keys', () => {
  it('shows a new key once; it works until it is revoked', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto('/keys');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('journey');
    await page.getByRole('dialog').getByRole('button', { name: 'New key' }).click();
    const secret = (await page.locator('[data-secret]').textContent()) ?? '';
    assert.equal(await status(secret), 200);

    await page.getByRole('button', { name: 'I have saved it' }).click();
    assert.ok(!(await page.content()).includes(secret));
    await page.getByRole('button', { name: 'Revoke journey' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();

    await page.getByRole('row', { name: 'journey' }).getByText('Revoked').waitFor();
    await until('the key to be refused', async () => (await status(secret)) === 401);
  });

  it('goes on where a page of them ends', async () => {
    for (let count = 0; count < 101; count += 1)
      await client.keys.create({ name: `many ${count}` });
    const { page } = await openConsole(browser, cloud);
    await page.goto('/keys');
    await page.getByRole('row', { name: 'many 100' }).waitFor();
    const oldest = page
      .getByRole('row', { name: 'many 0', exact: false })
      .filter({ hasText: /^many 0s/ });
    assert.equal(await oldest.count(), 0);

    await page.getByRole('button', { name: 'Load more' }).click();

    await oldest.waitFor();
  });
});

describe('supply', () => {
  it('shows a deployment live, with what its engine says', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto('/deployments');
    const card = page.getByRole('article', { name: MODEL });
    await card.getByText('Ready', { exact: true }).first().waitFor();

    await card.getByRole('button', { name: 'Logs' }).click();

    await page.getByRole('log').getByText('ready').first().waitFor();
  });

  it('imports a model, serves it, and takes both away', async () => {
    const { page } = await openConsole(browser, cloud);
    const weights = join(where.models, 'second.gguf');
    await writeTinyGguf(weights, { seed: 7 });
    await page.goto('/models');
    await page.getByRole('button', { name: 'Import a model' }).click();
    await page.getByLabel('Where from').fill(weights);
    await page.getByLabel('Name in the hub').fill('test/second');
    await page.getByRole('button', { name: 'Start import' }).click();
    await page.getByRole('link', { name: 'second' }).click();
    await page.getByText('GGUF').waitFor();

    await page.getByRole('link', { name: 'Deploy', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Deploy' }).click();
    const card = page.getByRole('article', { name: 'test/second' });
    await card.getByText('1 of 1 replicas ready').waitFor({ timeout: 60_000 });
    await card.getByRole('button', { name: 'Delete the deployment test/second' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await card.waitFor({ state: 'detached' });
  });

  it('says why an import cannot be', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto('/models?import=true');
    await page.getByLabel('Where from').fill('/nowhere/at/all.gguf');
    await page.getByLabel('Name in the hub').fill('test/nothing');

    await page.getByRole('button', { name: 'Start import' }).click();

    await page.getByRole('alert').first().waitFor();
  });
});

describe('the operator', () => {
  it('sets the price of a model, with every digit', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto(`/models/${MODEL}`);
    await page.getByRole('button', { name: 'Set price' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Input', { exact: true }).fill('0.123456');
    await dialog.getByLabel('Output').fill('2');

    await dialog.getByRole('button', { name: 'Set price' }).click();

    await page.getByText('¥0.123456').waitFor();
  });

  it('adds a member, who signs in with the password that was shown once', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto('/settings?tab=members');
    await page.getByRole('button', { name: 'Add a member' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Ada');
    await dialog.getByLabel('Email').fill('ada@flywheel.example');
    await dialog.getByRole('button', { name: 'Add a member' }).click();
    const password = (await dialog.locator('code').textContent()) ?? '';
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('row', { name: 'ada@flywheel.example' }).waitFor();

    const ada = { ...cloud, email: 'ada@flywheel.example', password };
    const { page: other } = await openConsole(browser, ada);
    await other.goto('/settings');

    await other.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    assert.equal(await other.getByRole('tab', { name: 'Members' }).count(), 0);
  });

  it('lets a customer in with credit, and the customer sees only their own', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto('/settings?tab=tenants');
    await page.getByRole('button', { name: 'New tenant' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name of the tenant').fill('Acme');
    await dialog.getByLabel('Name of the owner').fill('Grace');
    await dialog.getByLabel('Email of the owner').fill(cloud.email);
    await dialog.getByRole('button', { name: 'New tenant' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Email of the owner').fill('grace@acme.example');
    await dialog.getByRole('button', { name: 'New tenant' }).click();
    const password = (await dialog.locator('code').textContent()) ?? '';
    await dialog.getByRole('button', { name: 'Close' }).last().click();

    await page.getByRole('button', { name: 'Give credit to Acme' }).click();
    await dialog.getByLabel('Amount').fill('12.000000000001');
    await dialog.getByRole('button', { name: 'Give credit' }).click();
    await dialog.waitFor({ state: 'detached' });

    const grace = { ...cloud, email: 'grace@acme.example', password };
    const { page: theirs, context } = await openConsole(browser, grace);
    await theirs.goto('/settings');
    await theirs.getByRole('tab', { name: 'Members' }).waitFor();
    assert.equal(await theirs.getByRole('tab', { name: 'Tenants' }).count(), 0);
    const balance = await context.request.get('/cloud/v1/balance');
    assert.equal((await balance.json()).balance, '12.000000000001');
  });
});

describe('usage', () => {
  it('calls the playground by its name', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto('/usage?by=key');

    await page.getByRole('cell', { name: 'Playground', exact: true }).waitFor();
  });

  it('sums exactly what the ledger sums, and opens a single call', async () => {
    await (await chat(cloud)).text();
    const { page } = await openConsole(browser, cloud);
    await page.goto('/usage');
    await page.getByRole('heading', { name: 'Recent calls' }).waitFor();

    await page.locator('table').last().getByRole('link').first().click();

    const drawer = page.getByRole('dialog', { name: 'One call' });
    await drawer.getByText('Ledger entry').waitFor();
    const requestId = new URL(page.url()).searchParams.get('event') ?? '';
    const { amount } = await client.usage.event(requestId);
    await drawer.getByText(`¥${amount.replace(/0{1,10}$/, '')}`).waitFor();
  });

  it('keeps range and grouping in the address', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto('/usage');
    await page.getByRole('button', { name: '7 days' }).click();
    await page.getByRole('button', { name: 'Key', exact: true }).click();
    await page.waitForURL(/range=7d.*by=key|by=key.*range=7d/);

    await page.reload();

    const week = page.getByRole('button', { name: '7 days' });
    await week.waitFor();
    assert.equal(await week.getAttribute('aria-pressed'), 'true');
  });
});

async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel('Ask something').fill(question);
  await page.keyboard.press('Enter');
}

function figure(page: Page, name: string): Promise<string | null> {
  return page.locator(`[data-figure="${name}"] dd`).textContent();
}

async function status(secret: string): Promise<number> {
  const response = await fetch(`${cloud.url}/v1/models`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  return response.status;
}
