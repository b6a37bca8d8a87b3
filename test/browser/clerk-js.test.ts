// The official, unmodified clerk-js in a real browser, with a running stack.
import { createClerkClient } from '@clerk/backend';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Local } from '../../local/product-stack.ts';
import { hasChromium, launchChromium, likeNew } from '../support/chromium.ts';
import {
  freshTokenInPage,
  loadClerk,
  openClerkPage,
  redeemInPage,
  refusedRedemption,
  serveApp,
  sessionInPage,
  signOutInPage,
} from '../support/clerk-page.ts';
import { startSynthesized } from '../support/synthesized-stack.ts';

const actor = { sub: 'user_support', name: 'Sam Support', nested: { iss: 'https://help.example' } };

/** Starts a stack for this file alone, because its clock is moved. */
async function startStack() {
  const app = await serveApp(() => local.instance);
  const variables = { ALLOWED_ORIGINS: app.origin };
  const local = await startSynthesized('clerk-js', variables, { allowedOrigin: app.origin });
  return { local, stop: () => Promise.all([local.stop(), app.stop()]) };
}

function claimsOf(token: string | null | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString());
}

describe.skipIf(!hasChromium)('clerk-js', { timeout: 60_000 }, () => {
  let chromium: Browser;
  let local: Local;
  let stop: () => Promise<unknown>;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    [{ local, stop }, chromium] = await Promise.all([startStack(), launchChromium()]);
    context = await chromium.newContext();
    page = await context.newPage();
  }, 60_000);

  afterAll(async () => {
    await Promise.all([chromium.close(), stop()]);
  });

  beforeEach(async () => {
    await Promise.all([local.clock.reset(), likeNew(page)]);
  });

  const clerk = () => {
    const { secretKey, publishableKey, baseUrl } = local.instance;
    return createClerkClient({ secretKey, publishableKey, apiUrl: baseUrl, telemetry: { disabled: true } });
  };

  async function createTicket(params: { sessionMaxDurationInSeconds?: number; expiresInSeconds?: number } = {}) {
    const [userId = ''] = local.instance.userIds;
    const { id, token } = await clerk().actorTokens.create({ userId, actor, ...params });
    return { id, ticket: token ?? '', userId };
  }

  function openApp(origin = local.instance.baseUrl): Promise<Page> {
    const { frontendApiUrl, publishableKey } = local.instance;
    return openClerkPage(page, { origin, frontendApiUrl, publishableKey });
  }

  test.each([
    ['the same origin', () => local.instance.baseUrl],
    ['another origin of the same site', () => local.instance.allowedOrigin],
  ])(
    'clerk-js on %s signs in with a ticket, shows the actor, and stays signed in after a reload',
    async (_, origin) => {
      const { ticket, userId } = await createTicket();
      await openApp(origin());

      const signedIn = await redeemInPage(page, ticket);
      await page.reload();
      await loadClerk(page);

      expect(signedIn).toMatchObject({ status: 'complete', userId, actor });
      expect(claimsOf(signedIn.sessionToken)).toMatchObject({
        sub: userId,
        act: actor,
        azp: origin(),
        sid: signedIn.sessionId,
      });
      expect(await sessionInPage(page)).toBe(signedIn.sessionId);
      expect(await freshTokenInPage(page)).toBeDefined();
    },
  );

  test('clerk-js works on a page whose monitoring adds tracing headers to every request, and the page reads the keys', async () => {
    const { ticket, userId } = await createTicket();
    const { baseUrl, allowedOrigin, frontendApiUrl, publishableKey } = local.instance;
    const traced = await context.newPage();
    await traced.addInitScript({
      content: `const original = fetch;
        window.fetch = (input, init) => {
          const request = new Request(input, init);
          for (const name of ['traceparent', 'baggage', 'sentry-trace', 'b3']) request.headers.set(name, 'a');
          return original(request);
        };`,
    });
    await openClerkPage(traced, { origin: allowedOrigin, frontendApiUrl, publishableKey });

    const signedIn = await redeemInPage(traced, ticket);
    const keys: unknown = await traced.evaluate(
      `fetch('${baseUrl}/.well-known/jwks.json').then((answer) => answer.json()).then(({ keys }) => keys.length)`,
    );
    await traced.close();

    expect(signedIn).toMatchObject({ status: 'complete', userId, actor });
    expect(keys).toBe(1);
  });

  test('clerk-js fetches a fresh session token before the old one expires', async () => {
    // The token expires with the session at the latest, and clerk-js requests the next one 17 seconds before that.
    const { ticket } = await createTicket({ sessionMaxDurationInSeconds: 20 });
    await openApp();
    await redeemInPage(page, ticket);

    const refresh = await page.waitForResponse((answer) => answer.url().includes('/tokens'), { timeout: 30_000 });

    expect(refresh.status()).toBe(200);
  });

  test('clerk-js signs out when the session reaches its fixed end', async () => {
    const { ticket } = await createTicket({ sessionMaxDurationInSeconds: 5 });
    await openApp();
    await redeemInPage(page, ticket);

    await expect.poll(() => sessionInPage(page), { timeout: 40_000, interval: 500 }).toBeUndefined();

    expect(await page.evaluate<string>('document.cookie')).not.toContain('__session=');
  });

  test('clerk-js touches the session when its window gets the focus', async () => {
    const { ticket } = await createTicket();
    await openApp();
    const { sessionId } = await redeemInPage(page, ticket);
    const before = (await clerk().sessions.getSession(sessionId)).lastActiveAt;
    const touched = page.waitForResponse((answer) => answer.url().includes(`/sessions/${sessionId}/touch`));

    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 20)));
    await page.evaluate("window.dispatchEvent(new Event('focus'))");

    expect((await touched).status()).toBe(200);
    expect((await clerk().sessions.getSession(sessionId)).lastActiveAt).toBeGreaterThan(before);
  });

  test('a second ticket in clerk-js replaces the session and removes the first one', async () => {
    await openApp();
    const first = await redeemInPage(page, (await createTicket()).ticket);

    const second = await redeemInPage(page, (await createTicket()).ticket);

    expect(await sessionInPage(page)).toBe(second.sessionId);
    expect((await clerk().sessions.getSession(first.sessionId)).status).toBe('removed');
    expect(await freshTokenInPage(page)).toBeDefined();
  });

  test('clerk-js signs out', async () => {
    await openApp();
    const { sessionId } = await redeemInPage(page, (await createTicket()).ticket);

    await signOutInPage(page);

    expect(await sessionInPage(page)).toBeUndefined();
    expect((await clerk().sessions.getSession(sessionId)).status).toBe('removed');
    const cookies = await context.cookies();
    expect(cookies.find(({ name }) => name === '__client_uat')?.value).toBe('0');
    expect(cookies.find(({ name }) => name === '__session')).toBeUndefined();
  });

  describe('a ticket that is refused', () => {
    const refused: readonly [string, string, (ticket: { id: string; ticket: string }) => Promise<string>][] = [
      [
        'used',
        'actor_token_already_used_code',
        async ({ ticket }) => {
          const other = await chromium.newContext();
          const { frontendApiUrl, publishableKey, baseUrl } = local.instance;
          const options = { origin: baseUrl, frontendApiUrl, publishableKey };
          await redeemInPage(await openClerkPage(await other.newPage(), options), ticket);
          await other.close();
          return ticket;
        },
      ],
      [
        'revoked',
        'actor_token_revoked_code',
        async ({ id, ticket }) => {
          await clerk().actorTokens.revoke(id);
          return ticket;
        },
      ],
      [
        'expired',
        'ticket_expired_code',
        async () => {
          const { ticket } = await createTicket({ expiresInSeconds: 1 });
          await local.clock.advance(2);
          return ticket;
        },
      ],
      ['forged', 'ticket_invalid_code', async ({ ticket }) => `${ticket.slice(0, -4)}AAAA`],
    ];

    test.each(refused)(
      'a ticket that is %s is refused with %s, and clerk-js keeps its session',
      async (_, code, spoil) => {
        await openApp();
        const { sessionId } = await redeemInPage(page, (await createTicket()).ticket);
        const ticket = await spoil(await createTicket());

        const refusal = await refusedRedemption(page, ticket);

        expect(refusal).toEqual({ status: 400, code, text: expect.stringMatching(/\w+ \w+/) });
        expect(await sessionInPage(page)).toBe(sessionId);
        expect(await freshTokenInPage(page)).toBeDefined();
      },
    );
  });

  describe('what Clerk has and this product does not', () => {
    /** The text for people in the error with which a call in the page fails. */
    const sentenceOf = (call: string) =>
      page.evaluate<string>(`${call}.then(() => 'It succeeded.', ({ errors }) => errors[0].longMessage)`);

    test.each([
      ["Clerk.user.update({ firstName: 'Eve' })", 'Nobody can change this account'],
      ['Clerk.user.delete()', 'Nobody can change this account'],
      ["Clerk.user.createEmailAddress({ email: 'eve@example.com' })", 'Nobody can change this account'],
      ["Clerk.user.updatePassword({ newPassword: 'x' })", 'Nobody can change this account'],
      ["Clerk.session.getToken({ template: 'supabase' })", 'There are no JWT templates here.'],
      ["Clerk.session.startVerification({ level: 'first_factor' })", 'A session cannot be verified again here'],
      ['Clerk.billing.getPlans()', 'There is no billing here.'],
      ["Clerk.createOrganization({ name: 'Acme' })", 'There are no organizations here.'],
      ["Clerk.setActive({ organization: 'org_1' })", 'This organization was not found'],
    ])('clerk-js gets a sentence for people, and keeps its session: %s', async (call, sentence) => {
      await openApp();
      const { sessionId } = await redeemInPage(page, (await createTicket()).ticket);

      expect(await sentenceOf(call)).toMatch(new RegExp(`^${sentence}`));

      expect(await sessionInPage(page)).toBe(sessionId);
      expect(await freshTokenInPage(page)).toBeDefined();
    });

    test('clerk-js gets empty lists of organizations', async () => {
      await openApp();
      await redeemInPage(page, (await createTicket()).ticket);

      const lists = await page.evaluate(`Promise.all([
        Clerk.user.getOrganizationMemberships(),
        Clerk.user.getOrganizationInvitations(),
        Clerk.user.getOrganizationSuggestions(),
      ])`);

      expect(lists).toEqual(Array(3).fill({ data: [], total_count: 0 }));
    });
  });

  test.each([
    ['revoked by the backend', async (sessionId: string) => void (await clerk().sessions.revokeSession(sessionId))],
    ['idle for ten minutes', async () => void (await local.clock.advance(601))],
    ['past its fixed end', async () => void (await local.clock.advance(1801))],
  ])('clerk-js signs out at its next refresh when the session is %s', async (_, end) => {
    await openApp();
    const { sessionId } = await redeemInPage(page, (await createTicket()).ticket);

    await end(sessionId);

    expect(await freshTokenInPage(page)).toBeUndefined();
    await expect.poll(() => sessionInPage(page)).toBeUndefined();
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('__session');
  });

  test('clerk-js keeps cookies by which a server authenticates the browser before, during and after', async () => {
    const { publishableKey, baseUrl } = local.instance;
    await openApp();
    const authenticate = async () => {
      const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
      const request = new Request(`${baseUrl}/account`, { headers: { cookie, 'sec-fetch-dest': 'empty' } });
      return clerk().authenticateRequest(request, { publishableKey, authorizedParties: [baseUrl] });
    };

    const before = await authenticate();
    const { userId } = await redeemInPage(page, (await createTicket()).ticket);
    const during = await authenticate();
    await signOutInPage(page);
    const after = await authenticate();

    expect([before.status, during.status, after.status]).toEqual(['signed-out', 'signed-in', 'signed-out']);
    expect(during.toAuth()).toMatchObject({ userId, actor });
  });
});
