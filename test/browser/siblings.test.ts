// What another host of the app's site can do in the browser of somebody who is signed in, and in that of somebody who is not.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hasChromium, launchChromium, likeNew } from '../support/chromium.ts';
import {
  freshTokenInPage,
  loadClerk,
  openClerkPage,
  redeemInPage,
  sessionInPage,
  signOutInPage,
} from '../support/clerk-page.ts';
import { passOn } from '../support/reverse-proxy.ts';
import {
  backendOf,
  createActorToken,
  type Site,
  startBelowTheApp,
  startBesideTheApp,
  startSibling,
} from '../support/sites.ts';

/** Chromium knows the prefix `__Host-` at the beginning of a name only, and lets any host set a name that begins with this blank. */
const BLANK = '\u00a0';

let chromium: Browser;
let sibling: Awaited<ReturnType<typeof startSibling>>;
let besideTheApp: Awaited<ReturnType<typeof startBesideTheApp>>;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  if (!hasChromium) return;
  [chromium, sibling, besideTheApp] = await Promise.all([
    launchChromium(),
    startSibling('evil.app.localhost'),
    startBesideTheApp(),
  ]);
  context = await chromium.newContext();
  page = await context.newPage();
});

afterAll(async () => {
  if (!hasChromium) return;
  await Promise.all([chromium.close(), sibling.stop(), besideTheApp.stop()]);
});

beforeEach(async () => {
  if (!hasChromium) return;
  await likeNew(page);
  sibling.received.length = 0;
  sibling.planted.length = 0;
  sibling.content.html = '';
});

async function statusOf(site: Site, sessionId: string): Promise<string> {
  return (await backendOf(site).sessions.getSession(sessionId)).status;
}

function openApp(site: Site): Promise<Page> {
  return openClerkPage(page, { ...site.local.instance, origin: site.origin });
}

async function redeem(site: Site) {
  return redeemInPage(page, (await createActorToken(site)).ticket);
}

/** Signs another browser in, which is mallory's, and returns its session and its cookies, each as `name=value`. */
async function mallorys(site: Site) {
  const { ticket } = await createActorToken(site);
  const other = await chromium.newContext();
  const url = `${site.local.instance.baseUrl}/v1/client/sign_ins`;
  const answer = await other.request.post(url, { form: { strategy: 'ticket', ticket } });
  const sessionId: string = (await answer.json()).response.created_session_id;
  const lines = answer.headersArray().filter(({ name }) => name.toLowerCase() === 'set-cookie');
  await other.close();
  return { sessionId, cookies: lines.map(({ value }) => value.split(';')[0] ?? '') };
}

/** Opens the sibling's page, which plants the cookies of mallory's browser, by both names and for every path that the API has. */
async function plant(site: Site): Promise<string> {
  const { sessionId, cookies } = await mallorys(site);
  const [value = ''] = cookies.flatMap((cookie) => /^__(?:Host-)?client=(.*)$/.exec(cookie)?.[1] ?? []);
  const [hash = '__Host-client_hash=0'] = cookies.filter((cookie) => cookie.startsWith('__Host-client_hash='));
  const prefix = new URL(site.local.instance.frontendApiUrl).pathname.replace(/\/$/, '');
  const paths = ['/', `${prefix}/v1`, `${prefix}/v1/client`, ...(prefix === '' ? [] : [prefix])];
  const attributes = 'Domain=app.localhost; Secure; SameSite=Lax';
  sibling.planted.push(
    ...paths.flatMap((path) =>
      ['__client', '__Host-client', `${BLANK}__Host-client`].map(
        (name) => `${name}=${value}; Path=${path}; ${attributes}`,
      ),
    ),
    ...['', BLANK].map((blank) => `${blank}${hash}; Path=/; ${attributes}`),
  );
  await page.goto(sibling.origin);
  return sessionId;
}

async function plantedCookies() {
  return (await context.cookies()).filter(({ domain }) => domain === '.app.localhost');
}

const ways: readonly (readonly [name: string, start: () => Promise<Site>])[] = [
  ["on a host beside the app's", async () => ({ ...besideTheApp, stop: async () => undefined })],
  ["on a path of the app's origin", () => startBelowTheApp(passOn, 'app.localhost')],
];

describe.skipIf(!hasChromium).each(ways)('with the Frontend API %s', (_, start) => {
  let site: Site;

  beforeAll(async () => {
    site = await start();
  });

  afterAll(() => site.stop());

  test('a cookie that a sibling plants signs nobody in', async () => {
    await plant(site);

    await openApp(site);

    expect(await plantedCookies()).not.toEqual([]);
    expect(await sessionInPage(page)).toBeUndefined();
  });

  test('a planted cookie keeps nobody from signing in, working and signing out', async () => {
    await plant(site);
    await openApp(site);

    const { sessionId } = await redeem(site);
    const malloryId = await plant(site);
    await openApp(site);
    const session = await sessionInPage(page);
    const token = await freshTokenInPage(page);
    await signOutInPage(page);
    await page.reload();
    await loadClerk(page);

    expect(await plantedCookies()).not.toEqual([]);
    expect(session).toBe(sessionId);
    expect(token).toBeDefined();
    expect(await sessionInPage(page)).toBeUndefined();
    expect(await statusOf(site, sessionId)).toBe('removed');
    expect(malloryId).not.toBe(sessionId);
  });

  test('a second ticket ends the first session beside a planted cookie', async () => {
    await openApp(site);
    const first = await redeem(site);
    await plant(site);
    await openApp(site);

    const second = await redeem(site);

    expect(await statusOf(site, first.sessionId)).toBe('removed');
    expect(await statusOf(site, second.sessionId)).toBe('active');
  });

  test('Stop of the banner ends the session beside a planted cookie', async () => {
    await openApp(site);
    const { sessionId } = await redeem(site);
    await plant(site);
    await openApp(site);

    await page.addScriptTag({ url: `${site.local.instance.frontendApiUrl}/v1/impersonation-banner.js` });
    const reloaded = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Stop' }).click();
    await reloaded;

    expect(await statusOf(site, sessionId)).toBe('removed');
  });
});

describe.skipIf(!hasChromium)('a handshake', () => {
  beforeEach(async () => {
    besideTheApp.handshakes.length = 0;
    await openApp(besideTheApp);
    await redeem(besideTheApp);
  });

  function handshakeUrl(path: string): string {
    const page = encodeURIComponent(besideTheApp.origin + path);
    return `${besideTheApp.local.instance.frontendApiUrl}/v1/client/handshake?redirect_url=${page}`;
  }

  test.for([
    ['a request', (url: string) => `<script>fetch('${url}', { mode: 'no-cors', credentials: 'include' })</script>`],
    ['a frame', (url: string) => `<iframe src="${url}"></iframe>`],
    ['an image', (url: string) => `<img src="${url}">`],
    ['a script', (url: string) => `<script src="${url}"></script>`],
    ['an object', (url: string) => `<object data="${url}"></object>`],
    ['a prefetch', (url: string) => `<link rel="prefetch" href="${url}">`],
    [
      'a speculation',
      (url: string) =>
        `<script type="speculationrules">{"prefetch": [{"urls": ["${url}"], "eagerness": "immediate"}]}</script>`,
    ],
  ] as const)("is refused to %s of a sibling's page", async ([, html]) => {
    sibling.content.html = html(handshakeUrl('/favicon.ico'));

    await page.goto(sibling.origin);
    await expect.poll(() => besideTheApp.handshakes).not.toEqual([]);
    await page.goto(`${sibling.origin}/collect`);

    expect(besideTheApp.handshakes.map(({ status }) => status)).toEqual(besideTheApp.handshakes.map(() => 403));
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('__clerk_handshake');
    expect(sibling.received).not.toContain('__clerk_handshake');
  });

  test('is answered to a page in the top window, with a cookie that lives ten seconds', async () => {
    await page.goto(handshakeUrl('/__app/'));

    const [cookie] = (await context.cookies()).filter(({ name }) => name === '__clerk_handshake');
    expect(besideTheApp.handshakes).toEqual([{ dest: 'document', purpose: '', status: 307 }]);
    expect(cookie?.expires).toBeGreaterThan(Date.now() / 1000);
    expect(cookie?.expires).toBeLessThanOrEqual(Date.now() / 1000 + 10);
  });
});
