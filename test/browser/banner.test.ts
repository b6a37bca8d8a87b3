// The banner in a real browser, on a page of another origin whose policy allows no inline style or script.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
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
    return [...text.matchAll(/(\d+):(\d\d) left/g)].map(
      ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
    );
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

    expect(await region().textContent()).toContain('Signed in as Ada Lovelace, by Sam Support (support_7)');
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
      'Signed in as Ada \u{1F469}\u200D\u{1F680}, by \ufffdtroppus maS\ufffd\ufffd\ufffd (evil_7)',
    );
  });

  test('an actor without a visible name is shown by its id, once', async () => {
    await signIn({ actor: { sub: 'support_7', name: '\u200B \u2066' } });

    await openApp();
    await region().waitFor();

    expect(await region().locator('.who').textContent()).toBe('Signed in as Ada Lovelace, by support_7');
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

  test('the banner disappears when the session is revoked, and notifies the app', async () => {
    const session_id = await signIn();
    await openApp();
    await region().waitFor();
    const ended = ending();
    await stack.backend('POST', `/v1/sessions/${session_id}/revoke`);

    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);

    expect(await ended).toEqual({ reason: 'ended', session_id });
    expect(await region().count()).toBe(0);
    expect(await page.evaluate('getComputedStyle(document.documentElement).paddingTop')).toBe('0px');
  });

  test('the banner disappears within seconds when the app signs out by itself', async () => {
    await signIn();
    await openApp();
    await region().waitFor();

    await page.evaluate(`fetch('${stack.baseUrl}/v1/client', { method: 'DELETE', credentials: 'include' })`);

    await region().waitFor({ state: 'detached', timeout: 5000 });
  });

  test('the banner announces the last minute to a screen reader, and disappears at the end', async () => {
    await signIn({ session_max_duration_in_seconds: 5 });
    await openApp();
    await region().waitFor();

    const announced = await region().getByRole('status').textContent();

    // The banner sets its clock by the Date header, which has no fraction of a second.
    expect(announced).toMatch(/^The session ends in [1-6] seconds\.$/);
    await expect.poll(() => region().count(), { timeout: 15 * SECOND }).toBe(0);
  });
});
