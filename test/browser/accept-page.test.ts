// The page of an accept link in a real browser, for a deployment without a sign-in page.
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
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
    { locale: 'en-GB', timezoneId: 'Asia/Tokyo' },
  );

  const main = () => page.getByRole('main').textContent();
  const client = async () => (await (await context.request.get(`${stack.baseUrl}/v1/client`)).json()).response;

  async function press(): Promise<void> {
    await page.getByRole('button', { name: 'Sign in as Ada Lovelace' }).click();
  }

  const heightOf = async (locator: Locator) => {
    const { height = 0 } = (await locator.boundingBox()) ?? {};
    return height;
  };

  test('the accept page names both people, and leads to the app at the press of its button', async () => {
    const { url } = await stack.actorToken({ reason: 'Case 4711' });
    const onward = `${stack.appOrigin}/orders?id=7`;

    await page.goto(`${url}&redirect_url=${encodeURIComponent(onward)}`);
    const offered = await main();
    const before = await client();
    await press();
    await page.waitForURL(onward);

    for (const text of ['Ada Lovelace', 'ada@example.com', 'Sam Support', 'support_7', 'Case 4711', '30 minutes'])
      expect(offered).toContain(text);
    expect(before).toBeNull();
    expect((await client()).sessions).toMatchObject([{ status: 'active', actor: { sub: 'support_7' } }]);
    expect(problems).toEqual([]);
  });

  test('the accept page, reached again by Back, says who signed in and leads to the same page of the app', async () => {
    const { url } = await stack.actorToken();
    const onward = `${stack.appOrigin}/orders?id=7`;
    await page.goto(`${url}&redirect_url=${encodeURIComponent(onward)}`);
    await press();
    await page.waitForURL(onward);

    await page.goBack();
    await page.getByRole('heading', { name: 'You signed in as Ada Lovelace' }).waitFor();
    await page.getByRole('link', { name: `Continue to ${new URL(onward).host}` }).click();

    await page.waitForURL(onward);
  });

  test('the accept page says who is signed in, and until when, where it knows no page of the app', async () => {
    const { url } = await stack.actorToken({ reason: 'Case 4711' });

    await page.goto(url);
    await press();
    await page.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();

    for (const text of ['ada@example.com', 'Sam Support', 'Case 4711', '10 minutes without activity'])
      expect(await main()).toContain(text);
    expect(await page.title()).toMatch(/^Signed in as Ada Lovelace · /);
    expect(await page.getByRole('time').textContent()).toMatch(/ at \d\d:\d\d GMT\+9$/);
    expect(await page.getByRole('link').count()).toBe(0);
    expect(problems).toEqual([]);
  });

  test('the accept page says that the link has to be opened again when it is reloaded before its button is pressed', async () => {
    const { url } = await stack.actorToken();
    await page.goto(url);

    await page.reload();

    expect(await page.getByRole('heading').allTextContents()).toEqual(['Open the link again']);
    expect(await main()).toContain('This page was reloaded');
    expect(await main()).not.toContain('damaged');
    expect(await page.getByRole('button').count()).toBe(0);
    await page.goto(url);
    await press();
    await page.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();
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

  const rightToLeft = '\u0645\u062d\u0645\u062f \u0639\u0628\u062f \u0627\u0644\u0644\u0647';

  const states: readonly (readonly [state: string, show: (url: string) => Promise<unknown>])[] = [
    ['with its offer', (url) => page.goto(url)],
    [
      'of a completed sign-in',
      async (url) => {
        await page.goto(url);
        await page.getByRole('button').click();
        await page.getByRole('heading', { name: 'Signed in as' }).waitFor();
      },
    ],
    [
      'that is reloaded before the sign-in',
      async (url) => {
        await page.goto(url);
        await page.reload();
      },
    ],
    [
      'that is reloaded after the sign-in',
      async (url) => {
        await page.goto(url);
        await page.getByRole('button').click();
        await page.getByRole('heading', { name: 'Signed in as' }).waitFor();
        await page.reload();
        await page.getByRole('heading', { name: 'You signed in as' }).waitFor();
      },
    ],
    [
      'of a used link',
      async (url) => {
        await page.goto(url);
        await page.getByRole('button').click();
        await page.getByRole('heading', { name: 'Signed in as' }).waitFor();
        await page.goto(url);
      },
    ],
    ['of a damaged link', (url) => page.goto(`${url}x`)],
    [
      'of a request that can be repeated',
      async (url) => {
        const signIn = async () => {
          const { token } = await stack.actorToken();
          const form = { strategy: 'ticket', ticket: token };
          await context.request.post(`${stack.baseUrl}/v1/client/sign_ins`, { form });
          return context.cookies();
        };
        const stale = await signIn();
        await signIn();
        await context.addCookies(stale);
        await page.goto(url);
        await page.getByRole('button').click();
        await page.getByRole('button', { name: 'Try again' }).waitFor();
      },
    ],
  ];

  test.for(states)(
    'axe-core finds no violation on the accept page %s, with names from right to left',
    async ([, show]) => {
      const user = await stack.backend('POST', '/v1/users', { first_name: rightToLeft });
      const { url } = await stack.actorToken({ user_id: user.id, actor: { sub: 'support_7', name: rightToLeft } });

      await show(url);

      expect(await accessibilityViolations(page)).toEqual([]);
    },
  );

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
    const lineHeights = { heading: 28, button: 24 };
    expect(await heightOf(page.getByRole('heading'))).toBeLessThanOrEqual(2 * lineHeights.heading);
    expect(await heightOf(page.getByRole('button'))).toBeLessThanOrEqual(2 * lineHeights.button + 26);
    expect(await page.getByRole('definition').first().textContent()).toContain('x'.repeat(120));
  });

  test('a reload of the page of a completed sign-in sends the form no second time', async () => {
    const { url } = await stack.actorToken();
    await page.goto(url);
    await press();
    await page.getByRole('heading', { name: 'Signed in as' }).waitFor();
    const methods: string[] = [];
    page.on('request', (request) => methods.push(request.method()));

    await page.reload();
    await page.getByRole('heading', { name: 'You signed in as Ada Lovelace' }).waitFor();

    expect(methods).toEqual(['GET']);
    expect(await main()).toMatch(
      /^\s*You signed in as Ada Lovelace\s+That was in this tab \(today at \d\d:\d\d GMT\+9\)/,
    );
    expect(await page.title()).toBe('You signed in as Ada Lovelace');
    expect((await client()).sessions).toHaveLength(1);
    expect(problems).toEqual([expect.stringContaining('400')]);
  });

  test('the accept page works without JavaScript', async () => {
    const { url } = await stack.actorToken();
    const plain = await chromium.newContext({ javaScriptEnabled: false });
    const shown = await plain.newPage();

    await shown.goto(url);
    await shown.getByRole('button', { name: 'Sign in as Ada Lovelace' }).click();

    await shown.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();
    expect(await shown.getByRole('main').textContent()).toMatch(/Until\s*\d+ \w+ \d{4} at \d\d:\d\d UTC\s*or earlier/);
    expect((await plain.cookies()).map(({ name }) => name)).toContainEqual(expect.stringMatching(/client$/));
    await plain.close();
  });

  test('the accept page keeps redirect_url without JavaScript', async () => {
    const { url } = await stack.actorToken();
    const onward = `${stack.appOrigin}/orders?id=7`;
    const plain = await chromium.newContext({ javaScriptEnabled: false });
    const shown = await plain.newPage();

    await shown.goto(`${url}&redirect_url=${encodeURIComponent(onward)}`);
    await shown.getByRole('button').click();
    await shown.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();
    await shown.getByRole('link', { name: 'Continue to' }).click();

    await shown.waitForURL(onward);
    await plain.close();
  });
});

describe.skipIf(!hasChromium)('the accept page of an app with a page to land on, a logo and an address of help', () => {
  let stack: BrowserStack;
  let page: Page;
  let problems: readonly string[];

  inBrowser(
    (given) => {
      ({ stack, page } = given);
      problems = problemsOf(page);
    },
    {
      variables: (app) => ({
        APPLICATION_NAME: 'Example',
        APP_URL: `${app}/start`,
        LOGO_URL: `${app}/logo.svg`,
        HELP_URL: 'mailto:support@example.com',
      }),
    },
  );

  test('shows the logo, and leads to the page of the app', async () => {
    const { url } = await stack.actorToken();

    await page.goto(url);
    const width = await page.evaluate('document.images[0].naturalWidth');
    const violations = await accessibilityViolations(page);
    await page.getByRole('button').click();
    await page.waitForURL(`${stack.appOrigin}/start`);

    expect(width).toBe(32);
    expect(violations).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('shows the address of help where the link does not work', async () => {
    const { url } = await stack.actorToken();

    await page.goto(`${url}x`);

    expect(await page.getByRole('link', { name: 'support@example.com' }).getAttribute('href')).toBe(
      'mailto:support@example.com',
    );
    expect(await accessibilityViolations(page)).toEqual([]);
  });
});
