/**
 * The page of batches, in a real browser on a real cloud: a file is dropped in, its answers come out.
 *
 * @needs chromium
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createClient } from '#client/client.ts';
import { MODEL, createCloudHome, startCloud, until } from '../cloud/cloud.ts';
import { PHONE, openBrowser, openConsole } from './browser.ts';

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

const lineOf = (index: number): string => {
  const messages = [{ role: 'user', content: `Hello ${index}!` }];
  const body = { model: MODEL, max_tokens: 4, messages };
  const url = '/v1/chat/completions';
  return JSON.stringify({ custom_id: `line-${index}`, method: 'POST', url, body });
};

const fileOf = (name: string, text: string) => ({
  name,
  mimeType: 'application/jsonl',
  buffer: Buffer.from(text),
});

describe('the page of batches', () => {
  it('runs a file and hands out its answers', async () => {
    const { page, problems } = await openConsole(browser, cloud);
    await page.goto('/batches');
    await page.getByText('No batches yet').waitFor();
    const night = fileOf('night.jsonl', [1, 2, 3].map(lineOf).join('\n'));
    await page.getByLabel('New batch').setInputFiles(night);
    await page.getByRole('heading', { name: 'night.jsonl' }).waitFor();
    await page.getByText('Completed').waitFor();
    await page.getByText('3 / 3').waitFor();

    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download the results of night.jsonl' }).click();
    const path = await (await saving).path();

    const answers = readFileSync(path, 'utf8').trim().split('\n');
    assert.deepEqual(
      answers.map((line) => JSON.parse(line).custom_id),
      ['line-1', 'line-2', 'line-3'],
    );
    assert.deepEqual(problems, []);
  });

  it('says which line of a file is wrong, on a phone, in the dark and in Chinese', async () => {
    const { page } = await openConsole(browser, cloud, {
      viewport: PHONE,
      colorScheme: 'dark',
      locale: 'zh-CN',
    });
    await page.goto('/batches');
    const wrong = fileOf('wrong.jsonl', `${lineOf(1)}\n{"custom_id":"x"}\n`);
    await page.getByLabel('新建批次').setInputFiles(wrong);

    await page.getByText('文件中有 1 处错误').waitFor();
    await page.getByText(/第 2 行/).waitFor();
    const width = await page.evaluate('document.documentElement.scrollWidth');
    assert.equal(width, PHONE.width);
  });
});
