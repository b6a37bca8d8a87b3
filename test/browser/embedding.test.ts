// Which answers a page of another origin can load as a part of itself, in a real browser.
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { type BrowserStack, inBrowser } from '../support/browser-stack.ts';
import { hasChromium } from '../support/chromium.ts';

describe.skipIf(!hasChromium)('a page of another origin', () => {
  let stack: BrowserStack;
  let page: Page;
  inBrowser((given) => {
    ({ stack, page } = given);
  });

  /** Whether the page can load the answer without CORS, as an image or a script of it. */
  async function isLoaded(path: string): Promise<boolean> {
    await page.goto(stack.appOrigin);
    return page.evaluate(
      (url) =>
        fetch(url, { mode: 'no-cors', credentials: 'include' }).then(
          () => true,
          () => false,
        ),
      stack.baseUrl + path,
    );
  }

  test.each(['/v1/client', '/v1/me', '/v1/environment', '/v1/users', '/v1/nowhere'])('cannot load %s', async (path) => {
    expect(await isLoaded(path)).toBe(false);
  });

  test.each(['/.well-known/jwks.json', '/v1/impersonation-banner.js'])('can load %s', async (path) => {
    expect(await isLoaded(path)).toBe(true);
  });

  test('reads its own session with CORS, if its origin is allowed', async () => {
    await page.goto(stack.appOrigin);

    const read = await page.evaluate(async (url) => {
      const response = await fetch(url, { credentials: 'include' });
      return response.json();
    }, `${stack.baseUrl}/v1/client`);

    expect(read).toEqual({ response: null, client: null });
  });
});
