/** For tests: Chromium on the console of a cloud, with everything that goes wrong in the page noted. */
import { after } from 'node:test';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import type { FirstRun } from '../cloud/cloud.ts';

const CHROMIUM = process.env['TEST_CHROMIUM'] ?? '/usr/bin/chromium';

export const DESKTOP = { width: 1440, height: 900 } as const;
export const PHONE = { width: 390, height: 844 } as const;

export type View = Readonly<{
  viewport?: { width: number; height: number };
  locale?: 'en' | 'zh-CN';
  colorScheme?: 'light' | 'dark';
  isSignedIn?: boolean;
}>;

export type OpenConsole = Readonly<{
  page: Page;
  context: BrowserContext;
  /** Errors of scripts, of the page's policy and of loading, with what is expected left out. */
  problems: readonly string[];
}>;

/** One browser for a file's tests; closed after them. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  after(() => browser.close());
  return browser;
}

/** A window of its own, signed in unless the view says otherwise. */
export async function openConsole(
  browser: Browser,
  cloud: FirstRun,
  view: View = {},
): Promise<OpenConsole> {
  const context = await browser.newContext({
    baseURL: cloud.url,
    viewport: view.viewport ?? DESKTOP,
    locale: view.locale ?? 'en',
    colorScheme: view.colorScheme ?? 'light',
  });
  after(() => context.close());
  if (view.isSignedIn !== false) {
    const { email, password } = cloud;
    await context.request.post('/cloud/auth/sign-in/email', { data: { email, password } });
  }
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    const at = message.location().url;
    if (message.type() === 'error' && !isExpected(at)) problems.push(`${message.text()} (${at})`);
  });
  return { page, context, problems };
}

/** A browser logs every 4xx. A stranger is answered 401; an event is 404 until it has been shipped. */
function isExpected(url: string): boolean {
  return /\/cloud\/v1\/me$|\/cloud\/auth\/|\/cloud\/v1\/usage\/events\//.test(url);
}
