// The Next.js example, as its own command starts it, in Chromium.
import { mkdtemp, readFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, Response } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunOptions } from '../../examples/command.ts';
import { startNextExample } from '../../examples/nextjs/run.ts';
import { describeClerkApp } from '../support/clerk-app.ts';
import { answerTo, focus, press, TOUCH, thrownIn } from '../support/clerk-components.ts';
import { install } from './install.ts';

/** A session token lives for 60 seconds. clerk-js and the server of the app allow for some seconds of skew. */
const IDLE_IN_MS = 66_000;

const recordedHosts = join(await mkdtemp(join(tmpdir(), 'nextjs-hosts-')), 'hosts');

/** Starts the example, all of whose processes record the hosts that they connect to. */
async function start(options: RunOptions) {
  await install('examples/nextjs');
  vi.stubEnv('RECORDED_HOSTS', recordedHosts);
  vi.stubEnv('NODE_OPTIONS', `--import ${new URL('record-connections.ts', import.meta.url)}`);
  try {
    const { origin, local, stop } = await startNextExample(options);
    return { app: { endpoint: origin }, local, stop };
  } finally {
    vi.unstubAllEnvs();
  }
}

describeClerkApp('the Next.js example', start, (app) => {
  let page: Page;
  /** Two browsers that signed in before the first test. One leaves the app open, the other does not. */
  let idle: { readonly open: Page; readonly left: Page; readonly thrown: readonly string[]; readonly since: number };

  beforeAll(async () => {
    const [open, left] = [await app.newBrowser(), await app.newBrowser()];
    await app.signIn(open);
    await app.signIn(left);
    await left.goto('about:blank');
    idle = { open, left, thrown: thrownIn(open), since: Date.now() };
  });

  beforeEach(() => {
    page = app.page();
  });

  const account = () => `${app.origin()}/account`;

  /** What the server rendered, which the script of a page does not change. */
  async function renderedFor(on = page) {
    const [userId, actor] = await Promise.all([on.locator('#user').textContent(), on.locator('#actor').textContent()]);
    return { userId, actor };
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

  test('the server renders a page for the user and the actor', async () => {
    await app.signIn();

    expect(await renderedFor()).toEqual({ userId: app.local().instance.userIds[0], actor: 'user_support' });
  });

  test('a protected page leads to the sign-in page, which says how to sign in', async () => {
    const navigations = navigationsOf(page);

    await page.goto(account());
    await page.getByText('The only way to sign in here').waitFor();

    expect(navigations).toEqual(['307 /account', '200 /sign-in']);
    expect(new URL(page.url()).searchParams.get('redirect_url')).toBe(account());
  });

  test('a second link costs one handshake at most, and no log has its ticket', async () => {
    const grace = await app.otherUser();
    await app.signIn();
    const { url } = await app.link('user_boss', { userId: grace.id });
    const navigations = navigationsOf(page);

    await press(page, url);
    await page.getByText('user_boss acts as').waitFor();

    expect(await renderedFor()).toEqual({ userId: grace.id, actor: 'user_boss' });
    expect(navigations.filter((each) => each.includes('handshake')).length).toBeLessThanOrEqual(1);
    expect(navigations.filter((each) => /^[45]/.test(each))).toEqual([]);
    const signature = url.split('.').at(-1) ?? '';
    expect(await readFile(app.local().logFile, 'utf8')).not.toContain(signature);
  });

  test('once another tab has signed in as somebody else, a tab shows that user with the actor, or nobody', async () => {
    const grace = await app.otherUser();
    await app.signIn();
    const other = await page.context().newPage();
    await press(other, (await app.link('user_boss', { userId: grace.id })).url);
    const isShown = () => other.getByText('user_boss acts as').waitFor({ timeout: 10_000 });
    // clerk-js of both tabs writes the same cookies at this moment, and the last one wins. A new page asks the Frontend API.
    await isShown().catch(async () => {
      await other.goto(account());
      await isShown();
    });

    expect(await answerTo(page, TOUCH, () => focus(page))).toBe(401);
    await page.getByText('Ada Lovelace').first().waitFor({ state: 'detached' });
    await page.waitForTimeout(1000);

    expect(app.thrown()).toEqual([]);
    const shown = [
      page.getByRole('heading', { name: `Account of ${grace.fullName}` }),
      page.getByText('user_boss acts as'),
    ];
    expect([0, 1]).toContain(await shown[0]?.count());
    expect(await shown[1]?.count()).toBe(await shown[0]?.count());
    await page.goto(account());
    await page.getByText('user_boss acts as').waitFor();
  });

  test('without a ticket, nobody can do anything in the components for signing in and signing up', async () => {
    await page.goto(app.origin());
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

    await app.signIn();
    const reloaded = await page.reload();
    await page.getByRole('button', { name: 'Open user menu' }).click();
    await page.getByRole('group', { name: 'Account actions' }).waitFor();

    expect(problems).toEqual([]);
    expect(reloaded?.headers()['content-security-policy']).toContain("default-src 'self'; script-src 'self'");
  });

  describe('when the first session token has expired', () => {
    beforeAll(() => new Promise((resolve) => setTimeout(resolve, idle.since + IDLE_IN_MS - Date.now())));

    test('a server-rendered page is answered with 503 while KMS fails', async () => {
      await app.sessionKey().fail();

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
    const { port } = new URL(app.origin());
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
