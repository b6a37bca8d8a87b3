// The files of examples/own-session, copied into an app of another kind.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClerkClient } from '@clerk/backend';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLink } from '../../examples/create-link.ts';
import { type RunningApp, startApp } from '../../examples/start-app.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { anotherApp } from './another-app.ts';
import { type SignInResponse, Visitor } from './visitor.ts';

let running: RunningApp;
let origin: string;
let api: string;
const warn = vi.spyOn(console, 'warn').mockReturnValue();

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'another-app-'));
  running = await startApp(
    { ports: [0, 0], dir, signal: new AbortController().signal },
    ({ frontendApiUrl, baseUrl, secretKey }, own) => {
      const options = { issuer: frontendApiUrl, apiUrl: baseUrl, frontendApiUrl, secretKey, origin: own };
      const [as, asByDefault] = [
        anotherApp({ ...options, allowed: frontendApiUrl }),
        anotherApp({ ...options, allowed: '' }),
      ];
      return (request, response) => (request.headers['x-csp-by-default'] ? asByDefault : as)(request, response);
    },
    '',
  );
  origin = running.app.endpoint;
  api = running.local.instance.frontendApiUrl;
  for (const externalId of ['2', 'unreadable', '4711'])
    await backend().users.createUser({ externalId, firstName: `User ${externalId}` });
});

afterAll(() => running.stop());
beforeEach(() => void warn.mockClear());

function backend() {
  const { secretKey, baseUrl } = running.local.instance;
  return createClerkClient({ secretKey, apiUrl: baseUrl, telemetry: { disabled: true } });
}

async function linkOf(userId: string): Promise<string> {
  const link = new URL((await createLink(running.local.instance, 'staff_kim', { userId })).url);
  link.searchParams.set('redirect_url', `${origin}/impersonate`);
  return link.href;
}

async function redeem(visitor: Visitor, userId: string) {
  const ticket = new URL(await linkOf(userId)).searchParams.get('ticket') ?? '';
  const redeemed = await visitor.fetch(`${api}/v1/client/sign_ins`, origin, { strategy: 'ticket', ticket });
  const { response, client } = (await redeemed.json()) as SignInResponse;
  return { token: client.sessions[0]?.last_active_token.jwt ?? '', sessionId: response.created_session_id };
}

async function present(visitor: Visitor, token: string) {
  const response = await visitor.fetch(`${origin}/impersonate`, origin, { token });
  return { status: response.status, body: await response.text() };
}

/** User 1 logs in, puts something into the cart, and acts as user 2. */
async function actAsUser2() {
  const visitor = new Visitor();
  await visitor.submit(`${origin}/login`, { id: '1' });
  await visitor.submit(`${origin}/cart`, { item: 'apple' });
  const { token } = await redeem(visitor, '2');
  expect(await present(visitor, token)).toMatchObject({ status: 204 });
  return visitor;
}

test('whatever reads the login from the session finds the user, by the own id, which is a number', async () => {
  const visitor = await actAsUser2();

  expect((await visitor.open(origin)).text).toContain('<h1>User 2</h1>');
});

test('what reads the session before the check finds nobody, also after a request that was checked', async () => {
  const visitor = await actAsUser2();
  await visitor.submit(`${origin}/cart`, { item: 'pear' });

  expect((await visitor.open(`${origin}/too-early`)).text).toBe('{}');
});

test('what the app keeps in the session is put aside, and is there again after Stop', async () => {
  const visitor = await actAsUser2();
  const added = await visitor.submit(`${origin}/cart`, { item: 'pear' });

  expect(added.text).toContain('Cart: pear<');
  const { text } = await visitor.submit(`${origin}/impersonate/stop`, {});
  expect(text).toContain('<h1>User 1</h1><p>Cart: apple<');
});

test('another link in the same browser puts nothing of the first user aside', async () => {
  const visitor = await actAsUser2();
  await visitor.submit(`${origin}/cart`, { item: 'pear' });
  await present(visitor, (await redeem(visitor, '2')).token);

  expect((await visitor.open(origin)).text).toContain('Cart: <');
  expect((await visitor.submit(`${origin}/impersonate/stop`, {})).text).toContain('Cart: apple<');
});

test('a form names its user as text, and is compared with a number', async () => {
  const visitor = await actAsUser2();

  expect((await visitor.submit(`${origin}/cart`, { as: '2', item: 'pear' })).text).toContain('Cart: pear<');
  expect((await visitor.submit(`${origin}/cart`, { as: '1', item: 'fig' })).status).toBe(409);
});

test('a user whom the app does not know: the page and the log say so, and the session is ended', async () => {
  const visitor = new Visitor();
  const { token, sessionId } = await redeem(visitor, '4711');

  const { status, body } = await present(visitor, token);

  expect(status).toBe(403);
  expect(JSON.parse(body)).toEqual({
    error: 'unknown_user',
    message: 'This app does not know this user, so the session has been ended.',
  });
  expect(warn).toHaveBeenCalledWith(
    'An impersonation was refused: this app has no user "4711" (the external_id is a text).',
  );
  expect((await backend().sessions.getSession(sessionId)).status).toBe('revoked');
});

test('while the app cannot look for the user, nothing is used up', async () => {
  const visitor = new Visitor();
  const { token, sessionId } = await redeem(visitor, 'unreadable');

  expect((await present(visitor, token)).body).toContain('Its log says why.');
  expect(warn).toHaveBeenCalledWith('An impersonation was refused: The database does not answer.');
  expect((await backend().sessions.getSession(sessionId)).status).toBe('active');
});

describe('requests without the Origin of the app', () => {
  async function post(visitor: Visitor, path: string, headers: Readonly<Record<string, string>>) {
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return (await fetch(origin + path, { method: 'POST', headers: { cookie, ...headers }, redirect: 'manual' })).status;
  }
  const foreign = [
    {},
    { origin: 'null' },
    { origin: 'https://evil.example' },
    { origin: 'null', 'sec-fetch-site': 'cross-site' },
  ];

  test.for(foreign)('with %j the app itself decides, while nobody acts', async (headers) => {
    expect(await post(new Visitor(), '/webhook', headers)).toBe(204);
    expect(await post(new Visitor(), '/login', headers)).toBe(500);
  });

  test.for(foreign)('with %j nobody starts, checks or stops an impersonation', async (headers) => {
    for (const path of ['/impersonate', '/IMPERSONATE/', '/impersonate/check', '/impersonate/stop'])
      expect(await post(new Visitor(), path, headers)).toBe(403);
  });

  test.for(foreign)('with %j nothing is changed while a person acts', async (headers) => {
    expect(await post(await actAsUser2(), '/webhook', headers)).toBe(403);
  });

  test.for([{ origin: 'null' }, {}])('with %j and the word of the browser a person changes something', async (sent) => {
    expect(await post(await actAsUser2(), '/webhook', { ...sent, 'sec-fetch-site': 'same-origin' })).toBe(204);
  });

  test('the log says what was refused, and why', async () => {
    await post(new Visitor(), '/impersonate', { origin: 'http://localhost:4030' });

    expect(warn).toHaveBeenCalledWith(
      `POST /impersonate was refused: its Origin is "http://localhost:4030", its Sec-Fetch-Site undefined, and this app's origin is "${origin}".`,
    );
  });
});

describe.skipIf(!hasChromium)('in Chromium, with the headers of Helmet', () => {
  let chromium: Browser;

  beforeAll(async () => {
    chromium = await launchChromium();
  });
  afterAll(() => chromium.close());

  async function newPage(headers: Readonly<Record<string, string>> = {}): Promise<Page> {
    const page = await (await chromium.newContext({ extraHTTPHeaders: headers })).newPage();
    page.setDefaultTimeout(10_000);
    return page;
  }

  test('forms work, the banner is there, and Stop brings login and cart back', async () => {
    const page = await newPage();
    await page.goto(origin);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'User 1' }).waitFor();
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('Cart: of 1').waitFor();

    await page.goto(await linkOf('2'));
    await page.getByRole('button').click();
    await page.getByRole('heading', { name: 'User 2' }).waitFor();
    const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/cart'));
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('Cart: of 2').waitFor();
    await page.getByRole('region', { name: 'Impersonation' }).getByRole('button').click();

    await page.getByText('Cart: of 1').waitFor();
    expect((await (await sent).allHeaders()).origin).toBe('null');
  });

  test('without the Frontend API in the Content-Security-Policy the page says what it cannot reach', async () => {
    const page = await newPage({ 'x-csp-by-default': '1' });

    await page.goto(`${origin}/impersonate`);

    await page.getByText(`This page cannot reach ${api}.`).waitFor();
  });
});
