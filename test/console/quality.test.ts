/**
 * What holds for every page of the console: it fits a phone, reads in both languages and both themes,
 * works without a mouse, names every control, and nothing goes wrong behind it.
 *
 * @needs chromium
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { createClient } from '#client/client.ts';
import { MODEL, chat, createCloudHome, startCloud, until } from '../cloud/cloud.ts';
import { PHONE, openBrowser, openConsole } from './browser.ts';
import { LOW_CONTRAST } from './contrast.ts';

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
await (await chat(cloud)).text();
await until(
  'the call to be posted',
  async () => (await client.usage.events()).data.length > 0,
  started,
);
const browser = await openBrowser();

const PAGES = [
  '/',
  '/playground',
  '/batches',
  '/models',
  `/models/${MODEL}`,
  `/models/${MODEL}?tab=files`,
  `/models/${MODEL}?tab=files&path=tiny-f16.gguf`,
  `/models/${MODEL}?tab=files&path=README.md`,
  `/models/${MODEL}?tab=history`,
  `/models/${MODEL}?tab=discussions`,
  `/models/${MODEL}?tab=settings`,
  '/owners/flywheel',
  `/models/${MODEL}?tab=lineage`,
  '/models?import=true',
  '/deployments',
  '/deployments?create=new',
  '/routes',
  '/keys',
  '/limits',
  '/keys?create=true',
  '/providers',
  '/providers?create=true',
  '/requests',
  '/requests?settings=true',
  '/usage',
  '/usage?range=30d&by=key&measure=tokens',
  '/billing',
  '/billing?tab=spend',
  '/billing?tab=invoices',
  '/billing?tab=plans',
  '/billing?tab=payments',
  '/billing?tab=budgets',
  '/finance',
  '/finance?tab=prices',
  '/finance?tab=plans',
  '/finance?tab=receivables',
  '/finance?tab=payments',
  '/finance?tab=authors',
  '/finance?tab=ledger',
  '/finance?tab=books',
  '/settings',
  '/settings?tab=members',
  '/settings?tab=projects',
  '/settings?tab=tenants',
  '/settings?tab=webhooks',
  '/settings?tab=cloud',
  '/no/such/page/here',
] as const;

/** A page on a slow line should be there before one looks away. */
const SCRIPT_BYTES_MAX = 350_000;

/** A control in an accessibility snapshot that has no name after its role. */
const NAMELESS =
  /^\s*- (?:button|link|textbox|searchbox|combobox|switch|slider|spinbutton|checkbox|radio|tab|option|menuitem|img|dialog|figure)(?: \[[^\]]*\])*:?$/gm;

describe('every page', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has a heading, named controls, readable text and no errors (${colorScheme})`, async () => {
      const { page, problems } = await openConsole(browser, cloud, { colorScheme });
      for (const path of PAGES) {
        await open(page, path);

        assert.equal(await page.getByRole('heading', { level: 1 }).count(), heads(path), path);
        const snapshot = await page.locator('body').ariaSnapshot();
        assert.deepEqual([...snapshot.matchAll(NAMELESS)].map(String), [], path);
        assert.deepEqual(await page.evaluate(LOW_CONTRAST), [], `${path} in ${colorScheme}`);
      }
      assert.deepEqual(problems, []);
    });
  }

  it('would be caught with a text too pale to read', async () => {
    const { page } = await openConsole(browser, cloud);
    await open(page, '/settings');
    // In one step, so that no drawing of the page comes between.
    const pale = "document.querySelector('h1').style.color = 'oklch(0.8 0 0)'";

    assert.match(String(await page.evaluate(`(${pale}, ${LOW_CONTRAST})`)), /^1\.\d+ Settings$/);
  });

  it('would be caught with a style that is not a file of ours', async () => {
    const { page, problems } = await openConsole(browser, cloud);
    const answer = await page.goto('/settings');
    assert.doesNotMatch((await answer?.allHeaders())?.['content-security-policy'] ?? '', /unsafe/);
    await page.locator('h1').waitFor();
    await page.evaluate("document.head.append(document.createElement('style'))");
    await page.evaluate("document.querySelector('style').textContent = 'h1 { color: red }'");

    await until('the policy to refuse it', () => problems.length > 0);

    assert.match(problems.join(), /Content Security Policy/);
  });

  it('fits a phone without scrolling sideways', async () => {
    const { page, problems } = await openConsole(browser, cloud, { viewport: PHONE });
    for (const path of PAGES) {
      await open(page, path);

      const width = await page.evaluate('document.documentElement.scrollWidth');
      assert.equal(width, PHONE.width, path);
    }
    assert.deepEqual(problems, []);
  });

  it('reads in Chinese, with no text left behind', async () => {
    const { page, problems } = await openConsole(browser, cloud, { locale: 'zh-CN' });
    for (const path of PAGES) {
      await open(page, path);

      assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
      const main = (await page.locator('main').textContent()) ?? '';
      assert.match(main, /\p{Script=Han}/u, path);
      assert.doesNotMatch(main, /\b(?:Cancel|Name|Usage|Settings|Search|Copy)\b/, path);
    }
    assert.deepEqual(problems, []);
  });
});

describe('the first page', () => {
  it('needs less than 350 KB of script, compressed', async () => {
    const { page } = await openConsole(browser, cloud);
    const scripts: Promise<Buffer>[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) scripts.push(response.body());
    });

    await open(page, '/');

    const sizes = (await Promise.all(scripts)).map((script) => gzipSync(script).length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(total > 50_000 && total < SCRIPT_BYTES_MAX, `${total} bytes`);
  });
});

describe('preferences', () => {
  it('changes the language at once and remembers it', async () => {
    const { page } = await openConsole(browser, cloud);
    await open(page, '/');
    await page.getByRole('button', { name: 'Language' }).click();
    await page.getByRole('menuitemradio', { name: '简体中文' }).click();
    await page.getByRole('link', { name: '概览' }).waitFor();

    await page.reload();

    await page.getByRole('link', { name: '概览' }).waitFor();
  });

  it('changes the theme at once and remembers it', async () => {
    const { page } = await openConsole(browser, cloud);
    await open(page, '/');
    const background = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await background();
    await page.getByRole('button', { name: 'Theme' }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await page.locator('html[data-theme="dark"]').waitFor();
    assert.notEqual(await background(), light);

    await page.reload();

    await page.locator('html[data-theme="dark"]').waitFor();
  });

  it('stands still for those who ask for less motion', async () => {
    const { page } = await openConsole(browser, cloud);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await open(page, '/');

    const duration = await page.evaluate(
      "getComputedStyle(document.querySelector('main .turning')).animationIterationCount",
    );

    assert.equal(duration, '1');
  });
});

describe('the keyboard alone', () => {
  it('signs in, goes to the keys and makes one', async () => {
    const { page } = await openConsole(browser, cloud, { isSignedIn: false });
    await page.goto('/');
    await page.getByLabel('Email').focus();
    await page.keyboard.type(cloud.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(cloud.password);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();

    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search and commands' }).waitFor();
    await page.keyboard.type('keys');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Keys', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'New key' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('[role="dialog"] input:focus').waitFor();
    await page.keyboard.type('by keyboard');
    await page.keyboard.press('Enter');

    await page.locator('[data-secret]').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('row', { name: 'by keyboard' }).waitFor();
  });

  it('begins at the heading of another page, without a ring around it', async () => {
    const { page } = await openConsole(browser, cloud);
    await open(page, '/');

    const pages = page.getByRole('navigation', { name: 'Pages' });
    await pages.getByRole('link', { name: 'Usage' }).click();

    await page.locator('h1:focus', { hasText: 'Usage' }).waitFor();
    assert.equal(
      await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'),
      'none',
    );
    await page.goBack();
    await page.locator('h1:focus', { hasNotText: 'Usage' }).waitFor();
  });

  it('skips to the content first', async () => {
    const { page } = await openConsole(browser, cloud);
    await open(page, '/usage');

    await page.keyboard.press('Tab');

    assert.equal(await page.locator('a:focus').textContent(), 'Skip to content');
  });
});

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator('h1').first().waitFor();
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });
}

/** A dialog hides the page behind it from screen readers, its heading too. */
function heads(path: string): number {
  return /import=|create=|settings=/.test(path) ? 0 : 1;
}
