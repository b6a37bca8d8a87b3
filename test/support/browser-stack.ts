// For tests of our own pages in a real browser: a stack of their own without a sign-in page, an app on another origin that it
// allows, and a browser that knows neither.
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { serveAppPage } from './app-page.ts';
import { launchChromium, likeNew } from './chromium.ts';
import { startSynthesized } from './synthesized-stack.ts';

export interface BrowserStack {
  readonly baseUrl: string;
  readonly appOrigin: string;
  /** A call of the app's server. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any operation; the tests state what is in it.
  readonly backend: (method: 'GET' | 'POST', path: string, body?: object) => Promise<any>;
  /** A pending actor token for Ada Lovelace by Sam Support, unless told. */
  readonly actorToken: (
    params?: object,
  ) => Promise<{ readonly id: string; readonly token: string; readonly url: string }>;
  stop(): Promise<void>;
}

async function startBrowserStack(): Promise<BrowserStack> {
  const app = await serveAppPage(() => local.instance.baseUrl);
  const variables = { ALLOWED_ORIGINS: app.origin };
  const local = await startSynthesized('browser', variables, { allowedOrigin: app.origin });
  const { baseUrl, secretKey, userIds } = local.instance;
  const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' };
  const backend: BrowserStack['backend'] = async (method, path, body) => {
    const response = await fetch(baseUrl + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return JSON.parse(text);
  };
  const given = { user_id: userIds[0], actor: { sub: 'support_7', name: 'Sam Support' } };
  return {
    baseUrl,
    appOrigin: app.origin,
    backend,
    actorToken: (params = {}) => backend('POST', '/v1/actor_tokens', { ...given, ...params }),
    stop: async () => void (await Promise.all([local.stop(), app.stop()])),
  };
}

/** What each test is given. */
export interface InBrowser {
  readonly chromium: Browser;
  readonly stack: BrowserStack;
  readonly context: BrowserContext;
  readonly page: Page;
}

/** What a page throws from now on, or tells the console as an error. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  return complaints;
}

/** One stack and one Chromium for the tests of a `describe`, each of which finds the page of a browser that knows nothing. */
export function inBrowser(give: (given: InBrowser) => void, options: BrowserContextOptions = {}): void {
  let chromium: Browser;
  let stack: BrowserStack;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    [stack, chromium] = await Promise.all([startBrowserStack(), launchChromium()]);
    context = await chromium.newContext(options);
    page = await context.newPage();
  });

  afterAll(async () => {
    await Promise.all([chromium.close(), stack.stop()]);
  });

  beforeEach(async () => {
    await likeNew(page);
    give({ chromium, stack, context, page });
  });
}
