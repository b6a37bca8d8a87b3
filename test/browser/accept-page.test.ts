// The page of an accept link, in a real browser, in a deployment without a sign-in page.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { type BrowserStack, complaintsOf, inBrowser } from '../support/browser-stack.ts';
import { hasChromium } from '../support/chromium.ts';

describe.skipIf(!hasChromium)('the accept page', () => {
  let chromium: Browser;
  let stack: BrowserStack;
  let context: BrowserContext;
  let page: Page;
  let complaints: readonly string[];

  inBrowser(
    (given) => {
      ({ chromium, stack, context, page } = given);
      complaints = complaintsOf(page);
    },
    { locale: 'en-GB' },
  );

  const main = () => page.getByRole('main').textContent();
  const focused = () => page.evaluate('document.activeElement.textContent');
  const client = async () => (await (await context.request.get(`${stack.baseUrl}/v1/client`)).json()).response;

  async function press(): Promise<void> {
    await page.getByRole('button', { name: 'Sign in as Ada Lovelace' }).click();
  }

  test('names both people, signs in when the button is pressed, and leads onward', async () => {
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
    expect(await focused()).toBe('Signed in as Ada Lovelace');
    expect(await page.title()).toBe('Signed in as Ada Lovelace');
    expect(await page.getByRole('link').getAttribute('href')).toBe(onward);
    expect(complaints).toEqual([]);
  });

  test('takes the ticket out of the address', async () => {
    const { url } = await stack.actorToken();

    await page.goto(url);

    expect(page.url()).toBe(`${stack.baseUrl}/v1/tickets/accept`);
    expect(complaints).toEqual([]);
  });

  test('works by keyboard alone', async () => {
    const { url } = await stack.actorToken();

    await page.goto(url);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();

    expect((await client()).sessions).toHaveLength(1);
  });

  test('reads well without sight: banner, main part, one heading, terms, one button, status', async () => {
    const { url } = await stack.actorToken();

    await page.goto(url);

    const tree = await page.locator('body').ariaSnapshot();
    expect(tree).toMatch(/^- banner:.*^- main:\n {2}- heading "Sign in as Ada Lovelace" \[level=1\]$/ms);
    expect(tree).toMatch(/term: Account.*term: Acting.*button "Sign in as Ada Lovelace".*status/s);
    expect(tree.match(/- (?:heading|button)/g)).toEqual(['- heading', '- button']);
  });

  test('says that a link was used, when it is opened again', async () => {
    const { url } = await stack.actorToken();
    await page.goto(url);
    await press();
    await page.getByRole('heading', { name: 'Signed in as' }).waitFor();

    const answer = await page.goto(url);

    expect(answer?.status()).toBe(400);
    expect(await main()).toContain('This link has been used');
    expect(page.url()).not.toContain('ticket=');
  });

  test('says that a link was revoked, when that happens before the button is pressed', async () => {
    const { id, url } = await stack.actorToken();
    await page.goto(url);
    await stack.backend('POST', `/v1/actor_tokens/${id}/revoke`);

    await press();
    await page.getByRole('heading', { name: 'This link has been revoked' }).waitFor();

    expect(await focused()).toBe('This link has been revoked');
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await client()).toBeNull();
  });

  test('says so when the service does not answer, and can be tried again', async () => {
    const { url } = await stack.actorToken();
    await page.goto(url);
    await page.route('**/v1/client/sign_ins', (route) => route.abort());

    await press();
    await page.getByText('The service did not answer. Please try again.').waitFor();
    const said = await page.getByRole('status').textContent();
    await page.unroute('**/v1/client/sign_ins');
    await press();
    await page.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();

    expect(said).toBe('You are not signed in. The service did not answer. Please try again.');
  });

  test('redeems once, however often the button is pressed', async () => {
    const { url } = await stack.actorToken();
    const posts: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
    await page.goto(url);

    await page.getByRole('button').dblclick();
    await page.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();

    expect(posts).toEqual([`${stack.baseUrl}/v1/client/sign_ins`]);
  });

  test('fits a phone, also with names without a space', async () => {
    const user = await stack.backend('POST', '/v1/users', { first_name: 'x'.repeat(120) });
    const { url } = await stack.actorToken({ user_id: user.id, actor: { sub: 'y'.repeat(200) } });
    await page.setViewportSize({ width: 320, height: 640 });

    await page.goto(url);

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });

  test('says without JavaScript that it needs it', async () => {
    const { url } = await stack.actorToken();
    const plain = await chromium.newContext({ javaScriptEnabled: false });
    const shown = await plain.newPage();

    await shown.goto(url);

    expect(await shown.getByRole('main').textContent()).toContain('Signing in needs JavaScript');
    expect(await shown.getByRole('button').isDisabled()).toBe(true);
    await plain.close();
  });
});
