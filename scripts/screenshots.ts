/**
 * Takes the pictures of docs/images: `node scripts/screenshots.ts`. A real cloud, a real browser; what
 * flywheel/tiny says is its own, the days of use are samples; needs Chromium, and looks best where the fonts Inter, JetBrains Mono and Noto Sans CJK
 * are installed.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { OWN_MODEL, type SampleCloud, startSampleCloud } from './screenshots/sample-cloud.ts';

const IMAGES = join(import.meta.dirname, '..', 'docs', 'images');
const CHROMIUM = process.env['TEST_CHROMIUM'] ?? '/usr/bin/chromium';

/** Pages move in, charts draw, fonts settle. */
const SETTLE_MS = 1200;

const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

type Picture = Readonly<{
  name: string;
  path: string;
  viewport?: { width: number; height: number };
  theme?: 'light' | 'dark';
  locale?: 'en' | 'zh-CN';
  act?: (page: Page) => Promise<void>;
}>;

const model = encodeURIComponent(OWN_MODEL);

const PICTURES: readonly Picture[] = [
  { name: 'overview-light', path: '/' },
  { name: 'overview-dark', path: '/', theme: 'dark' },
  { name: 'overview-chinese', path: '/', locale: 'zh-CN' },
  { name: 'overview-phone', path: '/', viewport: PHONE },
  { name: 'playground', path: `/playground?model=${model}&temperature=0`, act: calculate },
  {
    name: 'playground-dark',
    path: `/playground?model=${model}&temperature=0`,
    theme: 'dark',
    act: calculate,
  },
  {
    name: 'playground-phone',
    path: `/playground?model=${model}&temperature=0`,
    viewport: PHONE,
    act: writePoem,
  },
  { name: 'models', path: '/models' },
  { name: 'models-phone', path: '/models', viewport: PHONE },
  { name: 'model', path: `/models/${OWN_MODEL}` },
  { name: 'lineage', path: `/models/${OWN_MODEL}?tab=lineage` },
  { name: 'deployments', path: '/deployments' },
  { name: 'keys', path: '/keys' },
  { name: 'usage', path: '/usage' },
  { name: 'usage-dark', path: '/usage?range=7d&measure=tokens', theme: 'dark' },
];

const cloud = await startSampleCloud();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  mkdirSync(IMAGES, { recursive: true });
  const only = process.argv.slice(2);
  for (const picture of PICTURES) {
    if (only.length === 0 || only.includes(picture.name)) await take(browser, cloud, picture);
  }
} finally {
  await browser.close();
  await cloud.stop();
}

async function take(from: Browser, at: SampleCloud, picture: Picture): Promise<void> {
  const context = await from.newContext({
    baseURL: at.url,
    viewport: picture.viewport ?? DESKTOP,
    colorScheme: picture.theme ?? 'light',
    locale: picture.locale ?? 'en',
  });
  const { email, password } = at;
  await context.request.post('/cloud/auth/sign-in/email', { data: { email, password } });
  const page = await context.newPage();
  await page.goto(picture.path);
  await page.locator('h1').first().waitFor();
  await picture.act?.(page);
  await page.waitForTimeout(SETTLE_MS);
  const path = join(IMAGES, `${picture.name}.png`);
  await page.screenshot({ path });
  await context.close();
  console.log(`${picture.name}.png ${Math.round(statSync(path).size / 1000)} KB`);
}

async function calculate(page: Page): Promise<void> {
  await ask(page, 'What is 17 + 25?');
}

async function writePoem(page: Page): Promise<void> {
  await ask(page, '写一首五言绝句，题目：秋思');
}

/** The words of the model itself, with what it thought, and what they cost. */
async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel('Ask something').fill(question);
  await page.keyboard.press('Enter');
  await page.locator('[data-figure="cost"] button').waitFor({ timeout: 60_000 });
  const thoughts = page.locator('[data-answer] [aria-expanded="false"]');
  if ((await thoughts.count()) > 0) await thoughts.first().click();
}
