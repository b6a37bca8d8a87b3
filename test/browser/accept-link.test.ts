// Opening a link, by whomever and from wherever, in a real browser: only a press on the page of the link changes anything.
import { createServer } from 'node:http';
import type { BrowserContext, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalServer, listenLocally } from '../../local/aws/server.ts';
import { type BrowserStack, inBrowser, problemsOf } from '../support/browser-stack.ts';
import { hasChromium } from '../support/chromium.ts';

const deployments = [
  ['without a sign-in page', false],
  ['with a sign-in page', true],
] as const;

describe.skipIf(!hasChromium).each(deployments)('a link %s', (_, hasSignInPage) => {
  let stack: BrowserStack;
  let context: BrowserContext;
  let page: Page;
  let elsewhere: LocalServer;
  /** The page that is served elsewhere. A page of an intercepted request would not do: Chromium lets it send nothing to this machine. */
  let markup = '';

  beforeAll(async () => {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end(`<!doctype html><link rel="icon" href="data:,">${markup}`);
    });
    elsewhere = await listenLocally(server, 0);
  });

  afterAll(() => elsewhere.stop());

  inBrowser(
    (given) => {
      ({ stack, context, page } = given);
    },
    { hasSignInPage },
  );

  const button = () => page.getByRole('main').getByRole('button');
  const liveActors = async () => {
    const { response } = await (await context.request.get(`${stack.baseUrl}/v1/client`)).json();
    return response?.sessions.map(({ actor }: { actor: { sub: string } }) => actor.sub) ?? [];
  };

  /** Signs the browser in, as any of its pages would. */
  async function signIn(sub: string): Promise<void> {
    const { token } = await stack.actorToken({ actor: { sub } });
    const form = { strategy: 'ticket', ticket: token };
    await context.request.post(`${stack.baseUrl}/v1/client/sign_ins`, { form });
  }

  /** Expects that the browser is signed in as before, and that the link has not been used: an actor token is revoked only if pending. */
  async function expectUnchanged(id: string): Promise<void> {
    expect(await liveActors()).toEqual(['victim']);
    expect(await stack.backend('POST', `/v1/actor_tokens/${id}/revoke`)).toMatchObject({ status: 'revoked' });
  }

  /** Shows a page with this markup, from a server that the stack does not know. */
  async function openPage(host: string, content: string): Promise<void> {
    markup = content;
    await page.goto(`http://${host}:${elsewhere.port}/`);
  }

  test('that is opened, reloaded and looked at by a browser that runs scripts changes nothing', async () => {
    const { id, url } = await stack.actorToken();
    await signIn('victim');

    await page.goto(url);
    await page.goto(url);
    await page.mouse.wheel(0, 1000);
    await page.keyboard.press('Escape');
    await page.reload();
    await page.goBack();

    await expectUnchanged(id);
  });

  test.each(['HEAD', 'OPTIONS'])('that is requested with %s changes nothing', async (method) => {
    const { id, url } = await stack.actorToken();
    await signIn('victim');

    await context.request.fetch(url, { method });

    await expectUnchanged(id);
  });

  interface Link {
    readonly url: string;
    readonly token: string;
  }

  const form = ({ token }: Link, more = '') =>
    `<form method="post" action="${stack.baseUrl}/v1/tickets/accept" ${more}><input name="ticket" value="${token}"></form>
    <script>document.forms[0].submit()</script>`;

  /** An attempt of a page of another origin with a link. */
  const attacks: readonly (readonly [what: string, attack: (link: Link) => string, status: number | undefined])[] = [
    ['navigates to it', ({ url }) => `<script>location = ${JSON.stringify(url)}</script>`, 200],
    ['refreshes to it', ({ url }) => `<meta http-equiv="refresh" content="0;url=${url}">`, 200],
    ['prefetches it', ({ url }) => `<link rel="prefetch" href="${url}"><img src="${url}">`, undefined],
    ['frames it', ({ url }) => `<iframe src="${url}"></iframe>`, undefined],
    ['posts a form to it', (link) => form(link), 403],
    [
      'posts a form to it without an origin',
      (link) => `<meta name="referrer" content="no-referrer">${form(link)}`,
      403,
    ],
    ['posts a form to it in a frame', (link) => `<iframe name="f"></iframe>${form(link, 'target="f"')}`, undefined],
    [
      'posts to it by a script',
      ({ token }) =>
        `<script>fetch('${stack.baseUrl}/v1/tickets/accept', { method: 'POST', mode: 'no-cors', credentials: 'include',
          body: new URLSearchParams({ ticket: '${token}' }) })</script>`,
      undefined,
    ],
  ];

  // A sibling is of the same site, so the browser sends the cookies with its posts. Chromium resolves each name below `localhost`.
  const sites = [
    ['of another site', 'evil.localhost'],
    ['of a sibling', '127.0.0.1'],
  ] as const;

  // The page of a link is the same for both deployments: what its button does is not.
  const tried = hasSignInPage ? attacks.filter(([what]) => what.startsWith('posts')) : attacks;

  describe.each(sites)('a page %s', (_site, host) => {
    test.each(tried)('that %s changes nothing', async (_what, attack, status) => {
      const link = await stack.actorToken();
      await signIn('victim');
      const statuses: (number | undefined)[] = [];
      const onEnd = async (request: Request) => {
        if (!request.url().includes('/v1/tickets/accept')) return;
        statuses.push(request.isNavigationRequest() ? (await request.response())?.status() : undefined);
      };
      page.on('requestfinished', onEnd);
      page.on('requestfailed', onEnd);

      await openPage(host, attack(link));
      await expect.poll(() => statuses).not.toEqual([]);

      if (status !== undefined) expect(statuses).toEqual([status]);
      await expectUnchanged(link.id);
    });
  });

  test('that is framed shows nothing', async () => {
    const { url } = await stack.actorToken();

    await openPage('127.0.0.1', `<iframe src="${url}"></iframe>`);
    await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:/);
  });

  test('that is pressed signs in, or out and on to the sign-in page', async () => {
    const problems = problemsOf(page);
    const { id, url, token } = await stack.actorToken();
    await signIn('victim');

    await page.goto(url);
    await button().click();

    if (!hasSignInPage) {
      await page.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();
      expect(await liveActors()).toEqual(['support_7']);
      return;
    }
    await page.waitForURL(`${stack.appOrigin}/sign-in**`);
    const { searchParams } = new URL(page.url());
    expect(Object.fromEntries(searchParams)).toEqual({ __clerk_ticket: token, __clerk_status: 'sign_in' });
    expect(await liveActors()).toEqual([]);
    expect(await stack.backend('POST', `/v1/actor_tokens/${id}/revoke`)).toMatchObject({ status: 'revoked' });
    expect(problems).toEqual([]);
  });
});
