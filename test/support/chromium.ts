import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

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
