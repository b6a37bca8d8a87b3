// For tests of our own pages in a real browser: a stack, an app on another origin that the stack allows, and a new browser.
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { serveAppPage } from './app-page.ts';
import { launchChromium, likeNew } from './chromium.ts';
import { startSynthesized } from './synthesized-stack.ts';

export interface BrowserStack {
  readonly baseUrl: string;
  readonly appOrigin: string;
  /** Sends a request as the app's server does. */
  // biome-ignore lint/suspicious/noExplicitAny: the response of any operation; the tests state its members.
  readonly backend: (method: 'GET' | 'POST', path: string, body?: object) => Promise<any>;
  /** Creates a pending actor token; by default for Ada Lovelace by Sam Support. */
  readonly actorToken: (
    params?: object,
  ) => Promise<{ readonly id: string; readonly token: string; readonly url: string }>;
  stop(): Promise<void>;
}

interface StackOptions {
  /** Makes a page of the app its sign-in page: `/sign-in`. */
  readonly hasSignInPage?: boolean;
  /** The configuration of the pages, for the origin of the app. */
  readonly variables?: (appOrigin: string) => Readonly<Record<string, string>>;
}

async function startBrowserStack({
  hasSignInPage,
  variables: variablesOf,
}: Required<StackOptions>): Promise<BrowserStack> {
  const app = await serveAppPage(() => local.instance.baseUrl);
  const variables = {
    ALLOWED_ORIGINS: app.origin,
    ...(hasSignInPage && { SIGN_IN_URL: `${app.origin}/sign-in` }),
    ...variablesOf(app.origin),
  };
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

/** The means of each test. */
export interface InBrowser {
  readonly chromium: Browser;
  readonly stack: BrowserStack;
  readonly context: BrowserContext;
  readonly page: Page;
}

/** Collects the errors that a page throws or logs from now on. */
export function problemsOf(page: Page): readonly string[] {
  const problems: string[] = [];
  page.on('pageerror', ({ message }) => problems.push(message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  return problems;
}

/** Runs one stack and one Chromium for the tests of a `describe`. Each test starts with a page without cookies and storage. */
export function inBrowser(
  give: (given: InBrowser) => void,
  { hasSignInPage = false, variables = () => ({}), ...options }: StackOptions & BrowserContextOptions = {},
): void {
  let chromium: Browser;
  let stack: BrowserStack;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    [stack, chromium] = await Promise.all([startBrowserStack({ hasSignInPage, variables }), launchChromium()]);
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
