import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClerkClient } from '@clerk/backend';
import { build } from 'esbuild';
import { decodeJwt } from 'jose';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type OwnSessionExample, startOwnSessionExample } from '../../examples/own-session/run.ts';
import { routes } from '../../functions/routes.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { type SessionTokenForge, sessionTokenForge } from './session-tokens.ts';
import { type SignInResponse, Visitor } from './visitor.ts';

let dir: string;
let example: OwnSessionExample;
let forge: SessionTokenForge;
let app: string;
/** Milliseconds by which the clock of the app is ahead. */
let aheadMs = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'own-session-'));
  const options = { ports: [0, 0], dir, signal: new AbortController().signal } as const;
  example = await startOwnSessionExample(options, () => Date.now() + aheadMs);
  forge = await sessionTokenForge(dir, example.local);
  app = example.app.endpoint;
  vi.spyOn(console, 'warn').mockReturnValue();
});

afterAll(() => example.stop());

afterEach(() => {
  aheadMs = 0;
});

function backend() {
  const { secretKey, baseUrl } = example.local.instance;
  return createClerkClient({ secretKey, apiUrl: baseUrl, telemetry: { disabled: true } });
}

/** Redeems a link and gets a session token, as the page of the link and the app's page do. */
async function redeem(visitor: Visitor, userId = 'customer_ada') {
  const link = new URL(await example.createLink(userId, 'staff_kim'));
  const form = { strategy: 'ticket', ticket: link.searchParams.get('ticket') ?? '' };
  const { frontendApiUrl } = example.local.instance;
  const redeemed = await visitor.fetch(`${frontendApiUrl}/v1/client/sign_ins`, app, form);
  const { response, client } = (await redeemed.json()) as SignInResponse;
  const token = client.sessions[0]?.last_active_token.jwt ?? '';
  return { token, sessionId: response.created_session_id };
}

/** Returns the status of the answer to a session token that a page of the app sends. */
async function present(visitor: Visitor, token: string): Promise<number> {
  return (await visitor.submit(`${app}/impersonate`, { token })).status;
}

/** Kim logs in at a new browser, and then acts as Ada. */
async function actAsAda(changes: Parameters<SessionTokenForge['sign']>[1] = {}) {
  const visitor = new Visitor();
  await visitor.submit(`${app}/login`, { id: 'staff_kim' });
  const { token, sessionId } = await redeem(visitor);
  expect(await present(visitor, await forge.sign(token, changes))).toBe(204);
  return { visitor, token, sessionId };
}

const asAda = 'You act as <strong id="user">Ada Lovelace</strong>. You are <strong id="actor">staff_kim</strong>.';
const asKim = 'You are <strong id="user">Kim Support</strong>.';

describe('the start', () => {
  test('a session token starts a session of the app, which names user and actor', async () => {
    const { visitor } = await actAsAda();

    const { text } = await visitor.open(app);

    expect(text).toContain(asAda);
    expect(text).toContain('<script defer src="/acting.js"');
  });

  test('the start gives the browser a new session, so a planted cookie is worth nothing', async () => {
    const visitor = new Visitor();
    await visitor.submit(`${app}/login`, { id: 'staff_kim' });
    const planted = new Visitor();
    planted.cookies.set('session', visitor.cookies.get('session') ?? '');
    const { token } = await redeem(visitor);
    await present(visitor, token);

    expect((await planted.open(app)).text).toContain('Log in');
  });

  test('a token that was read by somebody else starts no second session', async () => {
    const { token } = await actAsAda();
    const thief = new Visitor();

    expect(await present(thief, token)).toBe(403);
    expect((await thief.open(app)).text).toContain('Log in');
  });

  test('the browser that has started the session may come to the page of the start again', async () => {
    const { visitor, token } = await actAsAda();
    const cookie = visitor.cookies.get('session');

    expect(await present(visitor, token)).toBe(204);
    expect(visitor.cookies.get('session')).toBe(cookie);
  });

  test.for([
    ['a session that was started before', () => undefined, 'This session has been started before.'],
    ['a session that has ended', (id: string) => backend().sessions.revokeSession(id), 'This session has ended.'],
  ] as const)('the page is told about %s, and the session is left as it is', async ([, before, sentence]) => {
    const { token, sessionId } = await actAsAda();
    await before(sessionId);
    const { status } = await backend().sessions.getSession(sessionId);
    const answer = await new Visitor().fetch(`${app}/impersonate`, app, { token });

    expect(await answer.text()).toContain(sentence);
    expect((await backend().sessions.getSession(sessionId)).status).toBe(status);
  });

  test('of several browsers that present one token at once, one starts', async () => {
    const { token } = await redeem(new Visitor());

    const statuses = await Promise.all(Array.from({ length: 5 }, () => present(new Visitor(), token)));

    expect(statuses.toSorted()).toEqual([204, 403, 403, 403, 403]);
  });

  test('no other token of the session starts a second one, also after its end', async () => {
    const { visitor, token } = await actAsAda();
    await visitor.submit(`${app}/impersonate/stop`, {});
    const { exp = 0 } = decodeJwt(token);

    expect(await present(visitor, await forge.sign(token, { exp: exp + 1 }))).toBe(403);
    expect((await visitor.open(app)).text).toContain(asKim);
  });

  test.for([
    ['without act', { act: undefined }],
    ['with an act that names nobody', { act: {} }],
    ['for the pages of another app', { azp: 'https://other.example' }],
    ['without azp', { azp: undefined }],
    ['of another issuer', { iss: 'https://clerk.example.com' }],
    ['that has expired', { exp: 61, iat: 1, nbf: 1 }],
    ['without an end', { exp: undefined }],
    ['without an external id', { external_id: undefined }],
    ['of a user who is not in the app', { external_id: 'customer_nobody' }],
    ['of a session that does not exist', { sid: 'sess_3Mg9jPZ4nxR9PTVbgSJ1UQoVsmo' }],
  ] as const)('a token %s is refused', async ([, claims]) => {
    const visitor = new Visitor();
    const { token } = await redeem(visitor);

    expect(await present(visitor, await forge.sign(token, claims))).toBe(403);
    expect((await visitor.open(app)).text).toContain('Log in');
  });

  test('a token with another algorithm, and what is no token, are refused', async () => {
    const visitor = new Visitor();
    const { token } = await redeem(visitor);

    expect(await present(visitor, await forge.sign(token, {}, { alg: 'PS256' }))).toBe(403);
    expect(await present(visitor, 'nonsense')).toBe(403);
    expect(await present(visitor, token)).toBe(204);
  });

  test('a token of a session that has ended is refused', async () => {
    const visitor = new Visitor();
    const { token, sessionId } = await redeem(visitor);
    await backend().sessions.revokeSession(sessionId);

    expect(await present(visitor, token)).toBe(403);
  });

  test('a page of another origin can neither start nor change anything', async () => {
    const { visitor } = await actAsAda();
    const { token } = await redeem(new Visitor(), 'customer_grace');

    for (const [path, form] of [
      ['/impersonate', { token }],
      ['/impersonate/stop', {}],
      ['/note', { value: 'by mallory' }],
    ] as const)
      for (const browser of path === '/note' ? [visitor] : [visitor, new Visitor()]) {
        const refused = await browser.fetch(app + path, 'https://evil.example', { ...form });
        expect(refused.status).toBe(403);
        expect(await refused.text()).toContain('This did not come from this app');
      }
    const { text } = await visitor.open(app);
    expect(text).toContain(asAda);
    expect(text).not.toContain('by mallory');
  });
});

describe('while a person acts as a user', () => {
  test('the person changes what the user may change', async () => {
    const { visitor } = await actAsAda();

    const { text } = await visitor.submit(`${app}/note`, { value: 'called back' });

    expect(text).toContain('value="called back"');
  });

  test.for(['/email', '/login', '/logout'])('POST %s is refused', async (path) => {
    const { visitor } = await actAsAda();
    const before = await visitor.open(app);

    const refused = await visitor.submit(app + path, { value: 'mallory@example.com', id: 'customer_grace' });

    expect(refused).toMatchObject({ status: 403, text: expect.stringContaining('Not while you act as a user') });
    expect((await visitor.open(app)).text).toBe(before.text);
  });

  test.for(['read_only', 'a mode of tomorrow', ''])('every change is refused in the mode %j', async (act_mode) => {
    const { visitor } = await actAsAda({ act_mode });
    const before = await visitor.open(app);

    const refused = await visitor.submit(`${app}/note`, { value: 'read only' });

    expect(refused).toMatchObject({ status: 403, text: expect.stringContaining('You may only read') });
    expect((await visitor.open(app)).text).toBe(before.text);
  });

  test('a form that was opened as the user is not sent as the person, and the other way round', async () => {
    const { visitor } = await actAsAda();
    const [ada, kim] = [{ as: 'customer_ada' }, { as: 'staff_kim' }];

    expect((await visitor.open(app)).text).toContain('name="as" value="customer_ada"');
    expect((await visitor.submit(`${app}/note`, { ...kim, value: 'x' })).status).toBe(409);
    expect((await visitor.submit(`${app}/note`, { ...ada, value: 'x' })).text).toContain('value="x"');
    await visitor.submit(`${app}/impersonate/stop`, {});
    const refused = await visitor.submit(`${app}/note`, { ...ada, value: 'y' });
    expect(refused).toMatchObject({ status: 409, text: expect.stringContaining('You are somebody else now') });
    expect((await visitor.submit(`${app}/note`, { ...kim, value: 'z' })).text).toContain('value="z"');
  });

  test('users themselves change everything', async () => {
    const grace = new Visitor();
    await grace.submit(`${app}/login`, { id: 'customer_grace' });

    const { text } = await grace.submit(`${app}/email`, { value: 'grace@navy.example' });

    expect(text).toContain('value="grace@navy.example"');
    expect(text).not.toContain('id="actor"');
    expect((await grace.submit(`${app}/logout`, {})).text).toContain('Log in');
  });
});

describe('the end', () => {
  test('stopping ends both sessions, and the own login counts again', async () => {
    const { visitor, sessionId } = await actAsAda();

    const { text } = await visitor.submit(`${app}/impersonate/stop`, {});

    expect(text).toContain(asKim);
    expect((await backend().sessions.getSession(sessionId)).status).toBe('revoked');
  });

  test('a cookie from before the stop is worth nothing', async () => {
    const { visitor } = await actAsAda();
    const old = new Visitor();
    old.cookies.set('session', visitor.cookies.get('session') ?? '');
    await visitor.submit(`${app}/impersonate/stop`, {});

    expect((await old.open(app)).text).toContain('Log in');
  });

  test('a revoked session is refused after 30 seconds, and nothing is done as the person instead', async () => {
    const { visitor, sessionId } = await actAsAda();
    await backend().sessions.revokeSession(sessionId);
    aheadMs = 30_000;

    const refused = await visitor.submit(`${app}/email`, { value: 'mallory@example.com' });
    const page = await visitor.open(app);

    expect(refused).toMatchObject({ status: 401, text: expect.stringContaining('You no longer act as a user') });
    expect(page).toMatchObject({ status: 401 });
    const { text } = await visitor.submit(`${app}/impersonate/stop`, {});
    expect(text).toContain(asKim);
    expect(text).toContain('value="staff_kim@example.com"');
  });

  test('a page that saw the end has it checked at once', async () => {
    const { visitor, sessionId } = await actAsAda();
    await backend().sessions.revokeSession(sessionId);
    await visitor.submit(`${app}/impersonate/check`, {});

    expect((await visitor.open(app)).status).toBe(401);
  });

  test('an impersonation lasts no longer than its session', async () => {
    const { visitor, sessionId } = await actAsAda();
    const { expireAt } = await backend().sessions.getSession(sessionId);
    aheadMs = expireAt - Date.now() - 2000;
    expect((await visitor.open(app)).status).toBe(200);

    aheadMs += 2000;

    expect((await visitor.open(app)).status).toBe(401);
  });

  test('requests are refused while nobody can say whether the session goes on', async () => {
    await using resources = new AsyncDisposableStack();
    const { visitor } = await actAsAda();
    const { fetch } = globalThis;
    resources.defer(async () => void vi.stubGlobal('fetch', fetch));
    const isApi = (input: unknown) => String(input).includes('/v1/sessions/');
    vi.stubGlobal('fetch', (...args: Parameters<typeof fetch>) =>
      isApi(args[0]) ? Promise.reject(new TypeError('fetch failed')) : fetch(...args),
    );
    aheadMs = 30_000;

    expect(await visitor.open(app)).toMatchObject({ status: 503, text: expect.stringContaining('Please try again') });
    vi.stubGlobal('fetch', fetch);
    expect((await visitor.open(app)).text).toContain(asAda);
  });
});

const readme = () => readFile('examples/own-session/README.md', 'utf8');

test('the files become JavaScript by the command of the README, and need no other file of this repository', async () => {
  const [, files = '', options = ''] = /^npx esbuild ((?:\S+\.ts )+)(.*) --outdir=\S+$/m.exec(await readme()) ?? [];
  const outdir = await mkdtemp(join(tmpdir(), 'own-session-js-'));
  const entryPoints = files.trim().split(' ');
  const absWorkingDir = join(process.cwd(), 'examples/own-session');

  await build({ entryPoints, absWorkingDir, outdir, format: 'esm' });
  const made = await Promise.all(entryPoints.map((file) => readFile(join(outdir, file.replace('.ts', '.js')), 'utf8')));

  expect(options).toBe('--format=esm');
  const imported = made.flatMap((code) => [...code.matchAll(/^import .* from "(.+)";$/gm)].map(([, name]) => name));
  expect(imported.toSorted()).toEqual(['express', 'jose']);
});

test('docs/troubleshooting.md has the sentences that people see', async () => {
  const text = await readFile('docs/troubleshooting.md', 'utf8');
  const [, section = ''] = /^## An app with a session of its own\n(.*?)^## /ms.exec(text) ?? [];
  const sentences = [...section.matchAll(/^\| "([^"…]+?) ?…?"/gm)].map(([, sentence = '']) => sentence);
  const files = ['acting.ts', 'pages.ts', 'public/impersonate.js'];
  const code = await Promise.all(files.map((file) => readFile(`examples/own-session/${file}`, 'utf8')));

  expect(sentences.length).toBe(5);
  expect(sentences.filter((sentence) => !code.join('').includes(sentence))).toEqual([]);
});

test("the app's server needs a secret key that may read and revoke", () => {
  const called = routes.filter(({ operation }) => ['GetSession', 'RevokeSession'].includes(operation));

  expect(called.map((route) => 'scope' in route && route.scope).toSorted()).toEqual(['read', 'revoke']);
});

describe.skipIf(!hasChromium)('in Chromium', () => {
  let chromium: Browser;

  beforeAll(async () => {
    chromium = await launchChromium();
  });
  afterAll(() => chromium.close());

  /** Kim logs in, opens the link, which leads to this page of the app, and presses its button. */
  async function openLink(path?: string): Promise<Page> {
    const context = await chromium.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(app);
    await page.getByRole('combobox').selectOption('Kim Support');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('You are Kim Support.').waitFor();
    await page.goto(await example.createLink('customer_ada', 'staff_kim', path));
    await page.getByRole('button').click();
    await page.getByText('You act as Ada Lovelace.').waitFor();
    return page;
  }

  test('the link leads to the app, which is used as Ada, and Stop of the banner brings Kim back', async () => {
    const page = await openLink();
    const problems: string[] = [];
    page.on('pageerror', ({ message }) => problems.push(message));

    await page.getByRole('textbox', { name: 'Note' }).fill('by Kim');
    await page.locator('form', { hasText: 'Note' }).getByRole('button').click();
    await page.locator('[name=value][value="by Kim"]').waitFor();
    await page.locator('form', { hasText: 'E-mail address' }).getByRole('button').click();
    await page.getByRole('heading', { name: 'Not while you act as a user' }).waitFor();
    await page.getByRole('region', { name: 'Impersonation' }).getByRole('button').click();
    await page.getByText('You are Kim Support.').waitFor();

    expect(problems).toEqual([]);
  });

  test.for([
    ['/?from=the-link', '/?from=the-link'],
    ['https://evil.example/', '/'],
    ['//evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['https://', '/'],
  ] as const)('a link with to=%s leads to %s of the app', async ([to, path]) => {
    const page = await openLink(`/impersonate?to=${encodeURIComponent(to)}`);

    expect(page.url()).toBe(app + path);
  });

  test('opening a page counts as activity', async () => {
    const page = await openLink();
    const touched = page.waitForResponse((response) => response.url().endsWith('/touch'));

    await page.reload();

    expect((await touched).status()).toBe(200);
  });

  test('when the session ends by itself, an open page says so, and Kim goes on as Kim by a press', async () => {
    const page = await openLink();
    await page.getByRole('region', { name: 'Impersonation' }).waitFor();
    const sessionId = await page.locator('[data-session-id]').getAttribute('data-session-id');
    await backend().sessions.revokeSession(sessionId ?? '');

    // The banner asks every 20 seconds, and when the page is shown again.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await page.getByRole('heading', { name: 'You no longer act as a user' }).waitFor();
    await page.getByRole('button', { name: 'Go on as yourself' }).click();

    await page.getByText('You are Kim Support.').waitFor();
  });

  test('a page that is opened without a session says what to do', async () => {
    const page = await (await chromium.newContext()).newPage();

    await page.goto(`${app}/impersonate`);

    await page.getByText('ask for a new link.').waitFor();
  });

  test('the page of the start leads to the app while a person acts, and after Stop', async () => {
    const page = await openLink();

    await page.goto(`${app}/impersonate`);
    await page.getByText('You act as Ada Lovelace.').waitFor();
    await page.getByRole('button', { name: 'Stop acting as Ada Lovelace' }).click();
    await page.getByText('You are Kim Support.').waitFor();
    await page.goto(`${app}/impersonate`);
    await page.getByText('You do not act as a user at this browser, or no longer.').waitFor();
    await page.getByRole('link', { name: 'To the app' }).click();

    await page.getByText('You are Kim Support.').waitFor();
  });

  test.for([
    ['', 'has no data-frontend-api-url'],
    [' data-frontend-api-url="http://127.0.0.1:1"', 'cannot reach http://127.0.0.1:1.'],
  ] as const)('a page of the start with nothing but the script%s says what is wrong', async ([attribute, sentence]) => {
    const page = await (await chromium.newContext()).newPage();
    await page.route('**/impersonate', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<script src="/impersonate.js"${attribute}></script>` }),
    );

    await page.goto(`${app}/impersonate`);

    await page.getByText(sentence).waitFor();
  });
});
