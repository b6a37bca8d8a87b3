// What an app on Clerk's components must do in Chromium, whatever their framework and their major version.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClerkClient, type User } from '@clerk/backend';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { RunOptions } from '../../examples/command.ts';
import { createLink, type LinkParams } from '../../examples/create-link.ts';
import type { RunningApp } from '../../examples/start-app.ts';
import type { Local } from '../../local/product-stack.ts';
import { hasChromium, launchChromium, likeNew } from './chromium.ts';
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
} from './clerk-components.ts';

/** Longer than a session token lives. */
const IDLE_IN_SECONDS = 66;

/** An app, with the origin of its pages, and the local stack that it calls. */
interface StartedApp extends Pick<RunningApp, 'local' | 'stop'> {
  readonly app: Pick<RunningApp['app'], 'endpoint'>;
}

/** The running app, for further tests. */
export interface ClerkApp {
  readonly origin: () => string;
  readonly local: () => Local;
  readonly sessionKey: () => SessionKey;
  readonly clerk: () => ReturnType<typeof createClerkClient>;
  /** The page of a test, which is like new at its beginning. */
  readonly page: () => Page;
  /** The errors that the page of a test has thrown. */
  readonly thrown: () => readonly string[];
  /** Opens a page in a browser that shares nothing with others. */
  readonly newBrowser: () => Promise<Page>;
  /** A user whom no link names by default. The sample users are stored at the same moment, so no list has them in a certain order. */
  readonly otherUser: () => Promise<User>;
  readonly link: (actorSub: string, params?: LinkParams) => ReturnType<typeof createLink>;
  /** Signs in by a link, by default in the page of the test. */
  readonly signIn: (on?: Page) => Promise<void>;
}

/**
 * Defines the tests of an app that shows the pages of the React example.
 *
 * @param more defines tests of this app alone
 */
export function describeClerkApp(
  title: string,
  start: (options: RunOptions) => Promise<StartedApp>,
  more: (app: ClerkApp) => void = () => undefined,
): void {
  describe.skipIf(!hasChromium)(title, () => {
    let example: StartedApp;
    let app: string;
    let sessionKey: SessionKey;
    let chromium: Browser;
    let page: Page;
    let thrown: readonly string[];

    beforeAll(async () => {
      const dir = await mkdtemp(join(tmpdir(), 'clerk-app-'));
      const options = { ports: [0, 0], dir, signal: new AbortController().signal } as const;
      [example, chromium] = await Promise.all([start(options), launchChromium()]);
      app = example.app.endpoint;
      sessionKey = sessionKeyOf(example.local);
      page = await newBrowser();
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

    const clerk = () => {
      const { secretKey, baseUrl } = example.local.instance;
      return createClerkClient({ secretKey, apiUrl: baseUrl, telemetry: { disabled: true } });
    };

    const otherUser = () => clerk().users.getUser(example.local.instance.userIds[1] ?? '');

    const link = (actorSub: string, params: LinkParams = {}) => createLink(example.local.instance, actorSub, params);

    async function newBrowser(): Promise<Page> {
      const opened = await (await chromium.newContext()).newPage();
      opened.setDefaultTimeout(20_000);
      return opened;
    }

    async function signIn(on = page): Promise<void> {
      await press(on, (await link('user_support')).url);
      await on.waitForURL(`${app}/account`);
      await on.getByRole('note').waitFor();
    }

    const note = () => page.getByRole('note').textContent();

    /** The page is still there a moment later, with the user and without an error. */
    async function expectAlive(name = 'Ada Lovelace'): Promise<void> {
      await page.waitForTimeout(300);
      await page.getByRole('heading', { name: `Account of ${name}` }).waitFor();
      expect(thrown).toEqual([]);
    }

    test('a link signs in at the press of its button, and the app shows user and actor', async () => {
      await signIn();

      expect(await note()).toBe('user_support acts as Ada Lovelace.');
      await expectAlive();
      expect(await page.getByRole('textbox').isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Open user menu' }).waitFor();
    });

    test('no request leaves for another host', async () => {
      const hosts = new Set<string>();
      page.on('request', (request) => {
        const { protocol, hostname } = new URL(request.url());
        if (protocol.startsWith('http')) hosts.add(hostname);
      });

      await signIn();

      expect([...hosts]).toEqual([new URL(app).hostname]);
    });

    test('a second link in the same browser replaces the first impersonation', async () => {
      const grace = await otherUser();
      await signIn();
      const { id, url } = await link('user_boss', { userId: grace.id });

      await press(page, url);
      await page.getByText('user_boss acts as').waitFor();

      expect(await note()).toBe(`user_boss acts as ${grace.fullName}.`);
      await expectAlive(grace.fullName ?? '');
      await expect(clerk().actorTokens.revoke(id)).rejects.toMatchObject({ status: 400 });
    });

    describe('a link that is refused', () => {
      test('a used link shows a sentence', async () => {
        const { url } = await link('user_support');
        await press(page, url);
        await page.getByRole('note').waitFor();

        await page.goto(url);

        await page.getByRole('heading', { name: /used/ }).waitFor();
      });

      test('a revoked link shows a sentence, also when it is revoked before the press', async () => {
        const { id, url } = await link('user_support');
        await page.goto(url);
        await clerk().actorTokens.revoke(id);

        await page.getByRole('button', { name: /^Continue to / }).click();
        await page.getByRole('heading', { name: /revoked/ }).waitFor();
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
        const signInPage = `${app}/sign-in?__clerk_ticket=${new URL(url).searchParams.get('ticket')}`;
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

      test('when its token has expired while nobody looked', async () => {
        // The clock of a browser cannot be set back, so this one is for this test alone.
        const idle = await newBrowser();
        onTestFinished(() => idle.context().close());
        const token = () => idle.evaluate('window.Clerk.session.lastActiveToken.getRawString()');
        const thrownByIdle = thrownIn(idle);
        await signIn(idle);
        const before = await token();
        await idle.clock.install();
        await example.local.clock.advance(IDLE_IN_SECONDS);

        await idle.clock.fastForward(IDLE_IN_SECONDS * 1000);

        await expect.poll(token, { timeout: 10_000 }).not.toBe(before);
        await idle.getByRole('heading', { name: 'Account of Ada Lovelace' }).waitFor();
        expect(thrownByIdle).toEqual([]);
      });

      test('when it loads while KMS fails', async () => {
        await signIn();
        await sessionKey.fail();

        expect(await answerTo(page, CLIENT, () => page.reload())).toBe(503);

        await page.getByRole('heading', { name: /^Account of/ }).waitFor();
        expect(thrown).toEqual([]);
        await sessionKey.heal();
        await page.reload();
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
        await page.goto(`${app}/account`);

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

        const status = await answerTo(page, TOKENS, () => askForToken(page));

        expect(status).toBe(503);
        await expectAlive();
      });
    });

    test('a session that the backend ends leads to the sign-in page once, and stays signed out', async () => {
      await signIn();
      const sessionId = await page.evaluate<string>('window.Clerk.session.id');
      await clerk().sessions.revokeSession(sessionId);

      await focus(page);
      await page.getByText('The only way to sign in here').waitFor();
      const opened: string[] = [];
      page.on('framenavigated', (frame) => opened.push(frame.url()));
      await page.waitForTimeout(1500);

      expect(opened).toEqual([]);
      expect(thrown).toEqual([]);
      await page.goto(`${app}/account`);
      await page.getByText('The only way to sign in here').waitFor();
    });

    test("Clerk's user menu signs out", async () => {
      await signIn();
      await page.getByRole('button', { name: 'Open user menu' }).click();

      // The element's role differs between the majors, and its class is documented for styling.
      await page.locator('.cl-userButtonPopoverActionButton__signOut').click();

      await page.getByText('Nobody is signed in.').waitFor();
      expect((await page.context().cookies()).map(({ name }) => name)).not.toContain('__session');
    });

    more({
      origin: () => app,
      local: () => example.local,
      sessionKey: () => sessionKey,
      clerk,
      page: () => page,
      thrown: () => thrown,
      newBrowser,
      otherUser,
      link,
      signIn,
    });
  });
}
