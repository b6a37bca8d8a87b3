// The page of an accept link in a real browser, for a deployment without a sign-in page.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { accessibilityViolations } from '../support/axe.ts';
import { type BrowserStack, inBrowser, problemsOf } from '../support/browser-stack.ts';
import { hasChromium } from '../support/chromium.ts';

describe.skipIf(!hasChromium)('the accept page', () => {
  let chromium: Browser;
  let stack: BrowserStack;
  let context: BrowserContext;
  let page: Page;
  let problems: readonly string[];

  inBrowser(
    (given) => {
      ({ chromium, stack, context, page } = given);
      problems = problemsOf(page);
    },
    { locale: 'en-GB' },
  );

  const main = () => page.getByRole('main').textContent();
  const client = async () => (await (await context.request.get(`${stack.baseUrl}/v1/client`)).json()).response;

  async function press(): Promise<void> {
    await page.getByRole('button', { name: 'Sign in as Ada Lovelace' }).click();
  }

  test('the accept page names both people, signs in at the press of its button, and links to the app', async () => {
    const { url } = await stack.actorToken();
    const onward = `${stack.appOrigin}/orders?id=7`;

    await page.goto(`${url}&redirect_url=${encodeURIComponent(onward)}`);
    const offered = await main();
    const before = await client();
    await press();
    await page.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();

    for (const text of ['Ada Lovelace', 'ada@example.com', 'Sam Support', 'support_7', '30 minutes'])
      expect(offered).toContain(text);
    expect(before).toBeNull();
    expect((await client()).sessions).toMatchObject([{ status: 'active', actor: { sub: 'support_7' } }]);
    expect(await main()).toMatch(/The session ends at \d\d:\d\d .*10 minutes without activity/);
    expect(await page.title()).toMatch(/^Signed in as Ada Lovelace · /);
    expect(await page.getByRole('link').getAttribute('href')).toBe(onward);
    expect(problems).toEqual([]);
  });

  test('the accept page removes the ticket from the address', async () => {
    const { url } = await stack.actorToken();

    await page.goto(url);

    expect(page.url()).toBe(`${stack.baseUrl}/v1/tickets/accept`);
    expect(problems).toEqual([]);
  });

  test('the accept page can be used with the keyboard alone', async () => {
    const { url } = await stack.actorToken();

    await page.goto(url);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();

    expect((await client()).sessions).toHaveLength(1);
  });

  test('the accept page has a banner, a main part, one heading, terms, one button and a status', async () => {
    const { url } = await stack.actorToken();

    await page.goto(url);

    const tree = await page.locator('body').ariaSnapshot();
    expect(tree).toMatch(/^- banner:.*^- main:\n {2}- heading "Sign in as Ada Lovelace" \[level=1\]$/ms);
    expect(tree).toMatch(/term: Account.*term: Acting.*button "Sign in as Ada Lovelace".*status/s);
    expect(tree.match(/- (?:heading|button)/g)).toEqual(['- heading', '- button']);
  });

  test('axe-core finds no violation on the accept page', async () => {
    const { url } = await stack.actorToken();

    await page.goto(url);

    expect(await accessibilityViolations(page)).toEqual([]);
  });

  test('axe-core finds a violation where there is one', async () => {
    const { url } = await stack.actorToken();
    await page.goto(url);

    await page.evaluate(`document.querySelector('button').textContent = ''`);

    expect(await accessibilityViolations(page)).toEqual(['light: button-name: button', 'dark: button-name: button']);
  });

  test('the accept page reports a used link when it is opened again', async () => {
    const { url } = await stack.actorToken();
    await page.goto(url);
    await press();
    await page.getByRole('heading', { name: 'Signed in as' }).waitFor();

    const response = await page.goto(url);

    expect(response?.status()).toBe(400);
    expect(await main()).toContain('This link has been used');
    expect(page.url()).not.toContain('ticket=');
  });

  test('the accept page reports a link that is revoked before its button is pressed', async () => {
    const { id, url } = await stack.actorToken();
    await page.goto(url);
    await stack.backend('POST', `/v1/actor_tokens/${id}/revoke`);

    await press();
    await page.getByRole('heading', { name: 'This link has been revoked' }).waitFor();

    expect(await page.getByRole('button').count()).toBe(0);
    expect(await client()).toBeNull();
  });

  test('the link still works after its button found no service', async () => {
    const { url } = await stack.actorToken();
    await page.goto(url);
    await page.route('**/v1/tickets/accept', (route) => route.abort());

    await page.getByRole('button').click();
    await page.waitForURL('chrome-error://**');
    await page.unroute('**/v1/tickets/accept');
    await page.goto(url);
    await press();
    await page.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();
  });

  test('the accept page redeems once when its button is pressed twice', async () => {
    const { url } = await stack.actorToken();
    const posts: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
    await page.goto(url);

    await page.getByRole('button').dblclick();
    await page.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();

    expect(posts).toEqual([`${stack.baseUrl}/v1/tickets/accept`]);
  });

  test('the accept page fits a phone, also with long names without a space', async () => {
    const user = await stack.backend('POST', '/v1/users', { first_name: 'x'.repeat(120) });
    const { url } = await stack.actorToken({ user_id: user.id, actor: { sub: 'y'.repeat(200) } });
    await page.setViewportSize({ width: 320, height: 640 });

    await page.goto(url);

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });

  test('a reload of the page of a completed sign-in sends the form no second time', async () => {
    const { url } = await stack.actorToken();
    await page.goto(url);
    await press();
    await page.getByRole('heading', { name: 'Signed in as' }).waitFor();
    const methods: string[] = [];
    page.on('request', (request) => methods.push(request.method()));

    await page.reload();

    expect(methods).toEqual(['GET']);
    expect(await main()).toContain('Open the original link again');
    expect((await client()).sessions).toHaveLength(1);
  });

  test('the accept page works without JavaScript', async () => {
    const { url } = await stack.actorToken();
    const plain = await chromium.newContext({ javaScriptEnabled: false });
    const shown = await plain.newPage();

    await shown.goto(url);
    await shown.getByRole('button', { name: 'Sign in as Ada Lovelace' }).click();

    await shown.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();
    expect(await shown.getByRole('main').textContent()).toMatch(
      /The session ends at \d+ \w+ \d{4} at \d\d:\d\d UTC, or/,
    );
    expect((await plain.cookies()).map(({ name }) => name)).toContainEqual(expect.stringMatching(/client$/));
    await plain.close();
  });
});
