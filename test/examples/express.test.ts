import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClerkClient } from '@clerk/express';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ExpressExample, startExpressExample } from '../../examples/express/run.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { type SessionTokenForge, sessionTokenForge } from './session-tokens.ts';
import { type SignInResponse, type Visit, Visitor } from './visitor.ts';

let dir: string;
let example: ExpressExample;
let forge: SessionTokenForge;
let app: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'express-'));
  example = await startExpressExample({ ports: [0, 0], dir, signal: new AbortController().signal });
  forge = await sessionTokenForge(dir, example.local);
  app = example.app.endpoint;
});

afterAll(() => example.stop());

afterEach(() => example.local.clock.reset());

const frontendApi = (path: string) => `${example.local.instance.frontendApiUrl}${path}`;

/** Presses the button of the link's page, and redeems the ticket as the script of the sign-in page does. */
async function signIn() {
  const visitor = new Visitor();
  const link = new URL(await example.createLink('user_support'));
  const form = { ticket: link.searchParams.get('ticket') ?? '' };
  const signInPage = await visitor.submit(frontendApi(link.pathname), form);
  const ticket = signInPage.addresses.at(-1)?.searchParams.get('__clerk_ticket') ?? '';
  const redeemed = await visitor.fetch(frontendApi('/v1/client/sign_ins'), app, { strategy: 'ticket', ticket });
  const { response, client } = (await redeemed.json()) as SignInResponse;
  const sessionToken = client.sessions[0]?.last_active_token.jwt ?? '';
  return { visitor, ticket, sessionToken, sessionId: response.created_session_id };
}

/** Stores a session token in the cookies, as clerk-js does. */
function keepSessionToken(visitor: Visitor, sessionToken: string): void {
  const suffix = [...visitor.cookies.keys()].find((name) => name.startsWith('__client_uat_'))?.slice(12);
  for (const name of ['__session', `__session${suffix}`]) visitor.cookies.set(name, sessionToken);
}

/** Returns the reasons of the redirects to the Frontend API before a page. */
function handshakes({ addresses }: Visit): readonly (string | null)[] {
  return addresses
    .filter(({ pathname }) => pathname === '/v1/client/handshake')
    .map(({ searchParams }) => searchParams.get('__clerk_hs_reason'));
}

function callApi(method: string, path: string, sessionToken?: string, body?: object): Promise<Response> {
  const authorization = sessionToken === undefined ? {} : { authorization: `Bearer ${sessionToken}` };
  const init = { method, headers: { 'content-type': 'application/json', ...authorization } };
  return fetch(app + path, { ...init, ...(body && { body: JSON.stringify(body) }) });
}

describe('a page', () => {
  test('a page shows a new visitor that nobody is signed in, without a handshake', async () => {
    const visit = await new Visitor().open(app);

    expect(visit).toMatchObject({ status: 200, text: expect.stringContaining('Signed out') });
    expect(visit.addresses).toHaveLength(1);
  });

  test('a page shows user and actor by the cookie alone, and has the banner', async () => {
    const { visitor, sessionToken } = await signIn();
    keepSessionToken(visitor, sessionToken);

    const { text, addresses } = await visitor.open(app);

    expect(text).toContain('<strong id="user">Ada Lovelace</strong>');
    expect(text).toContain('<strong id="actor">user_support</strong>');
    expect(text).toContain(`src="${frontendApi('/v1/impersonation-banner.js')}"`);
    expect(addresses).toHaveLength(1);
  });

  test('a page without a session token is shown after a handshake, the next one without', async () => {
    const { visitor } = await signIn();

    const first = await visitor.open(`${app}/account`);
    const second = await visitor.open(`${app}/account`);

    expect(handshakes(first)).toEqual(['client-uat-but-no-session-token']);
    expect(first.text).toContain('value="ada@example.com"');
    expect(second.text).toBe(first.text);
    expect(second.addresses).toHaveLength(1);
  });

  test('a page with an expired session token is shown after a handshake', async () => {
    await example.local.clock.advance(-120);
    const { visitor, sessionToken } = await signIn();
    await example.local.clock.reset();
    keepSessionToken(visitor, sessionToken);

    const visit = await visitor.open(app);

    expect(handshakes(visit)).toEqual([expect.stringMatching(/^session-token-expired/)]);
    expect(visit.text).toContain('<strong id="actor">user_support</strong>');
  });

  test('a page is signed out after Stop', async () => {
    const { visitor, sessionToken } = await signIn();
    keepSessionToken(visitor, sessionToken);
    await visitor.fetch(frontendApi('/v1/client/sessions?_method=DELETE'), app);

    const visit = await visitor.open(`${app}/account`);

    expect(visit.text).toContain('Signed out');
    expect(visitor.cookies.has('__session')).toBe(false);
  });

  test('a page is signed out when the session is revoked and its last token has expired', async () => {
    await example.local.clock.advance(-120);
    const { visitor, sessionToken, sessionId } = await signIn();
    await example.local.clock.reset();
    keepSessionToken(visitor, sessionToken);
    const { secretKey, baseUrl } = example.local.instance;
    await createClerkClient({ secretKey, apiUrl: baseUrl }).sessions.revokeSession(sessionId);

    expect((await visitor.open(app)).text).toContain('Signed out');
  });

  test('a page is signed out after ten minutes without activity', async () => {
    const { visitor } = await signIn();
    await example.local.clock.advance(601);

    expect((await visitor.open(app)).text).toContain('Signed out');
  });
});

describe('changing the e-mail address', () => {
  test('a person who acts as the user cannot change the address, and a page explains it', async () => {
    const { visitor } = await signIn();
    const before = await visitor.open(`${app}/account`);

    const refused = await visitor.submit(`${app}/account/email`, { email: 'mallory@example.com' });

    expect(refused.status).toBe(403);
    expect(refused.text).toContain('Not while you act as a user');
    expect((await visitor.open(`${app}/account`)).text).toBe(before.text);
  });

  test('the API refuses to change the address for a person who acts as the user', async () => {
    const { sessionToken } = await signIn();

    const response = await callApi('PUT', '/api/email', sessionToken, { email: 'mallory@example.com' });

    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ error: 'not_while_impersonating' });
  });

  test('users themselves can change their address', async () => {
    const { visitor, sessionToken } = await signIn();
    keepSessionToken(visitor, await forge.sign(sessionToken, { act: undefined }));

    const changed = await visitor.submit(`${app}/account/email`, { email: 'ada@lovelace.example' });

    expect(changed).toMatchObject({ status: 200, text: expect.stringContaining('value="ada@lovelace.example"') });
    expect(changed.text).not.toContain('id="actor"');
  });

  test('a visitor who is not signed in is redirected home', async () => {
    const { addresses } = await new Visitor().submit(`${app}/account/email`, { email: 'mallory@example.com' });

    expect(addresses.map(({ pathname }) => pathname)).toEqual(['/account/email', '/']);
  });
});

describe('the API', () => {
  test.each(['read_only', 'a mode of tomorrow'])(
    'the app refuses every change in a session of the mode %s',
    async (act_mode) => {
      const { sessionToken } = await signIn();
      const reading = await forge.sign(sessionToken, { act_mode });

      const refused = await callApi('PUT', '/api/email', reading, { email: 'new@example.com' });

      expect(refused.status).toBe(403);
      expect(await refused.json()).toEqual({ error: 'read_only' });
      expect((await callApi('GET', '/api/me', reading)).status).toBe(200);
    },
  );

  test('the API returns user and actor of a Bearer token', async () => {
    const { sessionToken, sessionId } = await signIn();

    const response = await callApi('GET', '/api/me', sessionToken);

    const userId = example.local.instance.userIds[0];
    expect(await response.json()).toEqual({ userId, sessionId, actor: { sub: 'user_support' } });
  });

  test('the API answers 401 without a redirect to anything but a session token of this app', async () => {
    const { sessionToken, ticket } = await signIn();
    const expired = await forge.sign(sessionToken, { iat: 1, nbf: 1, exp: 61 });
    const foreign = await forge.sign(sessionToken, { azp: 'https://other.example' });

    for (const token of [undefined, 'nonsense', ticket, expired, foreign]) {
      const response = await callApi('GET', '/api/me', token);
      expect(response.status).toBe(401);
      expect(response.redirected).toBe(false);
    }
  });
});

describe.skipIf(!hasChromium)('in Chromium', () => {
  let chromium: Browser;

  beforeAll(async () => {
    chromium = await launchChromium();
  });
  afterAll(() => chromium.close());

  test('the link signs in, pages show the actor, the change is refused, and Stop signs out', async () => {
    const page = await chromium.newPage();
    page.setDefaultTimeout(10_000);
    const problems: string[] = [];
    page.on('pageerror', ({ message }) => problems.push(message));

    await page.goto(await example.createLink('user_support'));
    await page.getByRole('button', { name: /^Continue to 127\.0\.0\.1:\d+ as Ada Lovelace$/ }).click();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${app}/`);
    await page.getByText('You see what Ada Lovelace sees.').waitFor();
    await page.getByRole('link', { name: 'Account' }).click();
    // While it loads, clerk-js removes the cookie until it has a token.
    await page.waitForFunction("window.Clerk?.loaded && document.cookie.includes('__session=')");
    await page.getByRole('textbox', { name: 'E-mail address' }).fill('mallory@example.com');
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('heading', { name: 'Not while you act as a user' }).waitFor();
    await page.getByRole('button', { name: /^Stop/ }).click();
    await page.getByRole('heading', { name: 'Signed out' }).waitFor();

    expect(problems).toEqual([]);
  });

  /** The app's sign-in page, as any page of the web can open it. */
  async function signInPageWithTicket(): Promise<string> {
    const link = new URL(await example.createLink('user_support'));
    return `${app}/sign-in?__clerk_ticket=${link.searchParams.get('ticket')}`;
  }

  test('opening the sign-in page with a ticket changes nothing before the press', async () => {
    const page = await chromium.newPage();
    const posts: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));

    await page.goto(await signInPageWithTicket(), { waitUntil: 'networkidle' });
    const before = [...posts];
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${app}/`);

    expect(before).toEqual([]);
    expect(posts).toContainEqual(expect.stringContaining('/v1/client/sign_ins'));
  });

  test.for([
    ['/account', '/account'],
    ['https://evil.example/', '/'],
  ] as const)('the sign-in page with the redirect_url %s leads to %s of the app', async ([to, path]) => {
    const page = await chromium.newPage();

    await page.goto(`${await signInPageWithTicket()}&redirect_url=${encodeURIComponent(new URL(to, app).href)}`);
    await page.getByRole('button', { name: 'Sign in' }).click();

    await page.waitForURL(app + path);
  });

  test('a used ticket shows its error', async () => {
    const address = await signInPageWithTicket();
    const [first, second] = await Promise.all([chromium.newPage(), chromium.newPage()]);
    await first.goto(address);
    await first.getByRole('button', { name: 'Sign in' }).click();
    await first.waitForURL(`${app}/`);

    await second.goto(address);
    await second.getByRole('button', { name: 'Sign in' }).click();

    await second.getByRole('status').getByText(/used/).waitFor();
    expect(new URL(second.url()).search).toBe('');
  });
});
