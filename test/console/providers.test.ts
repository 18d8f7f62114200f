/**
 * An operator adds a provider in the console, serves a model of it, and finds the call that a program made;
 * then limits a key, sees it refuse, and takes the limit back.
 *
 * @needs chromium
 */
import assert from 'node:assert/strict';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { createClient } from '#client/client.ts';
import { listen } from '#platform/http.ts';
import { createCloudHome, startCloud, until } from '../cloud/cloud.ts';
import { openBrowser, openConsole } from './browser.ts';

const API_KEY = 'sk-of-the-provider-0123456789';

async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  await text(incoming);
  const message = { role: 'assistant', content: 'Hello from afar' };
  const answer = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'far-1',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
  };
  const isList = incoming.url === '/v1/models';
  const isKnown = incoming.headers.authorization === `Bearer ${API_KEY}`;
  outgoing.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify(isList ? { data: [{ id: 'far-1' }, { id: 'far-2' }] } : answer));
}

const upstream = await listen(
  createServer((incoming, outgoing) => void respond(incoming, outgoing)),
  { host: '127.0.0.1', port: 0 },
);
after(() => upstream.stop(0));
// Outside of any hook: what is cleaned up "after" then lives as long as the file's tests.
const started = await startCloud(await createCloudHome());
const cloud = await started.firstRun();
await until('the console to be built', async () => (await fetch(cloud.url)).ok, started);
const browser = await openBrowser();

const call = (secret = cloud.apiKey) =>
  fetch(`${cloud.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'far-1', messages: [{ role: 'user', content: 'my prompt' }] }),
  });

describe('an external provider', () => {
  it('is added, tested, serves a model, and its calls are found', async () => {
    const { page, problems } = await openConsole(browser, cloud);
    await page.goto('/providers');
    await page.getByText('No provider yet').waitFor();

    await page.getByRole('button', { name: 'New provider' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Far away');
    await page.getByLabel('Server address').fill(`${upstream.url}/v1`);
    await page.getByLabel('API key').fill(API_KEY);
    await page.getByRole('switch', { name: 'My own network' }).click();
    await page.getByRole('button', { name: 'Add and test' }).click();
    await page.getByRole('button', { name: 'Choose far-1' }).click();
    await page.getByRole('button', { name: 'Serve it' }).click();
    await page.getByText('far-1 is served').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText(/^Worked/).waitFor();
    assert.equal((await page.content()).includes(API_KEY), false);

    await until('the model to be served', async () => (await call()).status === 200, started);
    await page.goto('/requests');
    await page.getByRole('link').filter({ hasText: /:/ }).first().click();
    await page.getByRole('button', { name: 'Show prompt and answer' }).waitFor();
    const dialog = page.getByRole('dialog');

    assert.match(await dialog.innerText(), /far-1/);
    assert.match(await dialog.innerText(), /req_/);
    assert.equal((await page.content()).includes('my prompt'), false);
    assert.deepEqual(problems, []);
  });
});

describe('the limits of a key', () => {
  it('are set, hold with true headers, show what they refused, and are taken back', async () => {
    const { page, problems } = await openConsole(browser, cloud);
    const client = createClient({ url: cloud.url, apiKey: cloud.apiKey });
    const { secret } = await client.keys.create({ name: 'limited' });
    const answer = async () => {
      const response = await call(secret);
      await response.text();
      return response;
    };
    assert.equal((await answer()).status, 200);

    await page.goto('/limits');
    await page.getByRole('button', { name: 'New limit' }).first().click();
    await page.getByRole('combobox', { name: 'For' }).click();
    await page.getByRole('option', { name: 'limited' }).click();
    await page.getByLabel('Requests a minute').fill('2');
    await page.getByLabel('Tokens a minute').fill('100000');
    await page.getByLabel('Budget a day').fill('5');
    await page.getByLabel('Networks').fill('127.0.0.0/8, ::1');
    await page.getByRole('button', { name: 'Save limits' }).click();
    await page.getByText('Limits are in force within seconds').waitFor();
    await until('the limit to refuse', async () => (await answer()).status === 429, started);
    const refused = await answer();

    assert.equal(refused.headers.get('x-ratelimit-limit-requests'), '2');
    assert.equal(refused.headers.get('x-ratelimit-remaining-requests'), '0');
    assert.equal(refused.headers.get('x-ratelimit-limit-tokens'), '100000');
    assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d?$/);

    await page.getByRole('button', { name: 'Change the limits of limited' }).click();
    await page.getByLabel('Networks').fill('10.0.0.0/8');
    await page.getByRole('button', { name: 'Save limits' }).click();
    await until('the network to be refused', async () => (await answer()).status === 403, started);

    await page.getByRole('button', { name: 'Remove the limits of limited' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await until('it to be free again', async () => (await answer()).status === 200, started);

    await page.goto('/requests?outcome=refused');
    await page.getByText('rate_limit_exceeded').first().waitFor();
    await page.getByText('address_not_allowed').first().waitFor();
    await page.goto('/requests?status=403');
    await page.getByRole('link').filter({ hasText: /:/ }).first().click();
    await page.getByRole('dialog').getByText('Refused').waitFor();
    assert.deepEqual(problems, []);
  });
});
