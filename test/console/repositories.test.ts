/**
 * The hub in a real browser on a real cloud: a dataset is made, filled by dropping files on it, looked at,
 * changed, opened to another tenant by a gate, and deleted; and a card written by an enemy.
 *
 * @needs chromium
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { createClient } from '#client/client.ts';
import { textLine } from '../../console/repositories/commit.ts';
import { createCloudHome, startCloud, until } from '../cloud/cloud.ts';
import { PHONE, openBrowser, openConsole } from './browser.ts';

// Outside of any hook: what is cleaned up "after" then lives as long as the file's tests.
const started = await startCloud(await createCloudHome());
const cloud = await started.firstRun();
const client = createClient({ url: cloud.url, apiKey: cloud.apiKey });
const made = await client.tenants.create({
  name: 'Bolt',
  owner: { name: 'Bo', email: 'bo@bolt.example' },
});
const bolt = { ...cloud, email: 'bo@bolt.example', password: made.owner.password ?? '' };
await until('the console to be built', async () => (await fetch(cloud.url)).ok, started);
const browser = await openBrowser();
const [owner = ''] = await client.hub.namespaces();

const ROWS = readFileSync(join(import.meta.dirname, 'parquet', 'snappy.parquet'));
const CARD =
  '---\nlicense: mit\n---\n# Tickets\n\nAnswered ones, see [the notes](docs/notes.md).\n';

/** Runs in the page. */
const TRANSFER = `(files) => {
  const data = new DataTransfer();
  for (const [name, text] of files) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.codePointAt(0));
    data.items.add(new File([bytes], name));
  }
  return data;
}`;

/** As a person drops files on the page. */
async function drop(page: Page, files: Readonly<Record<string, Buffer>>): Promise<void> {
  const sent = Object.entries(files).map(([name, bytes]) => [name, bytes.toString('base64')]);
  const dataTransfer = await page.evaluateHandle(`(${TRANSFER})(${JSON.stringify(sent)})`);
  await page.locator('[data-drop]').dispatchEvent('drop', { dataTransfer });
}

const makeModel = async (name: string, files: Readonly<Record<string, string>>) => {
  const at = { kind: 'model', name: `${owner}/${name}` } as const;
  await client.hub.make(at, { visibility: 'public' });
  const lines = Object.entries(files).map(([path, text]) => textLine(path, text));
  await client.hub.commit(at, { revision: 'main', summary: 'First files', lines });
  return at;
};

describe('a dataset', () => {
  it('is made, filled by dropping files on it, and shows its card and its rows', async () => {
    const { page, problems } = await openConsole(browser, cloud);
    await page.goto(`/owners/${owner}`);
    await page.getByRole('button', { name: 'New repository' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Dataset' }).click();
    await dialog.getByLabel('Its name').fill('tickets');
    await dialog.getByRole('button', { name: 'Create it' }).click();
    await page.getByRole('heading', { name: 'tickets', level: 1 }).waitFor();

    await page.getByRole('button', { name: 'Upload files' }).click();
    await drop(page, {
      'rows.parquet': ROWS,
      'README.md': Buffer.from(CARD),
      'big.bin': Buffer.alloc(3_000_000, 7),
    });
    await page.getByText('3 files, 3.0 MB').waitFor();
    await page.getByRole('button', { name: 'Upload 3 files' }).click();
    await page.getByText('Uploaded').waitFor();
    await page.getByRole('link', { name: 'rows.parquet' }).waitFor();

    await page.getByRole('tab', { name: 'Card' }).click();
    await page.getByRole('heading', { name: 'Tickets', level: 2 }).waitFor();
    await page.getByRole('tab', { name: 'Viewer' }).click();
    await page.getByText('The bee says 6. 中文').waitFor();
    await page.getByText('Rows 1–50 of 60').waitFor();
    await page.getByRole('button', { name: 'Next rows' }).click();
    await page.getByText('The elk says 59. 中文').waitFor();

    assert.deepEqual(problems, []);
    const sent = await client.hub.open(
      { kind: 'dataset', name: `${owner}/tickets` },
      { revision: 'main', path: 'rows.parquet' },
    );
    assert.ok(Buffer.from(await sent.arrayBuffer()).equals(ROWS));
  });

  it('is changed in place, and nothing that others wrote meanwhile is lost', async () => {
    const { page } = await openConsole(browser, cloud);
    const at = { kind: 'dataset', name: `${owner}/tickets` } as const;
    await page.goto(`/datasets/${owner}/tickets?tab=files&path=README.md`);
    await page.getByRole('button', { name: 'Edit' }).click();
    const text = page.getByLabel('README.md');
    await text.fill(`${CARD}\nMore words.\n`);
    const other = { revision: 'main', summary: 'Meanwhile', lines: [textLine('notes.txt', 'x')] };
    await client.hub.commit(at, other);
    await page.getByRole('button', { name: 'Commit to main' }).click();
    await page.getByText('Somebody else was faster').waitFor();

    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    await text.fill(`${CARD}\nMore words.\n`);
    await page.getByLabel('What changed').fill('Say more');
    await page.getByRole('button', { name: 'Commit to main' }).click();
    await page.getByText('Committed').waitFor();

    const commits = await client.hub.commits(at, 'main', { p: 0, limit: 2 });
    assert.deepEqual(
      commits.map(({ title }) => title),
      ['Say more', 'Meanwhile'],
    );
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByRole('link', { name: 'Say more' }).click();
    await page.getByText('More words.').waitFor();
  });

  it('is opened by a gate to who asked, and to nobody before', async () => {
    const { page: stranger } = await openConsole(browser, bolt);
    await stranger.goto(`/datasets/${owner}/tickets`);
    await stranger.getByText('404').waitFor();

    const { page } = await openConsole(browser, cloud);
    await page.goto(`/datasets/${owner}/tickets?tab=settings`);
    await page.getByRole('button', { name: 'Public' }).click();
    await page.getByRole('button', { name: 'By your word' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Requests for access' }).waitFor();

    await stranger.reload();
    await stranger.getByRole('heading', { name: 'Tickets', level: 2 }).waitFor();
    assert.equal(await stranger.getByRole('tab', { name: 'Settings' }).count(), 0);
    await stranger.getByRole('button', { name: 'Ask for access' }).click();
    await stranger.getByText('Its owners have not decided yet').waitFor();

    await page.reload();
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    await page.getByText('Nobody.').waitFor();
    await stranger.goto(`/datasets/${owner}/tickets?tab=viewer`);
    await stranger.getByText('The bee says 6. 中文').waitFor();
  });

  it('is deleted when its name is typed', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto(`/datasets/${owner}/tickets?tab=settings`);
    await page.getByRole('button', { name: 'Delete this repository' }).click();
    const dialog = page.getByRole('dialog');
    const button = dialog.getByRole('button', { name: 'Delete' });
    assert.equal(await button.isDisabled(), true);
    await dialog.getByLabel(`Type ${owner}/tickets to go on`).fill(`${owner}/tickets`);
    await button.click();

    await page.getByText(`${owner}/tickets is deleted`).waitFor();
    assert.deepEqual(await client.hub.ofOwner('dataset', owner), []);
  });
});

const HOSTILE = `# Kind words

<script>window.hacked = 1</script><img src="x" onerror="window.hacked = 2">
<svg onload="window.hacked = 3"><a href="javascript:window.hacked = 4">press</a></svg>
<iframe src="https://elsewhere.example/"></iframe><style>* { display: none }</style>
[press me](javascript:window.hacked=5) [and me](data:text/html,<script>window.hacked=6</script>)
![spy](https://elsewhere.example/spy.png) <img src="https://elsewhere.example/spy.gif">

The mean is $\\frac{1}{n}\\sum_i x_i$ and $\\href{javascript:window.hacked=7}{x}$.

| a | b |
|---|---|
| <b onclick="window.hacked = 8">1</b> | 2 |
`;

describe('a card written by an enemy', () => {
  it('runs nothing, asks no other site, and is still read', async () => {
    const at = await makeModel('enemy', { 'README.md': HOSTILE });
    const { page, context, problems } = await openConsole(browser, cloud);
    const asked: string[] = [];
    context.on('request', (request) => asked.push(new URL(request.url()).origin));
    await page.goto(`/models/${at.name}`);
    await page.getByRole('heading', { name: 'Kind words' }).waitFor();
    await page.locator('math mfrac').waitFor();

    const card = page.locator('article');
    for (const tag of ['script', 'iframe', 'style', 'object', 'form', 'img[src^=http]']) {
      assert.equal(await card.locator(tag).count(), 0, tag);
    }
    const links = await card
      .locator('a')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    assert.deepEqual(links, []);
    assert.equal(await page.evaluate('window.hacked'), undefined);
    assert.deepEqual([...new Set(asked)], [new URL(cloud.url).origin]);
    // The picture that is not there is asked for in the repository itself.
    assert.deepEqual(
      problems.filter((problem) => !problem.includes('/resolve/main/x')),
      [],
    );
  });
});

describe('storage', () => {
  it('is shown to its owner, and the operator says how much a tenant may keep', async () => {
    const { page, problems } = await openConsole(browser, cloud);
    await page.goto(`/owners/${owner}`);
    await page.getByText('of 17.6 TB').waitFor();
    await page.goto('/settings?tab=tenants');
    await page.getByRole('button', { name: 'Storage of Bolt' }).click();
    // By its whole name: what says that it is set is a dialog to a screen reader too.
    const dialog = page.getByRole('dialog', { name: 'Storage of Bolt', exact: true });
    assert.equal(await dialog.getByLabel('May keep').inputValue(), '16 TiB');
    await dialog.getByLabel('May keep').fill('0.5 GB');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The storage of Bolt is set.').first().waitFor();
    await page.getByRole('button', { name: 'Storage of Bolt' }).click();
    await dialog.getByText('0 B of 500 MB').waitFor();
    await dialog.getByRole('button', { name: 'As all others' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.deepEqual(problems, []);
  });
});

describe('the list of models', () => {
  it('is searched and narrowed, by mouse and by address, and taken back', async () => {
    await makeModel('paints', {
      'README.md': '---\nlicense: mit\npipeline_tag: text-to-image\n---\n\nPaints. 文生图模型。\n',
    });
    await makeModel('listens', {
      'README.md':
        '---\nlicense: mit\npipeline_tag: automatic-speech-recognition\n---\n\nListens.\n',
    });
    const { page, problems } = await openConsole(browser, cloud);
    await page.goto('/models');
    await page.getByRole('link', { name: 'paints' }).waitFor();
    await page.locator('label').filter({ hasText: 'Speech to text' }).click();
    await page.getByRole('checkbox', { name: 'Speech to text', checked: true }).waitFor();
    await page.getByRole('link', { name: 'paints' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'listens' }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('task'), 'automatic-speech-recognition');
    await page.getByRole('button', { name: 'Remove the filter Speech to text' }).click();
    await page.getByLabel('Search models').fill('文生图');
    await page.getByText('1 repository').waitFor();
    await page.getByRole('link', { name: 'paints' }).waitFor();
    await page.getByLabel('Search models').fill('nothing of this kind');
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('button', { name: 'Datasets' }).click();
    await page.getByLabel('Search datasets').fill('');
    await page.getByText('No datasets yet').waitFor();
    assert.deepEqual(problems, []);
  });
});

describe('the page of a model', () => {
  it('fits a phone, in the dark and in Chinese, on each of its tabs', async () => {
    const at = await makeModel('phone', {
      'README.md': `# Words\n\n${'| a long head of a column |'.repeat(9)}\n${'|---|'.repeat(9)}\n`,
      'a/very/long/path/to/some/file/deep/down/config-of-the-whole-thing.json': '{"a":1}',
    });
    const { page, problems } = await openConsole(browser, cloud, {
      viewport: PHONE,
      colorScheme: 'dark',
      locale: 'zh-CN',
    });
    for (const search of [
      '',
      '?tab=files',
      '?tab=files&path=a%2Fvery%2Flong%2Fpath%2Fto%2Fsome%2Ffile%2Fdeep%2Fdown%2Fconfig-of-the-whole-thing.json',
      '?tab=history',
      '?tab=discussions',
      '?tab=settings',
    ]) {
      await page.goto(`/models/${at.name}${search}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('[aria-busy=true]').waitFor({ state: 'detached' });

      assert.equal(
        await page.evaluate('document.documentElement.scrollWidth'),
        PHONE.width,
        search,
      );
    }
    assert.deepEqual(problems, []);
  });

  it('is where the addresses of Hugging Face’s clients lead', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.goto(`/${owner}/phone/tree/main/a`);
    await page.getByRole('link', { name: 'very' }).waitFor();

    assert.equal(new URL(page.url()).pathname, `/models/${owner}/phone`);
  });
});
