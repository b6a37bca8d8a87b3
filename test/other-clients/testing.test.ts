// @clerk/testing, with which teams sign in in their own tests of pages.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLink } from '../../examples/create-link.ts';
import { startReactExample } from '../../examples/react/run.ts';
import type { RunningApp } from '../../examples/start-app.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { install } from './install.ts';

/** The functions of testing/steps.ts, whose packages are installed first. */
interface Steps {
  prepare(options: { publishableKey: string; secretKey: string; apiUrl: string }): Promise<void>;
  signIn(page: Page, ticket: string): Promise<void>;
  signOut(page: Page): Promise<void>;
}

const folder = fileURLToPath(new URL('testing', import.meta.url));

describe.skipIf(!hasChromium)('@clerk/testing', () => {
  let example: RunningApp;
  let chromium: Browser;
  let page: Page;
  let steps: Steps;

  beforeAll(async () => {
    await install(folder);
    const dir = await mkdtemp(join(tmpdir(), 'testing-'));
    const options = { ports: [0, 0], dir, signal: new AbortController().signal } as const;
    [example, chromium] = await Promise.all([startReactExample(options), launchChromium()]);
    page = await chromium.newPage();
    steps = await import(/* @vite-ignore */ `${folder}/steps.ts`);
  });

  afterAll(() => Promise.all([chromium.close(), example.stop()]));

  const home = () => page.goto(example.app.endpoint);

  async function aTicket(): Promise<string> {
    const { url } = await createLink(example.local.instance, 'user_support');
    return new URL(url).searchParams.get('ticket') ?? '';
  }

  test('the setup gets a testing token, and a ticket signs in and out', async () => {
    const { publishableKey, secretKey, baseUrl: apiUrl } = example.local.instance;
    await steps.prepare({ publishableKey, secretKey, apiUrl });
    await home();

    await steps.signIn(page, await aTicket());
    await page.getByText('user_support acts as Ada Lovelace.').waitFor();
    await steps.signOut(page);

    await page.getByText('Nobody is signed in.').waitFor();
  });

  test('a used ticket is refused with the sentence of this API', async () => {
    const ticket = await aTicket();
    await home();
    await steps.signIn(page, ticket);
    await steps.signOut(page);

    await expect(steps.signIn(page, ticket)).rejects.toThrow(/already been used/);
  });
});
