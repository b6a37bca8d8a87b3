import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const path = process.env.CHROMIUM ?? '/usr/bin/chromium';

/**
 * True when browser tests can run. In continuous integration it is always true, so that a missing Chromium fails the tests.
 */
export const hasChromium = existsSync(path) || process.env.CI === 'true';

if (!hasChromium) {
  console.warn(`Browser tests are left out: there is no Chromium at ${path}. Install it, or name one in CHROMIUM.`);
}

/** Starts a headless Chromium without network traffic of its own. Pages cannot tell that it is automated; clerk-js checks that. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-blink-features=AutomationControlled',
    ],
  });
}

const viewport = { width: 1280, height: 720 };

/**
 * Resets the browser of a page: no cookies, no storage, no other tab, no listeners. The renderer process of the page stays, because
 * clerk-js is compiled in it; a new one takes a second of work for each test.
 */
export async function likeNew(page: Page): Promise<void> {
  const context = page.context();
  page.removeAllListeners();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  const others = context.pages().filter((other) => other !== page);
  await Promise.all(others.map((other) => other.close()));
  // Session storage belongs to a tab; the browser clears it for this tab only.
  await page.evaluate('try { sessionStorage.clear() } catch {}');
  await page.goto('about:blank');
  await context.clearCookies();
  const session = await context.newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin: '*', storageTypes: 'all' });
  await session.detach();
  await page.setViewportSize(viewport);
}
