// The banner in a real browser, on a page of another origin whose policy allows no inline style or script.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { accessibilityViolations } from '../support/axe.ts';
import { type BrowserStack, inBrowser, problemsOf } from '../support/browser-stack.ts';
import { hasChromium } from '../support/chromium.ts';

const SECOND = 1000;

describe.skipIf(!hasChromium)('the impersonation banner', () => {
  let chromium: Browser;
  let stack: BrowserStack;
  let context: BrowserContext;
  let page: Page;
  let sent: string[];
  let problems: readonly string[];

  inBrowser((given) => {
    ({ chromium, stack, context, page } = given);
    watch();
  });

  function watch(): void {
    problems = problemsOf(page);
    sent = [];
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname.startsWith('/v1/client')) sent.push(`${request.method()} ${pathname}${search}`);
    });
  }

  /** Opens a browser for this test alone, because its clock cannot be started again. */
  async function stopClock(): Promise<void> {
    context = await chromium.newContext();
    onTestFinished(() => context.close());
    page = await context.newPage();
    watch();
    await page.clock.install();
  }

  const region = () => page.getByRole('region', { name: 'Impersonation' });
  const client = async () => (await (await context.request.get(`${stack.baseUrl}/v1/client`)).json()).response;

  /** Signs the browser in, as any of its pages would, and returns the id of the session. */
  async function signIn(params: object = {}): Promise<string> {
    const { token } = await stack.actorToken(params);
    const form = { strategy: 'ticket', ticket: token };
    const answer = await context.request.post(`${stack.baseUrl}/v1/client/sign_ins`, { form });
    return (await answer.json()).response.created_session_id;
  }

  async function openApp(path = '/'): Promise<void> {
    const read = page.waitForResponse(`${stack.baseUrl}/v1/client`);
    await page.goto(stack.appOrigin + path);
    await read;
  }

  /** Returns the seconds left that the banner shows: without activity, and at most. */
  async function secondsLeft(): Promise<readonly number[]> {
    const text = (await page.getByRole('timer').textContent()) ?? '';
    return [...text.matchAll(/in (\d+):(\d\d)/g)].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
  }

  /** Ends a session from elsewhere, and has the banner look at it. */
  async function revoke(sessionId: string): Promise<void> {
    await stack.backend('POST', `/v1/sessions/${sessionId}/revoke`);
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
  }

  function ending(): Promise<unknown> {
    return page.evaluate(`new Promise((resolve) =>
      document.addEventListener('impersonation-ended', (event) => resolve(event.detail)))`);
  }

  test('the banner is absent when nobody is signed in, and sends one request', async () => {
    await stopClock();
    await openApp();
    await page.clock.runFor(120 * SECOND);

    expect(await region().count()).toBe(0);
    expect(sent).toEqual(['GET /v1/client']);
    expect(problems).toEqual([]);
  });

  test('the banner shows user, actor and the seconds left by both limits', async () => {
    await signIn({ session_max_duration_in_seconds: 1200 });

    await openApp();
    await region().waitFor();
    const [inactivity = 0, fixed = 0] = await secondsLeft();
    const passed = async () => inactivity - ((await secondsLeft())[0] ?? 0);
    await expect.poll(passed).toBeGreaterThanOrEqual(1);

    expect(await region().textContent()).toContain(
      'You are signed in as Ada Lovelace \u2014 by Sam Support (support_7)',
    );
    expect(inactivity).toBeGreaterThan(590);
    expect(inactivity).toBeLessThanOrEqual(600);
    expect(fixed - inactivity).toBe(600);
    expect(await passed()).toBeLessThanOrEqual(4);
    expect(problems).toEqual([]);
  });

  test('the banner has the reason in the title of the names', async () => {
    const reason = 'Case 4711: Rechnung für 100 % fehlt';
    await signIn({ reason });

    await openApp();
    await region().waitFor();

    expect(await region().getByTitle(reason, { exact: true }).textContent()).toContain('by Sam Support');
    expect(problems).toEqual([]);
  });

  test('the banner reads its session every 20 seconds, and not while its tab is hidden', async () => {
    await stopClock();
    const sessionId = await signIn();
    await openApp();
    await region().waitFor();
    const hide = (isHidden: boolean) =>
      page.evaluate(`Object.defineProperty(Document.prototype, 'hidden', { get: () => ${isHidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));`);
    const polls = () => sent.filter((each) => each === `GET /v1/client/sessions/${sessionId}`).length;

    await page.clock.runFor(21 * SECOND);
    const whenShown = polls();
    await hide(true);
    await page.clock.runFor(90 * SECOND);
    const whenHidden = polls() - whenShown;
    await hide(false);

    expect([whenShown, whenHidden]).toEqual([1, 0]);
    await expect.poll(polls).toBe(2);
  });

  test('the banner moves the page down instead of covering it, and fits a phone', async () => {
    const user = await stack.backend('POST', '/v1/users', {
      first_name: '<b>Maximiliane-Alexandra',
      last_name: 'x'.repeat(80),
    });
    await signIn({ user_id: user.id });
    await page.setViewportSize({ width: 320, height: 640 });

    await openApp();
    await region().waitFor();

    const box = await region().boundingBox();
    const heading = await page.getByRole('heading', { name: 'Orders' }).boundingBox();
    expect(box).toMatchObject({ x: 0, y: 0, width: 320 });
    expect(heading?.y).toBeGreaterThanOrEqual(box?.height ?? Number.POSITIVE_INFINITY);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect(await region().textContent()).toContain('<b>Maximiliane-Alexandra');
  });

  test('the banner clamps each long name to two lines on a phone', async () => {
    const user = await stack.backend('POST', '/v1/users', { first_name: 'Maximiliane '.repeat(20) });
    await signIn({ user_id: user.id, actor: { sub: 'y'.repeat(200), name: 'Bartholomew '.repeat(20) } });
    await page.setViewportSize({ width: 320, height: 640 });

    await openApp();
    await region().waitFor();

    const { height = 0 } = (await region().boundingBox()) ?? {};
    expect(height).toBeLessThanOrEqual(150);
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  test('the banner is at the bottom, and makes room there, where data-position says so', async () => {
    await signIn();
    await page.setViewportSize({ width: 800, height: 640 });

    await openApp('/?position=bottom');
    await region().waitFor();

    const { y = 0, height: exact = 0 } = (await region().boundingBox()) ?? {};
    const height = Math.round(exact);
    expect(Math.round(y + exact)).toBe(640);
    const style = 'getComputedStyle(document.documentElement)';
    expect(await page.evaluate(`[${style}.paddingTop, ${style}.paddingBottom]`)).toEqual(['0px', `${height}px`]);
    expect(await page.evaluate(`${style}.getPropertyValue('--impersonation-banner-height')`)).toBe(`${height}px`);
    expect((await page.getByRole('heading', { name: 'Orders' }).boundingBox())?.y).toBeLessThan(height);
  });

  test('a sticky header of the app stays below the banner by its height', async () => {
    await signIn();
    await openApp();
    await region().waitFor();

    await page.evaluate(`{
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('header { position: sticky; top: var(--impersonation-banner-height, 0px) }');
      document.adoptedStyleSheets.push(sheet);
      scrollTo(0, 500);
    }`);

    const { height } = (await region().boundingBox()) ?? {};
    await expect.poll(async () => (await page.locator('header').boundingBox())?.y).toBeCloseTo(height ?? 0, 0);
  });

  const names: readonly (readonly [string, string, string])[] = [
    ['usual', 'Grace Hopper', 'Kim Support'],
    ['from right to left', '\u0645\u062d\u0645\u062f', '\u05d3\u05e0\u05d4'],
  ];

  test.for(names)(
    'axe-core finds no violation on a page with the banner, with names that are %s',
    async ([, first_name, name]) => {
      const user = await stack.backend('POST', '/v1/users', { first_name });
      await signIn({ user_id: user.id, actor: { sub: 'support_7', name } });

      await openApp();
      await region().waitFor();

      expect(await accessibilityViolations(page)).toEqual([]);
    },
  );

  test('the banner is amber in the light and the dark scheme, and has a thick border in forced colours', async () => {
    await signIn();
    await openApp();
    await region().waitFor();
    const look = (property: string) =>
      page.evaluate(
        `getComputedStyle(document.querySelector('impersonation-banner').shadowRoot.querySelector('section')).${property}`,
      );

    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await look('backgroundColor')).toBe('rgb(255, 183, 0)');
    }
    await page.emulateMedia({ colorScheme: null, forcedColors: 'active' });
    const border = await look('borderTopWidth');
    await page.emulateMedia({ forcedColors: null });

    expect(border).toBe('4px');
  });

  test('the banner returns when the app removes it', async () => {
    await signIn();
    await openApp();
    await region().waitFor();

    await page.evaluate(`document.querySelector('impersonation-banner').remove()`);

    await expect.poll(() => region().count()).toBe(1);
  });

  test('the banner stays visible when the app hides it by a style', async () => {
    await signIn();
    await openApp();
    await region().waitFor();

    await page.evaluate(`{
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('impersonation-banner { display: none !important; opacity: 0 !important; visibility: hidden }');
      document.adoptedStyleSheets.push(sheet);
    }`);

    expect(await region().isVisible()).toBe(true);
  });

  test('Stop signs out, by keyboard too, notifies the app and reloads the page', async () => {
    await signIn();
    await openApp();
    await region().waitFor();
    const ended = ending().catch(() => 'reloaded');
    const reloaded = page.waitForEvent('load');

    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await reloaded;

    await ended;
    expect(sent).toContain('POST /v1/client/sessions?_method=DELETE');
    expect((await client()).sessions).toEqual([]);
    expect(await region().count()).toBe(0);
    expect(problems).toEqual([]);
  });

  test('Stop does not reload the page when the app cancels the event', async () => {
    const session_id = await signIn();
    await openApp();
    await region().waitFor();
    await page.evaluate(`document.addEventListener('impersonation-ended', (event) => event.preventDefault())`);
    const ended = ending();

    await region().getByRole('button', { name: 'Stop: sign out of the account of Ada Lovelace' }).click();

    expect(await ended).toEqual({ reason: 'stopped', session_id });
    expect(await region().count()).toBe(0);
    expect(sent.filter((each) => each === 'GET /v1/client')).toHaveLength(1);
  });

  test('a name with invisible characters, or with those that turn its direction, is shown with a mark in their place', async () => {
    const user = await stack.backend('POST', '/v1/users', {
      first_name: 'Ada',
      last_name: '\u{1F469}\u200D\u{1F680}',
    });
    await signIn({ user_id: user.id, actor: { sub: 'evil_7', name: '\u202Etroppus maS\u2069\u200B\n' } });

    await openApp();
    await region().waitFor();

    expect(await region().locator('.who').textContent()).toBe(
      'You are signed in as Ada \u{1F469}\u200D\u{1F680} \u2014 by \ufffdtroppus maS\ufffd\ufffd\ufffd (evil_7)',
    );
  });

  test('an actor without a visible name is shown by its id, once', async () => {
    await signIn({ actor: { sub: 'support_7', name: '\u200B \u2066' } });

    await openApp();
    await region().waitFor();

    expect(await region().locator('.who').textContent()).toBe('You are signed in as Ada Lovelace \u2014 by support_7');
  });

  test('HTML that users wrote does not switch the banner off by names of the document', async () => {
    const names =
      'currentScript querySelector createElement documentElement body hidden addEventListener dispatchEvent adoptedStyleSheets';
    const query = new URLSearchParams(names.split(' ').map((name): [string, string] => ['name', name]));
    const session_id = await signIn();

    await openApp(`/?${query}`);
    await region().waitFor();
    const reloaded = page.waitForEvent('load');
    await region().getByRole('button').click();
    await reloaded;

    expect(await page.evaluate('document.currentScript.tagName + document.body.tagName')).toBe('IMGIMG');
    expect((await stack.backend('GET', `/v1/sessions/${session_id}`)).status).toBe('removed');
    expect(problems).toEqual([]);
  });

  const stopping = '**/v1/client/sessions?_method=DELETE';
  const refused = {
    status: 401,
    contentType: 'application/json',
    body: '{"errors":[{"code":"authentication_invalid"}]}',
  };
  const allowed = () => ({
    'access-control-allow-origin': stack.appOrigin,
    'access-control-allow-credentials': 'true',
  });

  test.for([
    { why: 'gets no answer', fail: { abort: true } },
    { why: 'is refused', fail: refused },
    { why: 'finds nothing', fail: { ...refused, status: 404 } },
    { why: 'meets a fault', fail: { ...refused, status: 500 } },
    { why: 'is throttled', fail: { ...refused, status: 429 } },
  ])('the banner stays, says so and can be pressed again when Stop $why', async ({ fail }) => {
    const session_id = await signIn();
    await openApp();
    await region().waitFor();
    await page.route(stopping, (route) =>
      'abort' in fail ? route.abort() : route.fulfill({ ...fail, headers: allowed() }),
    );

    await region().getByRole('button').click();
    await page.getByText('The session could not be stopped.').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);

    expect((await stack.backend('GET', `/v1/sessions/${session_id}`)).status).toBe('active');
    expect(await region().getByRole('button').getAttribute('aria-disabled')).toBeNull();
    await page.unroute(stopping);
    const reloaded = page.waitForEvent('load');
    await region().getByRole('button').click();
    await reloaded;
    expect((await stack.backend('GET', `/v1/sessions/${session_id}`)).status).toBe('removed');
  });

  test('Stop succeeds when its answer is lost, but the session has ended', async () => {
    const session_id = await signIn();
    await openApp();
    await region().waitFor();
    await page.route(stopping, async (route) => {
      await route.fetch();
      await route.abort();
    });
    const reloaded = page.waitForEvent('load');

    await region().getByRole('button').click();
    await reloaded;

    expect((await stack.backend('GET', `/v1/sessions/${session_id}`)).status).toBe('removed');
    expect(await region().count()).toBe(0);
  });

  test.for([
    { why: 'while the client still shows the session', client: undefined },
    { why: 'without an answer about the client', client: { abort: true } },
    { why: 'with a fault about the client', client: { ...refused, status: 503 } },
  ])('the banner stays when the session is refused $why', async ({ client: answer }) => {
    const session_id = await signIn();
    await openApp();
    await region().waitFor();
    const asked = page.waitForRequest(`${stack.baseUrl}/v1/client`);
    await page.route(`**/v1/client/sessions/${session_id}`, (route) =>
      route.fulfill({ ...refused, headers: allowed() }),
    );
    if (answer)
      await page.route(`${stack.baseUrl}/v1/client`, (route) =>
        'abort' in answer ? route.abort() : route.fulfill({ ...answer, headers: allowed() }),
      );

    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await (await asked).response().catch(() => undefined);
    await page.waitForTimeout(200);

    expect(await region().isVisible()).toBe(true);
  });

  test('the banner disappears when the session is revoked and the app cancels the event', async () => {
    const session_id = await signIn();
    await openApp();
    await region().waitFor();
    const ended = ending();
    await page.evaluate(`document.addEventListener('impersonation-ended', (event) => event.preventDefault())`);

    await revoke(session_id);

    expect(await ended).toEqual({ reason: 'ended', session_id });
    expect(await region().count()).toBe(0);
    expect(await page.evaluate('getComputedStyle(document.documentElement).paddingTop')).toBe('0px');
  });

  test('the banner says that the session has ended, notifies the app, and reloads the page ten seconds later', async () => {
    await stopClock();
    const session_id = await signIn();
    await openApp();
    await region().waitFor();
    const ended = ending();

    await revoke(session_id);
    const detail = await ended;
    const shown = await region().innerText();
    const announced = await region().getByRole('status').textContent();
    const reloaded = page.waitForEvent('load');
    await page.clock.runFor(10 * SECOND);
    await reloaded;

    expect(detail).toEqual({ reason: 'ended', session_id });
    expect(shown).toMatch(/^The session has ended\.\s+This page reloads in 10 seconds\.\s+Reload now\s+Stay/);
    expect(announced).toBe('The session has ended. This page reloads in 10 seconds.');
    expect(await region().count()).toBe(0);
  });

  test('axe-core finds no violation on a page whose session has ended', async () => {
    const session_id = await signIn();
    await openApp();
    await region().waitFor();
    // The page must not be left while axe-core looks at it.
    await page.evaluate('setInterval = () => 0');

    await revoke(session_id);
    await region().getByRole('button', { name: 'Stay' }).waitFor();

    expect(await accessibilityViolations(page)).toEqual([]);
  });

  test('the page is reloaded at once, or stays, when a person says so after the session has ended', async () => {
    await stopClock();
    const session_id = await signIn();
    await openApp();
    await region().waitFor();
    await revoke(session_id);

    await region().getByRole('button', { name: 'Stay' }).click();
    await page.clock.runFor(60 * SECOND);

    expect(await region().textContent()).toContain('The session has ended.Reload this page before you go on.');
    expect(await accessibilityViolations(page)).toEqual([]);
    const reloaded = page.waitForEvent('load');
    await region().getByRole('button', { name: 'Reload now' }).press('Enter');
    await reloaded;
    expect(await region().count()).toBe(0);
  });

  test('the page gives way to another one where data-after-sign-out-url names it, after Stop and after the end', async () => {
    const target = `${stack.appOrigin}/signed-out`;
    await signIn();
    await openApp('/?after-sign-out-url=/signed-out');
    await region().getByRole('button', { name: 'Stop' }).click();
    await page.waitForURL(target);

    const session_id = await signIn();
    await openApp('/?after-sign-out-url=/signed-out');
    await region().waitFor();
    await revoke(session_id);
    await page.getByRole('timer').filter({ hasText: 'You leave this page in' }).waitFor();
    await region().getByRole('button', { name: 'Leave now' }).click();
    await page.waitForURL(target);
  });

  test('the banner shows the next session when another sign-in replaced the first and the app stays on its page', async () => {
    await signIn();
    await openApp();
    await region().waitFor();
    await page.evaluate(`document.addEventListener('impersonation-ended', (event) => event.preventDefault())`);

    await signIn({ actor: { sub: 'support_8' } });

    await region().getByText('support_8').waitFor();
  });

  test('the app makes the banner look again by impersonation-started, when it has signed in without loading a page', async () => {
    await openApp();
    await signIn();

    await page.evaluate(`document.dispatchEvent(new Event('impersonation-started'))`);

    await region().waitFor();
  });

  test('the banner says so within seconds when the app signs out by itself', async () => {
    await signIn();
    await openApp();
    await region().waitFor();

    await page.evaluate(`fetch('${stack.baseUrl}/v1/client', { method: 'DELETE', credentials: 'include' })`);

    await page.getByRole('timer').filter({ hasText: 'This page reloads in' }).waitFor({ timeout: 5000 });
  });

  test('the banner announces the last minute to a screen reader, and reloads the page after its end', async () => {
    await signIn({ session_max_duration_in_seconds: 5 });
    await openApp();
    await region().waitFor();

    const announced = await region().getByRole('status').textContent();

    // The banner sets its clock by the Date header, which has no fraction of a second.
    expect(announced).toMatch(/^The session ends in [1-6] seconds\.$/);
    await page.getByText('The session has ended.', { exact: true }).waitFor({ timeout: 15 * SECOND });
    await expect.poll(() => region().count(), { timeout: 15 * SECOND }).toBe(0);
  });
});
