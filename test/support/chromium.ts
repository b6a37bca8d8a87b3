import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const path = process.env.CHROMIUM ?? '/usr/bin/chromium';

/**
 * Whether browser tests can run here. Where continuous integration finds no Chromium they fail instead of being left out.
 */
export const hasChromium = existsSync(path) || process.env.CI === 'true';

if (!hasChromium) {
  console.warn(`Browser tests are left out: there is no Chromium at ${path}. Install it, or name one in CHROMIUM.`);
}

/** Headless, and quiet on the network; to pages it looks like a browser that a person uses, which clerk-js asks. */
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
 * Makes the browser of a page one that knows nothing: no cookies, no storage, no other tab, nobody who listens. What it keeps is
 * the process that shows the page, in which clerk-js is compiled; a new one takes a second of work for each test.
 */
export async function likeNew(page: Page): Promise<void> {
  const context = page.context();
  page.removeAllListeners();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  const others = context.pages().filter((other) => other !== page);
  await Promise.all(others.map((other) => other.close()));
  // Of a tab, which the browser clears for no other.
  await page.evaluate('try { sessionStorage.clear() } catch {}');
  await page.goto('about:blank');
  await context.clearCookies();
  const session = await context.newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin: '*', storageTypes: 'all' });
  await session.detach();
  await page.setViewportSize(viewport);
}
