// The Next.js example, as its own command starts it, in Chromium.
import { mkdtemp, readFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClerkClient } from '@clerk/backend';
import type { Browser, Page, Response } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLink, type LinkParams } from '../../examples/create-link.ts';
import { type NextExample, startNextExample } from '../../examples/nextjs/run.ts';
import { hasChromium, launchChromium, likeNew } from '../support/chromium.ts';
import {
  answerTo,
  askForToken,
  CLIENT,
  focus,
  ME,
  press,
  SESSION,
  type SessionKey,
  sessionKeyOf,
  TOKENS,
  TOUCH,
  thrownIn,
} from '../support/clerk-components.ts';
import { install } from './install.ts';

/** A session token lives for 60 seconds. clerk-js and the server of the app allow for some seconds of skew. */
const IDLE_IN_MS = 66_000;

describe.skipIf(!hasChromium)('the Next.js example', () => {
  let example: NextExample;
  let sessionKey: SessionKey;
  let chromium: Browser;
  let page: Page;
  let thrown: readonly string[];
  let recordedHosts: string;
  /** Two browsers that signed in before the first test. One leaves the app open, the other does not. */
  let idle: { readonly open: Page; readonly left: Page; readonly thrown: readonly string[]; readonly since: number };

  beforeAll(async () => {
    await install('examples/nextjs');
    const dir = await mkdtemp(join(tmpdir(), 'nextjs-'));
    recordedHosts = join(dir, 'hosts');
    vi.stubEnv('RECORDED_HOSTS', recordedHosts);
    vi.stubEnv('NODE_OPTIONS', `--import ${new URL('record-connections.ts', import.meta.url)}`);
    chromium = await launchChromium();
    example = await startNextExample({ ports: [0, 0], dir, signal: new AbortController().signal });
    vi.unstubAllEnvs();
    sessionKey = sessionKeyOf(example.local);
    const [open, left] = [await newPage(), await newPage()];
    await signIn(open);
    await signIn(left);
    await left.goto('about:blank');
    idle = { open, left, thrown: thrownIn(open), since: Date.now() };
    page = await newPage();
  });

  afterAll(async () => {
    sessionKey.destroy();
    await Promise.all([chromium.close(), example.stop()]);
  });

  beforeEach(async () => {
    await likeNew(page);
    thrown = thrownIn(page);
  });

  afterEach(() => Promise.all([sessionKey.heal(), example.local.clock.reset()]));

  async function newPage(): Promise<Page> {
    const context = await chromium.newContext();
    const opened = await context.newPage();
    opened.setDefaultTimeout(20_000);
    return opened;
  }

  const link = (actorSub: string, params: LinkParams = {}) => createLink(example.local.instance, actorSub, params);
  const account = () => `${example.origin}/account`;

  const clerk = () => {
    const { secretKey, baseUrl } = example.local.instance;
    return createClerkClient({ secretKey, apiUrl: baseUrl, telemetry: { disabled: true } });
  };

  async function signIn(on = page): Promise<void> {
    await press(on, (await link('user_support')).url);
    await on.waitForURL(account());
    await on.getByRole('note').waitFor();
  }

  /** What the server rendered, which the script of a page does not change. */
  async function renderedFor(on = page) {
    const [userId, actor] = await Promise.all([on.locator('#user').textContent(), on.locator('#actor').textContent()]);
    return { userId, actor };
  }

  /** The page is still there a moment later, with the user and without an error. */
  async function expectAlive(name = 'Ada Lovelace'): Promise<void> {
    await page.waitForTimeout(300);
    await page.getByRole('heading', { name: `Account of ${name}` }).waitFor();
    expect(thrown).toEqual([]);
  }

  /** Collects status and path of all answers to navigations of a page from now on. */
  function navigationsOf(on: Page): readonly string[] {
    const answers: string[] = [];
    on.on('response', (response: Response) => {
      if (response.request().isNavigationRequest())
        answers.push(`${response.status()} ${new URL(response.url()).pathname}`);
    });
    return answers;
  }

  const signedOut = (on = page) => on.getByText('The only way to sign in here').waitFor();

  test('a link signs in at the press of its button, and server and page show user and actor', async () => {
    const hosts = new Set<string>();
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol.startsWith('http')) hosts.add(hostname);
    });

    await signIn();

    expect(await page.getByRole('note').textContent()).toBe('user_support acts as Ada Lovelace.');
    expect(await renderedFor()).toEqual({ userId: example.local.instance.userIds[0], actor: 'user_support' });
    await expectAlive();
    expect(await page.getByRole('textbox').isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Open user menu' }).waitFor();
    expect([...hosts]).toEqual(['localhost']);
  });

  test('a protected page leads to the sign-in page, which says how to sign in', async () => {
    const navigations = navigationsOf(page);

    await page.goto(account());
    await signedOut();

    expect(navigations).toEqual(['307 /account', '200 /sign-in']);
    expect(new URL(page.url()).searchParams.get('redirect_url')).toBe(account());
  });

  test('a second link in the same browser replaces the first impersonation, with one handshake at most', async () => {
    const [, grace] = (await clerk().users.getUserList({ orderBy: '+created_at' })).data;
    await signIn();
    const { id, url } = await link('user_boss', { userId: grace?.id });
    const navigations = navigationsOf(page);

    await press(page, url);
    await page.getByText('user_boss acts as').waitFor();

    expect(await renderedFor()).toEqual({ userId: grace?.id, actor: 'user_boss' });
    await expectAlive(grace?.fullName ?? '');
    expect(navigations.filter((each) => each.includes('handshake')).length).toBeLessThanOrEqual(1);
    expect(navigations.filter((each) => /^[45]/.test(each))).toEqual([]);
    await expect(clerk().actorTokens.revoke(id)).rejects.toMatchObject({ status: 400 });
    const signature = url.split('.').at(-1) ?? '';
    expect(await readFile(example.local.logFile, 'utf8')).not.toContain(signature);
  });

  describe('a link that is refused', () => {
    test('a used link shows a sentence', async () => {
      const { url } = await link('user_support');
      await press(page, url);
      await page.getByRole('note').waitFor();

      await page.goto(url);

      await page.getByRole('heading', { name: /used/ }).waitFor();
    });

    test('a revoked link shows a sentence', async () => {
      const { id, url } = await link('user_support');
      await clerk().actorTokens.revoke(id);

      await page.goto(url);

      await page.getByRole('heading', { name: /revoked/ }).waitFor();
    });

    test('an expired link shows a sentence', async () => {
      const { url } = await link('user_support', { expiresInSeconds: 1 });
      await example.local.clock.advance(2);

      await page.goto(url);

      await page.getByRole('heading', { name: /expired/ }).waitFor();
    });

    test("a used ticket shows a sentence in Clerk's component", async () => {
      const { url } = await link('user_support');
      const signInPage = `${example.origin}/sign-in?__clerk_ticket=${new URL(url).searchParams.get('ticket')}`;
      await page.goto(signInPage);
      await page.getByRole('note').waitFor();
      await page.context().clearCookies();

      await page.goto(signInPage);

      await page.getByText(/already been used/).waitFor();
    });
  });

  describe('the page lives', () => {
    test.each([
      ['the user', ME, 'Reload user'],
      ['the session', SESSION, 'Reload session'],
    ])('when the app reloads %s', async (_, path, name) => {
      await signIn();

      expect(await answerTo(page, path, () => page.getByRole('button', { name }).click())).toBe(200);

      await expectAlive();
    });

    test('when its window gets the focus', async () => {
      await signIn();

      expect(await answerTo(page, TOUCH, () => focus(page))).toBe(200);

      await expectAlive();
    });

    test('when it loads while KMS fails', async () => {
      await signIn();
      await sessionKey.fail();

      expect(await answerTo(page, CLIENT, () => page.reload())).toBe(503);

      await expectAlive();
      expect((await renderedFor()).actor).toBe('user_support');
      await sessionKey.heal();
      await page.reload();
      await page.getByRole('note').waitFor();
      await expectAlive();
    });

    test('when it signs in while KMS fails', async () => {
      const { url } = await link('user_support');
      await sessionKey.fail();
      await press(page, url);
      await page.waitForResponse((response) => TOUCH.test(new URL(response.url()).pathname));
      await page.waitForTimeout(300);
      expect(thrown).toEqual([]);

      await sessionKey.heal();
      await page.goto(account());

      await page.getByRole('note').waitFor();
      await expectAlive();
    });

    test('when its window gets the focus while KMS fails', async () => {
      await signIn();
      await sessionKey.fail();

      expect(await answerTo(page, TOUCH, () => focus(page))).toBe(200);

      await expectAlive();
    });

    test('when it asks for a fresh token while KMS fails', async () => {
      await signIn();
      await sessionKey.fail();

      expect(await answerTo(page, TOKENS, () => askForToken(page))).toBe(503);

      await expectAlive();
    });
  });

  test('a session that the backend ends leads to the sign-in page once, and stays signed out', async () => {
    await signIn();
    const sessionId = await page.evaluate<string>('window.Clerk.session.id');
    await clerk().sessions.revokeSession(sessionId);

    await focus(page);
    await signedOut();
    const opened: string[] = [];
    page.on('framenavigated', (frame) => opened.push(frame.url()));
    await page.waitForTimeout(1500);

    expect(opened).toEqual([]);
    expect(thrown).toEqual([]);
    await page.goto(account());
    await signedOut();
  });

  test("Clerk's user menu signs out", async () => {
    await signIn();
    await page.getByRole('button', { name: 'Open user menu' }).click();

    await page.getByRole('group', { name: 'Account actions' }).getByRole('button', { name: 'Sign out' }).click();

    await page.getByText('Nobody is signed in.').waitFor();
    expect((await page.context().cookies()).map(({ name }) => name)).not.toContain('__session');
  });

  test('once another tab has signed in as somebody else, a tab shows that user with the actor, or nobody', async () => {
    const [, grace] = (await clerk().users.getUserList({ orderBy: '+created_at' })).data;
    await signIn();
    const other = await page.context().newPage();
    await press(other, (await link('user_boss', { userId: grace?.id })).url);
    await other.getByText('user_boss acts as').waitFor();

    expect(await answerTo(page, TOUCH, () => focus(page))).toBe(401);
    await page.getByText('Ada Lovelace').first().waitFor({ state: 'detached' });
    await page.waitForTimeout(1000);

    expect(thrown).toEqual([]);
    const shown = [
      page.getByRole('heading', { name: `Account of ${grace?.fullName}` }),
      page.getByText('user_boss acts as'),
    ];
    expect([0, 1]).toContain(await shown[0]?.count());
    expect(await shown[1]?.count()).toBe(await shown[0]?.count());
    await page.goto(account());
    await page.getByText('user_boss acts as').waitFor();
  });

  test('without a ticket, nobody can do anything in the components for signing in and signing up', async () => {
    await page.goto(example.origin);
    await expect.poll(() => page.evaluate('window.Clerk?.loaded')).toBe(true);
    await page.evaluate(`
      for (const name of ['SignIn', 'SignUp']) {
        const section = document.body.appendChild(document.createElement('section'));
        section.setAttribute('aria-label', name);
        window.Clerk['mount' + name](section);
      }
    `);
    const [signInCard, signUpCard] = ['SignIn', 'SignUp'].map((name) => page.getByRole('region', { name }));

    await signInCard?.getByRole('heading', { name: 'Sign in to Actor Tokens' }).waitFor();
    await signUpCard?.getByRole('heading', { name: 'Access restricted' }).waitFor();
    for (const role of ['textbox', 'button', 'link'] as const)
      expect(await signInCard?.getByRole(role).count()).toBe(0);
    expect(await signUpCard?.getByRole('textbox').count()).toBe(0);
  });

  test('the app needs nothing that its Content-Security-Policy forbids', async () => {
    const problems: string[] = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));

    await signIn();
    const reloaded = await page.reload();
    await page.getByRole('button', { name: 'Open user menu' }).click();
    await page.getByRole('group', { name: 'Account actions' }).waitFor();

    expect(problems).toEqual([]);
    expect(reloaded?.headers()['content-security-policy']).toContain("default-src 'self'; script-src 'self'");
  });

  describe('when the first session token has expired', () => {
    beforeAll(() => new Promise((resolve) => setTimeout(resolve, idle.since + IDLE_IN_MS - Date.now())));

    test('a server-rendered page is answered with 503 while KMS fails', async () => {
      await sessionKey.fail();

      expect((await idle.left.goto(account()))?.status()).toBe(503);
    });

    test('a server-rendered page is shown after one handshake, with the actor', async () => {
      const navigations = navigationsOf(idle.left);

      await idle.left.goto(account());

      expect(navigations).toEqual(['307 /account', '307 /__clerk/v1/client/handshake', '200 /account']);
      expect((await renderedFor(idle.left)).actor).toBe('user_support');
      await idle.left.getByRole('note').waitFor();
    });

    test('a page that stayed open has a fresh token, and needs no handshake', async () => {
      const navigations = navigationsOf(idle.open);

      await idle.open.reload();

      expect(navigations).toEqual(['200 /account']);
      expect((await renderedFor(idle.open)).actor).toBe('user_support');
      await idle.open.getByRole('note').waitFor();
      expect(idle.thrown).toEqual([]);
    });
  });

  test('the server of the app listens on this machine only', async () => {
    const { port } = new URL(example.origin);
    const addresses = Object.values(networkInterfaces()).flatMap((each = []) => each);
    const others = addresses.filter(({ internal, family }) => !internal && family === 'IPv4');

    for (const { address } of others) await expect(fetch(`http://${address}:${port}/`)).rejects.toThrow('fetch failed');
  });

  test('neither the build nor the server of the app connects to another machine', async () => {
    const hosts = new Set((await readFile(recordedHosts, 'utf8')).trim().split('\n'));

    expect(hosts).toContain('127.0.0.1');
    expect([...hosts].filter((host) => !['localhost', '127.0.0.1', '::1'].includes(host))).toEqual([]);
  });
});
