// The playground as a new user meets it, with nothing but `npm start` and a browser.

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Local, startLocal } from '../../local/product-stack.ts';
import { accessibilityViolations } from '../support/axe.ts';
import { hasChromium, launchChromium, likeNew } from '../support/chromium.ts';

/** clerk-js checks every few seconds whether its session token is due for a refresh. */
const refreshTimeout = 20_000;

const newDirectory = () => mkdtemp(join(tmpdir(), 'playground-'));

async function startStack(): Promise<Local> {
  return startLocal({ port: 0, dir: await newDirectory(), fresh: true });
}

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 720 };

describe.skipIf(!hasChromium)('the playground', () => {
  let chromium: Browser;
  let local: Local;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    [local, chromium] = await Promise.all([startStack(), launchChromium()]);
    page = await chromium.newPage();
  });

  afterAll(async () => {
    await Promise.all([chromium.close(), local.stop()]);
  });

  beforeEach(async () => {
    await Promise.all([local.clock.reset(), likeNew(page)]);
    problems = [];
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('console', (message) => {
      const isExpected = /^Failed to load resource: .* status of 40\d/.test(message.text());
      if (message.type() === 'error' && !isExpected) problems.push(message.text());
    });
    await page.goto(local.instance.baseUrl);
    await page.getByLabel('Grace Hopper').waitFor();
  });

  afterEach(() => expect(problems).toEqual([]));

  const tab = () => page.frameLocator('iframe');
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const text = async (id: string) => (await page.locator(`#${id}`).textContent()) ?? '';
  const tabSwitch = () => page.getByRole('switch', { name: 'Tab open' });
  /** The elements that have the focus, by their ids. */
  const focused = () => page.locator(':focus').evaluateAll((elements) => elements.map(({ id }) => id));
  const banner = () => tab().locator('impersonation-banner section');
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

  async function redeem() {
    await button('Skip to the app’s tab').click();
    await tab().getByRole('button', { name: 'Sign in' }).click();
  }

  async function signIn(sessionSeconds?: number) {
    await create(sessionSeconds);
    await redeem();
    await tab().getByRole('heading', { name: 'Hello, Grace Hopper' }).waitFor();
    await page.getByText('user_agent is acting as Grace Hopper.').waitFor();
  }

  const engine = () => {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    return new DynamoDBClient({ endpoint: local.dynamodbEndpoint, region: 'us-east-1', credentials });
  };

  /** Writes a reason into the record of a session, past the product. */
  async function changeByHand(sessionId: string) {
    const dynamodb = engine();
    const change = {
      UpdateExpression: 'SET reason = :reason',
      ExpressionAttributeValues: { ':reason': { S: 'none' } },
    };
    const Key = { id: { S: sessionId } };
    const TableName = local.functionEnvironment.SESSIONS_TABLE;
    await dynamodb.send(new UpdateItemCommand({ TableName, Key, ...change }));
    dynamodb.destroy();
  }

  async function claims() {
    const shown = await text('jwt');
    return JSON.parse(shown.slice(shown.indexOf('\n{') + 1)) as {
      readonly iat: number;
      readonly sub: string;
      readonly act: object;
      readonly external_id?: string;
    };
  }

  test('the playground signs in as a target with a second factor, and shows target and actor', async () => {
    expect(await page.locator('label', { hasText: 'Grace Hopper' }).textContent()).toContain('second factors: TOTP');

    await signIn();

    expect(await banner().innerText()).toMatch(/Grace Hopper.*user_agent/s);
    expect(await text('ticket')).toContain('"st": "actor_token"');
    expect(await claims()).toMatchObject({ sub: local.instance.userIds[1], act: { sub: 'user_agent' } });
    await expect.poll(() => text('token-status')).toBe('accepted');
    expect(await text('idle-left')).toMatch(/^(10:00|9:[345]\d)$/);
    expect(await text('end-left')).toMatch(/^(30:00|29:[345]\d)$/);
    expect(await text('jwt-left')).toMatch(/^(1:00|0:[345]\d)$/);
    expect(new URL(page.frames()[1]?.url() ?? '').search).toBe('');
  });

  test('the events of the record appear as they happen, and so does a record that was changed by hand', async () => {
    await signIn();
    const rows = page.locator('#record tr');

    await rows.filter({ hasText: 'actor_token.created' }).first().waitFor();
    await rows.filter({ hasText: 'session.created' }).filter({ hasText: 'user_agent' }).first().waitFor();
    await rows.filter({ hasText: 'audit.sealed' }).first().waitFor();
    await changeByHand(await text('session-id'));

    await rows.filter({ hasText: 'audit.record_changed' }).filter({ hasText: 'changed: reason' }).waitFor();
  });

  test('an operator creates an actor token with a reason, which the page of the link shows', async () => {
    await page.getByRole('textbox', { name: /^Reason/ }).fill('Case 4711: invoice not visible');
    await page.getByRole('checkbox', { name: /^As an operator/ }).check();
    await create();

    const opened = page.waitForEvent('popup');
    await page.getByRole('link', { name: 'Open the link' }).click();
    const outside = await opened;
    await outside.getByText('Case 4711: invoice not visible').waitFor();

    const dynamodb = engine();
    const Key = { id: { S: await text('token-id') } };
    const TableName = local.functionEnvironment.ACTOR_TOKENS_TABLE;
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key }));
    dynamodb.destroy();
    expect(JSON.parse(Item?.verified?.S ?? '{}')).toMatchObject({ sub: 'user_agent', claims: { groups: ['support'] } });
  });

  test('the link leads over its own page and the sign-in page, and signs in at the second press', async () => {
    await create();
    const opened = page.waitForEvent('popup');
    await page.getByRole('link', { name: 'Open the link' }).click();
    const outside = await opened;

    await outside.getByRole('button', { name: /^Continue to 127\.0\.0\.1:\d+ as Grace Hopper$/ }).click();
    await outside.getByText('Nothing happens before you press the button.').waitFor();
    const pending = await text('token-status');
    await outside.getByRole('button', { name: 'Sign in' }).click();
    await outside.getByRole('heading', { name: 'Hello, Grace Hopper' }).waitFor();

    expect(pending).toBe('pending');
    expect(new URL(outside.url()).search).toBe('');
    await page.getByText('user_agent is acting as Grace Hopper.').waitFor();
    await outside.close();
  });

  test('a fresh token that clerk-js requests is shown, and counts as activity', async () => {
    await signIn();
    const { iat } = await claims();
    await local.clock.advance(30);
    await page.reload();
    await tab().getByRole('button', { name: 'Get a fresh token' }).click();

    await expect.poll(async () => (await claims()).iat).toBeGreaterThanOrEqual(iat + 30);
    await expect.poll(() => text('idle-left')).toMatch(/^(10:00|9:5\d)$/);
    expect(await requestRow('app’s tab', '/tokens').textContent()).toMatch(/POST .*\/tokens.*200$/);
  });

  test('with the tab closed, a session times out after ten minutes without activity', async () => {
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

  test('with the tab open, clerk-js follows the local clock, and its refresh starts the ten minutes again', async () => {
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

  test('a session that the backend revokes is signed out at the next refresh', async () => {
    await signIn();

    await button('Revoke session from the backend').click();

    await page.getByText(/^Revoked by the backend at /).waitFor();
    await tab().getByRole('heading', { name: 'Hello, Grace Hopper' }).waitFor();
    await button('+1 min').click();
    await tab().getByRole('heading', { name: 'Signed out' }).waitFor({ timeout: refreshTimeout });
    expect(await requestRow('app’s tab', '/tokens').textContent()).toMatch(/401$/);
  });

  test('a session that is no longer stored is shown as deleted', async () => {
    await signIn();
    const dynamodb = engine();
    const Key = { id: { S: await text('session-id') } };
    await dynamodb.send(new DeleteItemCommand({ TableName: local.functionEnvironment.SESSIONS_TABLE, Key }));
    dynamodb.destroy();

    await page.getByText('The API no longer has this session.').waitFor();
    expect(await text('session-status')).toBe('deleted');
  });

  test('a used link shows its error and does not change the session', async () => {
    await signIn();

    await button('Skip to the app’s tab').click();

    await page.getByText('(actor_token_already_used_code)').waitFor();
    await tab().getByRole('heading', { name: 'Hello, Grace Hopper' }).waitFor();
    expect(await text('session-status')).toBe('active');
  });

  test('a link that is revoked, expired or damaged shows its error', async () => {
    await create();
    await button('Revoke actor token').click();
    await page.getByText('revoked', { exact: true }).waitFor();
    expect(await button('Revoke actor token').isDisabled()).toBe(true);
    await button('Skip to the app’s tab').click();
    await page.getByText('(actor_token_revoked_code)').waitFor();

    await page.getByLabel('Link lifetime').fill('30');
    await create();
    await button('+1 min').click();
    await button('Skip to the app’s tab').click();
    await page.getByText('(ticket_expired_code)').waitFor();

    await page.goto(`${local.instance.baseUrl}/sign-in?__clerk_ticket=damaged`);
    await button('Sign in').click();
    await page.getByText('(ticket_invalid_code)').waitFor();
  });

  test('a second link in the same browser replaces the session on the page', async () => {
    await signIn();
    const first = await text('session-id');

    await signIn();

    await expect.poll(() => text('session-id')).not.toBe(first);
    expect(await text('session-status')).toBe('active');
  });

  test.each(['End session', 'Sign out'])('the button "%s" ends the session at once', async (name) => {
    await signIn();

    await tab().getByRole('button', { name, exact: true }).click();

    await tab().getByRole('heading', { name: 'Signed out' }).waitFor();
    await page.getByText(name === 'Sign out' ? /^Signed out, or replaced / : /^Ended by this browser at /).waitFor();
  });

  test.each([
    ['Link lifetime', '-5', 'Link lifetime: write a whole number of seconds from 1 to 2,592,000.'],
    ['Link lifetime', '1.5', 'Link lifetime: write a whole number of seconds from 1 to 2,592,000.'],
    ['Session duration', '', 'Session duration: write a whole number of seconds from 1 to 86,400.'],
    ['Session duration', '86401', 'Session duration: write a whole number of seconds from 1 to 86,400.'],
  ])('a wrong %s, "%s", is told beside its field, and not sent', async (label, value, sentence) => {
    const field = page.getByLabel(label);
    await field.fill(value);
    await button('Create actor token').click();

    await page.getByText(sentence, { exact: true }).waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await focused()).toEqual([await field.getAttribute('id')]);
    expect(await requestRow('backend', 'POST').count()).toBe(0);
  });

  test('an error of the API at the creation is shown beside its field, until it is corrected', async () => {
    const actor = page.getByRole('textbox', { name: /^Actor/ });
    await actor.fill('');
    await button('Create actor token').click();
    await page.locator('#actor-error').filter({ hasText: '(form_param_' }).waitFor();

    await create();

    expect(await page.locator('#actor-error').isVisible()).toBe(false);
    expect(await actor.getAttribute('aria-invalid')).toBeNull();
  });

  async function addUser(names: Readonly<Record<string, string>>) {
    await page.getByText('Add a user').click();
    for (const [label, value] of Object.entries(names)) await page.getByLabel(label).fill(value);
    await button('Add').click();
  }

  test('a user who is added is chosen, and can be signed in as', async () => {
    await addUser({
      'First name': 'Katherine',
      'Last name': 'Johnson',
      'E-mail address': 'katherine@example.com',
      'External id': 'customer_katherine',
    });
    await page.getByText('Katherine Johnson is added, and chosen.').waitFor();
    await button('Create actor token').click();
    await redeem();

    await page.getByText('user_support is acting as Katherine Johnson.').waitFor();
    await expect.poll(claims).toMatchObject({ external_id: 'customer_katherine' });
  });

  test('a user whom the API refuses is told beside the field', async () => {
    await addUser({ 'External id': 'customer_grace' });

    await page.locator('#external-id-error').filter({ hasText: '(form_identifier_exists)' }).waitFor();
    expect(await page.getByLabel('External id').getAttribute('aria-invalid')).toBe('true');
  });

  test('a long name and one from right to left hide nothing, on a phone too, and one without a name is shown once', async () => {
    const long = `Maximiliana${'-Alexandrina'.repeat(12)}`;
    const ids = [
      { first_name: long, last_name: long.slice(0, 100), external_id: 'customer_long' },
      { first_name: 'فاطمة', last_name: 'الزهراء', external_id: 'customer_rtl' },
      { external_id: 'customer_nameless' },
    ];
    const { baseUrl, secretKey } = local.instance;
    const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' };
    for (const body of ids) await fetch(`${baseUrl}/v1/users`, { method: 'POST', headers, body: JSON.stringify(body) });

    for (const size of [PHONE, DESKTOP]) {
      await page.setViewportSize(size);
      await page.reload();
      await page.getByText('customer_nameless').waitFor();

      const tooWide = await page
        .locator('html, #targets, #targets label')
        .evaluateAll((elements) =>
          elements.filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent),
        );
      expect(tooWide).toEqual([]);
      const nameless = (await page.locator('label', { hasText: 'customer_nameless' }).textContent()) ?? '';
      expect(nameless.match(/user_\w{27}/g)).toHaveLength(1);
      expect(await page.getByText('second factors: TOTP').isVisible()).toBe(true);
    }
  });

  test('on a phone, what a press leads to comes into view', async () => {
    await page.setViewportSize(PHONE);
    await create();
    expect(await focused()).toEqual(['open-link']);
    const isInView = async (id: string) => {
      const { y = -1, height = 0 } = (await page.locator(id).boundingBox()) ?? {};
      return y >= 0 && y + height <= PHONE.height;
    };
    expect(await isInView('#open-link')).toBe(true);

    await redeem();
    await tab().getByRole('heading', { name: 'Hello, Grace Hopper' }).waitFor();

    expect(await isInView('#tab-title')).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
    await page.setViewportSize(DESKTOP);
  });

  test('axe-core finds nothing wrong, before and after somebody is signed in, also on a phone', async () => {
    expect(await accessibilityViolations(page)).toEqual([]);

    await signIn();
    await page.getByText('Add a user').click();
    await page.getByLabel('Link lifetime').fill('0');
    await button('Create actor token').click();
    await page.getByText(/^Link lifetime: /).waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);

    await page.setViewportSize(PHONE);
    // Nothing lies half below the clock, which stays in view.
    await page.evaluate('scrollTo(0, 0)');
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.setViewportSize(DESKTOP);
  });

  test('the link is copied', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await create();

    await button('Copy the link').click();

    await page.getByText('The link is copied.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      await page.getByRole('textbox', { name: 'Link', exact: true }).inputValue(),
    );
  });

  test('after Reset, a session that is live again is shown as live by the app and by the playground', async () => {
    await signIn();
    const id = await text('session-id');
    await button('+10 min 1 s').click();
    await page.getByText(/^Timed out by inactivity: /).waitFor();

    await button('Reset').click();

    await page.getByText('user_agent is acting as Grace Hopper.').waitFor();
    await tab().getByRole('heading', { name: 'Hello, Grace Hopper' }).waitFor();
    await expect.poll(() => text('session-status')).toBe('active');
    expect(await text('session-id')).toBe(id);
    expect(await page.locator('#why').isVisible()).toBe(false);
    expect(await button('Revoke session from the backend').isEnabled()).toBe(true);
  });

  test('the product’s banner in the app’s tab stops the session', async () => {
    await signIn();

    await banner().getByRole('button').click();

    await tab().getByRole('heading', { name: 'Signed out' }).waitFor();
    await page.getByText(/^Signed out, or replaced /).waitFor();
  });

  test('an actor token is shown again after a reload, with the status that it has by then', async () => {
    await create();
    const id = await text('token-id');
    await page.reload();
    await page.getByText('pending', { exact: true }).waitFor();
    expect(await text('token-id')).toBe(id);

    const { baseUrl, secretKey } = local.instance;
    const headers = { authorization: `Bearer ${secretKey}` };
    await fetch(`${baseUrl}/v1/actor_tokens/${id}/revoke`, { method: 'POST', headers });

    await page.getByText('revoked', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('revoked', { exact: true }).waitFor();
    expect(await button('Revoke actor token').isDisabled()).toBe(true);
  });

  test('an open page goes on after the API was started again', async () => {
    const dir = await newDirectory();
    const first = await startLocal({ port: 0, dir });
    const { baseUrl } = first.instance;
    await page.goto(baseUrl);
    await create();
    const rows = page.locator('#record tr').filter({ hasText: 'actor_token.created' });
    await rows.first().waitFor();
    await first.stop();
    await page.getByText('The API does not answer: is “npm start” still running?').waitFor();
    const second = await startLocal({ port: Number(new URL(baseUrl).port), dir });

    await page.locator('#fault').waitFor({ state: 'hidden' });
    await create();

    await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(2);
    await page.goto('about:blank');
    await second.stop();
    // The browser tells each request that no server answered.
    problems = problems.filter((each) => !/ERR_CONNECTION|status of 503/.test(each));
  }, 120_000);

  test('a session of this browser is shown again after a reload', async () => {
    await signIn();

    await page.reload();

    await page.getByText('user_agent is acting as Grace Hopper.').first().waitFor();
    await tab().getByRole('heading', { name: 'Hello, Grace Hopper' }).waitFor();
    await expect.poll(async () => (await claims()).act).toEqual({ sub: 'user_agent' });
  });
});
