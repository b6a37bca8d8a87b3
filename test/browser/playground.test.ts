// The playground as a newcomer uses it: npm start and a browser, nothing else.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Local, startLocal } from '../../local/product-stack.ts';
import { hasChromium, launchChromium, likeNew } from '../support/chromium.ts';

/** clerk-js looks at its session token every few seconds; a refresh that is due comes after that. */
const refreshTimeout = 20_000;

async function aStack(signInUrl?: string): Promise<Local> {
  const dir = await mkdtemp(join(tmpdir(), 'playground-'));
  return startLocal({ port: 0, dir, fresh: true, ...(signInUrl !== undefined && { signInUrl }) });
}

describe.skipIf(!hasChromium)('the playground', () => {
  let chromium: Browser;
  let local: Local;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    [local, chromium] = await Promise.all([aStack(), launchChromium()]);
    page = await chromium.newPage();
  });

  afterAll(async () => {
    await Promise.all([chromium.close(), local.stop()]);
  });

  beforeEach(async () => {
    await Promise.all([local.clock.reset(), likeNew(page)]);
    faults = [];
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('console', (message) => {
      const isRefusal = /^Failed to load resource: .* status of 40\d/.test(message.text());
      if (message.type() === 'error' && !isRefusal) faults.push(message.text());
    });
    await page.goto(local.instance.baseUrl);
    await page.getByLabel('Grace Hopper').waitFor();
  });

  afterEach(() => expect(faults).toEqual([]));

  const tab = () => page.frameLocator('iframe');
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const text = async (id: string) => (await page.locator(`#${id}`).textContent()) ?? '';
  const tabSwitch = () => page.getByRole('switch', { name: 'Tab open' });
  const requestRow = (by: string, request: string) =>
    page.getByRole('row').filter({ hasText: by }).filter({ hasText: request }).first();

  async function create(sessionSeconds = 1800) {
    await page.getByLabel('Grace Hopper').check();
    await page.getByRole('textbox', { name: /^Actor/ }).fill('user_agent');
    await page.getByLabel('Session duration').fill(String(sessionSeconds));
    const before = await text('token-id');
    await button('Create actor token').click();
    await expect.poll(() => text('token-id')).not.toBe(before);
  }

  async function signIn(sessionSeconds?: number) {
    await create(sessionSeconds);
    await button('Open the link').click();
    await tab().getByRole('heading', { name: 'Hello, Grace Hopper' }).waitFor();
    await page.getByText('user_agent is acting as Grace Hopper.').waitFor();
  }

  async function claims() {
    const shown = await text('jwt');
    return JSON.parse(shown.slice(shown.indexOf('\n{') + 1)) as {
      readonly iat: number;
      readonly sub: string;
      readonly act: object;
    };
  }

  test('signs in as the target by the actor, whatever factors the target has, and shows who acts as whom', async () => {
    expect(await page.locator('label', { hasText: 'Grace Hopper' }).textContent()).toContain('second factors: TOTP');

    await signIn();

    expect(await tab().getByText('user_agent is acting as Grace Hopper.').count()).toBe(1);
    expect(await text('ticket')).toContain('"st": "actor_token"');
    expect(await claims()).toMatchObject({ sub: local.instance.userIds[1], act: { sub: 'user_agent' } });
    expect(await text('token-status')).toBe('accepted');
    expect(await text('idle-left')).toMatch(/^(10:00|9:[345]\d)$/);
    expect(await text('end-left')).toMatch(/^(30:00|29:[345]\d)$/);
    expect(await text('jwt-left')).toMatch(/^(1:00|0:[345]\d)$/);
    expect(new URL(page.frames()[1]?.url() ?? '').search).toBe('');
  });

  test('a fresh token is asked for by clerk-js and shown, and counts as activity', async () => {
    await signIn();
    const { iat } = await claims();
    await local.clock.advance(30);
    await page.reload();
    await tab().getByRole('button', { name: 'Get a fresh token' }).click();

    await expect.poll(async () => (await claims()).iat).toBeGreaterThanOrEqual(iat + 30);
    await expect.poll(() => text('idle-left')).toMatch(/^(10:00|9:5\d)$/);
    expect(await requestRow('app’s tab', '/tokens').textContent()).toMatch(/POST .*\/tokens.*200$/);
  });

  test('with the tab closed, ten minutes later the session has timed out by inactivity, and says so', async () => {
    await signIn();
    await tabSwitch().click();
    expect(await page.locator('iframe').count()).toBe(0);

    await button('+10 min 1 s').click();

    await page.getByText(/^Timed out by inactivity: the last activity was at /).waitFor();
    expect(await text('session-text')).toBe('user_agent is no longer acting as Grace Hopper.');
    expect(await text('idle-left')).toBe('0:00');
    expect(await text('clock-offset')).toBe('+10 min 1 s');
    await tabSwitch().click();
    await tab().getByRole('heading', { name: 'Signed out' }).waitFor();
  });

  test('with the tab open, clerk-js goes by the local clock too and its refresh starts the ten minutes again', async () => {
    await signIn();

    await button('+9 min').click();

    await expect.poll(() => text('end-left')).toMatch(/^20:\d\d$|^21:00$/);
    await expect.poll(() => text('idle-left'), { timeout: refreshTimeout }).toMatch(/^(10:00|9:[45]\d)$/);
    expect(await text('session-status')).toBe('active');
  });

  test('activity does not move the fixed end', async () => {
    await signIn(90);

    await button('+1 min').click();
    await button('+1 min').click();

    await page.getByText(/^Timed out at its fixed end: expire_at was /).waitFor();
    await tab().getByRole('heading', { name: 'Signed out' }).waitFor({ timeout: refreshTimeout });
  });

  test('a session that the backend revokes is signed out at its next refresh', async () => {
    await signIn();

    await button('Revoke session from the backend').click();

    await page.getByText(/^Revoked by the backend at /).waitFor();
    await tab().getByRole('heading', { name: 'Hello, Grace Hopper' }).waitFor();
    await button('+1 min').click();
    await tab().getByRole('heading', { name: 'Signed out' }).waitFor({ timeout: refreshTimeout });
    expect(await requestRow('app’s tab', '/tokens').textContent()).toMatch(/401$/);
  });

  test('a used link shows its error and leaves the session alone', async () => {
    await signIn();

    await button('Open the link').click();

    await tab().getByText('(actor_token_already_used_code)').waitFor();
    await tab().getByRole('heading', { name: 'Hello, Grace Hopper' }).waitFor();
    expect(await text('session-status')).toBe('active');
  });

  test('a revoked link, an expired one and a damaged one show their errors', async () => {
    await create();
    await button('Revoke actor token').click();
    await page.getByText('revoked', { exact: true }).waitFor();
    await button('Open the link').click();
    await tab().getByText('(actor_token_revoked_code)').waitFor();

    await page.getByLabel('Link lifetime').fill('30');
    await create();
    await button('+1 min').click();
    await button('Open the link').click();
    await page.getByText('(ticket_expired_code)').waitFor();

    await page.goto(`${local.instance.baseUrl}/sign-in?__clerk_ticket=damaged`);
    await page.getByText('(ticket_invalid_code)').waitFor();
  });

  test('a second link in the same browser replaces the first session, which is shown', async () => {
    await signIn();
    const first = await text('session-id');

    await signIn();

    await expect.poll(() => text('session-id')).not.toBe(first);
    expect(await text('session-status')).toBe('active');
  });

  test.each(['End session', 'Sign out'])('%s ends the session at once', async (name) => {
    await signIn();

    await tab().getByRole('button', { name }).click();

    await tab().getByRole('heading', { name: 'Signed out' }).waitFor();
    await page.getByText(name === 'Sign out' ? /^Signed out, or replaced / : /^Ended by this browser at /).waitFor();
  });

  test('what the API refuses to create is told in its words', async () => {
    await page.getByLabel('Session duration').fill('90000');
    await button('Create actor token').click();

    await page.getByText('(form_param_value_too_large)').waitFor();
  });

  test('a session in this browser is found again after a reload', async () => {
    await signIn();

    await page.reload();

    await page.getByText('user_agent is acting as Grace Hopper.').first().waitFor();
    await tab().getByRole('heading', { name: 'Hello, Grace Hopper' }).waitFor();
    await expect.poll(async () => (await claims()).act).toEqual({ sub: 'user_agent' });
  });
});

test('without a sign-in page the stack is synthesized without one, so that the link serves the page of the product', async () => {
  const local = await aStack('');
  try {
    expect(local.functionEnvironment).not.toHaveProperty('SIGN_IN_URL');
    const instance = await fetch(`${local.instance.baseUrl}/__local/playground/instance.json`);
    expect(await instance.json()).toMatchObject({ is_own_sign_in_page: false });
  } finally {
    await local.stop();
  }
});
