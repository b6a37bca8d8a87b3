// The two ways to put the Frontend API on the app's own site, and the failure on another site, with the unmodified clerk-js.
import { createLocalJWKSet, jwtVerify } from 'jose';
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
import { passOn, passOnAsClerk } from '../support/reverse-proxy.ts';
import {
  actor,
  backendOf,
  createActorToken,
  type Site,
  startBelowTheApp,
  startBesideTheApp,
} from '../support/sites.ts';

let chromium: Browser;
let besideTheApp: Awaited<ReturnType<typeof startBesideTheApp>>;

function claimsOf(token: string | null | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString());
}

// biome-ignore lint/suspicious/noExplicitAny: a published document; the tests state its members.
function jsonInPage(page: Page, url: string): Promise<any> {
  return page.evaluate(async (from) => (await fetch(from)).json(), url);
}

const useBesideTheApp = async () => ({ ...besideTheApp, stop: async () => undefined });

const ways: readonly (readonly [name: string, start: () => Promise<Site>])[] = [
  ["on a host beside the app's", useBesideTheApp],
  ["on the app's origin, behind any reverse proxy", () => startBelowTheApp(passOn)],
  ["on the app's origin, behind the proxy of Clerk's packages", () => startBelowTheApp(passOnAsClerk)],
];

beforeAll(async () => {
  if (!hasChromium) return;
  [chromium, besideTheApp] = await Promise.all([launchChromium(), startBesideTheApp()]);
});

afterAll(async () => {
  if (!hasChromium) return;
  await Promise.all([chromium.close(), besideTheApp.stop()]);
});

describe.skipIf(!hasChromium).each(ways)('with the Frontend API %s', (_, start) => {
  let site: Site;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    [site, context] = await Promise.all([start(), chromium.newContext({ locale: 'en-GB' })]);
    page = await context.newPage();
  });

  afterAll(async () => {
    await Promise.all([site.stop(), context.close()]);
  });

  beforeEach(async () => {
    await likeNew(page);
    site.seenByApp.clear();
  });

  const openApp = () => openClerkPage(page, { ...site.local.instance, origin: site.origin });

  test('a page signs in with a ticket, gets fresh tokens and stays signed in after a reload', async () => {
    const { frontendApiUrl } = site.local.instance;
    const { ticket, userId } = await createActorToken(site);
    await openApp();

    const signedIn = await redeemInPage(page, ticket);
    const fresh = await freshTokenInPage(page);
    await page.reload();
    await loadClerk(page);

    expect(signedIn).toMatchObject({ status: 'complete', userId, actor });
    expect(claimsOf(fresh)).toMatchObject({ iss: frontendApiUrl, sub: userId, act: actor, azp: site.origin });
    expect(await sessionInPage(page)).toBe(signedIn.sessionId);
    expect(await freshTokenInPage(page)).toBeDefined();
  });

  test("the browser sends the client's secret to the Frontend API only, and hides it from scripts", async () => {
    const { hostname, pathname } = new URL(site.local.instance.frontendApiUrl);
    await openApp();
    await redeemInPage(page, (await createActorToken(site)).ticket);

    await page.reload();
    const name = pathname === '/' ? '__Host-client' : '__client';
    const kept = (await context.cookies()).filter((cookie) => cookie.name === name);

    expect(kept).toMatchObject([{ domain: hostname, path: pathname, httpOnly: true, secure: true, sameSite: 'Lax' }]);
    expect(site.seenByApp).toContain('__session');
    expect(site.seenByApp).not.toContain(name);
    expect(await page.evaluate<string>('document.cookie')).not.toMatch(/client(_hash)?=/);
  });

  test('a page signs out', async () => {
    await openApp();
    const { sessionId } = await redeemInPage(page, (await createActorToken(site)).ticket);

    await signOutInPage(page);
    await page.reload();
    await loadClerk(page);

    expect(await sessionInPage(page)).toBeUndefined();
    expect((await backendOf(site).sessions.getSession(sessionId)).status).toBe('removed');
    expect((await context.cookies()).find(({ name }) => name === '__client_uat')?.value).toBe('0');
  });

  test('an accept link is on the Frontend API, and signs the app in, also while somebody is impersonated', async () => {
    await openApp();
    await redeemInPage(page, (await createActorToken(site)).ticket);
    const { url, ticket } = await createActorToken(site);

    await page.goto(url);
    await page.getByRole('main').getByRole('button').click();
    if (start === useBesideTheApp) {
      await page.waitForURL(`${site.origin}/__app/?__clerk_ticket=${ticket}&__clerk_status=sign_in`);
      await loadClerk(page);
      // Clerk's sign-in components redeem only while nobody is signed in.
      expect(await sessionInPage(page)).toBeUndefined();
      await redeemInPage(page, ticket);
    } else {
      await page.getByRole('heading', { name: 'Signed in as Ada Lovelace' }).waitFor();
      await openApp();
    }

    expect(url.startsWith(`${site.local.instance.frontendApiUrl}/v1/tickets/accept?ticket=`)).toBe(true);
    expect(await sessionInPage(page)).toBeDefined();
    expect(claimsOf(await freshTokenInPage(page))).toMatchObject({ act: actor });
  });

  test('the banner shows the actor, and signs out', async () => {
    await openApp();
    await redeemInPage(page, (await createActorToken(site)).ticket);

    await page.addScriptTag({ url: `${site.local.instance.frontendApiUrl}/v1/impersonation-banner.js` });
    await page.getByText('Sam Support').first().waitFor();
    const reloaded = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Stop' }).click();
    await reloaded;

    expect((await context.cookies()).find(({ name }) => name === '__client_uat')?.value).toBe('0');
  });

  test('a handshake redirects back to the page', async () => {
    await openApp();
    await redeemInPage(page, (await createActorToken(site)).ticket);
    const back = encodeURIComponent(`${site.origin}/__app/`);

    await page.goto(`${site.local.instance.frontendApiUrl}/v1/client/handshake?redirect_url=${back}`);

    expect(page.url()).toBe(`${site.origin}/__app/`);
    expect((await context.cookies()).map(({ name }) => name)).toContain('__clerk_handshake');
  });

  test('the issuer of a session token leads to the keys that verify it', async () => {
    await openApp();
    const { sessionToken } = await redeemInPage(page, (await createActorToken(site)).ticket);
    const { iss } = claimsOf(sessionToken);

    const { issuer, jwks_uri } = await jsonInPage(page, `${iss}/.well-known/openid-configuration`);
    const keys = createLocalJWKSet(await jsonInPage(page, jwks_uri));
    const verified = await jwtVerify(sessionToken ?? '', keys, { issuer });

    expect(issuer).toBe(site.local.instance.frontendApiUrl);
    expect(verified.payload.act).toEqual(actor);
  });

  test("the app's server authenticates the browser by its cookies before, during and after", async () => {
    const { publishableKey, frontendApiUrl: proxyUrl } = site.local.instance;
    await openApp();
    const authenticate = async () => {
      const cookies = await context.cookies(`${site.origin}/account`);
      const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
      const request = new Request(`${site.origin}/account`, { headers: { cookie, 'sec-fetch-dest': 'document' } });
      return backendOf(site).authenticateRequest(request, { publishableKey, proxyUrl });
    };

    const before = await authenticate();
    await redeemInPage(page, (await createActorToken(site)).ticket);
    const during = await authenticate();
    await signOutInPage(page);
    const after = await authenticate();

    expect([before.status, during.status, after.status]).toEqual(['signed-out', 'signed-in', 'signed-out']);
    expect(during.toAuth()).toMatchObject({ actor });
  });
});

describe.skipIf(!hasChromium)('with the Frontend API on another site', () => {
  test('a browser drops the cookie of another site, so that a page does not stay signed in', async () => {
    const context = await chromium.newContext();
    const page = await openClerkPage(await context.newPage(), {
      ...besideTheApp.local.instance,
      origin: besideTheApp.strayOrigin,
    });

    const { status } = await redeemInPage(page, (await createActorToken(besideTheApp)).ticket);
    const fresh = await freshTokenInPage(page);
    await page.reload();
    await loadClerk(page);

    expect(status).toBe('complete');
    expect(fresh).toBeUndefined();
    expect(await sessionInPage(page)).toBeUndefined();
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('__Host-client');
    await context.close();
  });
});
