// What an app on Clerk's components must do in Chromium, whatever their framework and their major version.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClerkClient } from '@clerk/backend';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunOptions } from '../../examples/command.ts';
import { createLink, type LinkParams } from '../../examples/create-link.ts';
import type { RunningApp } from '../../examples/start-app.ts';
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

/** The app's page and its user, for further tests. */
export interface ClerkApp {
  page(): Page;
  signIn(): Promise<void>;
  thrown(): readonly string[];
}

/**
 * Defines the tests of an app that shows the pages of the React example.
 *
 * @param more defines tests of this app alone
 */
export function describeClerkApp(
  title: string,
  start: (options: RunOptions) => Promise<RunningApp>,
  more: (app: ClerkApp) => void = () => undefined,
): void {
  describe.skipIf(!hasChromium)(title, () => {
    let example: RunningApp;
    let app: string;
    let sessionKey: SessionKey;
    let chromium: Browser;
    let page: Page;
    let thrown: readonly string[];

    beforeAll(async () => {
      const dir = await mkdtemp(join(tmpdir(), 'react-'));
      const options = { ports: [0, 0], dir, signal: new AbortController().signal } as const;
      [example, chromium] = await Promise.all([start(options), launchChromium()]);
      app = example.app.endpoint;
      sessionKey = sessionKeyOf(example.local);
      page = await chromium.newPage();
    });

    afterAll(async () => {
      sessionKey.destroy();
      await Promise.all([chromium.close(), example.stop()]);
    });

    beforeEach(async () => {
      await likeNew(page);
      page.setDefaultTimeout(20_000);
      thrown = thrownIn(page);
    });

    afterEach(() => Promise.all([sessionKey.heal(), example.local.clock.reset()]));

    const clerk = () => {
      const { secretKey, baseUrl } = example.local.instance;
      return createClerkClient({ secretKey, apiUrl: baseUrl, telemetry: { disabled: true } });
    };

    const link = (actorSub: string, params: LinkParams = {}) => createLink(example.local.instance, actorSub, params);

    async function signIn(actorSub = 'user_support', userId?: string): Promise<void> {
      await press(page, (await link(actorSub, { userId })).url);
      await page.waitForURL(`${app}/account`);
      await page.getByRole('note').waitFor();
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

      expect([...hosts]).toEqual(['127.0.0.1']);
    });

    test('a second link in the same browser replaces the first impersonation', async () => {
      const [, grace] = (await clerk().users.getUserList({ orderBy: '+created_at' })).data;
      await signIn('user_support');
      const { id, url } = await link('user_boss', { userId: grace?.id });

      await press(page, url);
      await page.getByText('user_boss acts as').waitFor();

      expect(await note()).toBe(`user_boss acts as ${grace?.fullName}.`);
      await expectAlive(grace?.fullName ?? '');
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
        await signIn();
        const before = await page.evaluate<string>('window.Clerk.session.lastActiveToken.getRawString()');
        await page.clock.install();
        await example.local.clock.advance(IDLE_IN_SECONDS);

        await page.clock.fastForward(IDLE_IN_SECONDS * 1000);

        await expect
          .poll(() => page.evaluate('window.Clerk.session.lastActiveToken.getRawString()'), { timeout: 10_000 })
          .not.toBe(before);
        await expectAlive();
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

    more({ page: () => page, signIn, thrown: () => thrown });
  });
}
