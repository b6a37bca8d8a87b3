// Two instances on two hosts of one site. The first stands in for Clerk's: like Clerk's it sets `__client_uat` for the whole domain.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import express from 'express';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../cdk/config/config.ts';
import { onlyOwnCookies } from '../../examples/beside-clerk/own-cookies.ts';
import { createLink } from '../../examples/create-link.ts';
import { createApp } from '../../examples/express/app.ts';
import { listenLocally } from '../../local/aws/server.ts';
import type { Local } from '../../local/product-stack.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { passOn } from '../support/reverse-proxy.ts';
import { startSynthesized } from '../support/synthesized-stack.ts';

interface Started {
  readonly local: Local;
  readonly origin: string;
  /** The same app on the same host, without `onlyOwnCookies`. */
  readonly plainOrigin: string;
  /** The names of the cookies that the app and its Frontend API received. */
  readonly received: Set<string>;
  /** The redirects to the handshake that the Frontend API received. */
  readonly handshakes: string[];
  stop(): Promise<void>;
}

/** Starts the Express example on a host, with a Frontend API beside it whose cookies reach every host below `cookieDomain`. */
async function startOn(host: string, apiHost: string, cookieDomain: string): Promise<Started> {
  await using starting = new AsyncDisposableStack();
  const received = new Set<string>();
  const handshakes: string[] = [];
  const note = (header = '') => {
    for (const cookie of header.split('; ')) received.add(cookie.split('=')[0] ?? '');
  };
  const servers = [createServer(), createServer()] as const;
  const [app, plain] = await Promise.all(servers.map((server) => listenLocally(server, 0)));
  const api = await listenLocally(
    createServer((request, response) => {
      note(request.headers.cookie);
      if (request.url?.startsWith('/v1/client/handshake')) handshakes.push(request.url);
      const { baseUrl, publishableKey, secretKey } = local.instance;
      passOn(request, response, { apiUrl: baseUrl, path: '', publishableKey, secretKey });
    }),
    0,
  );
  for (const server of [app, plain, api]) if (server) starting.defer(server.stop);
  const origin = `http://${host}:${app?.port}`;
  const plainOrigin = `http://${host}:${plain?.port}`;
  const frontendApiUrl = `http://${apiHost}:${api.port}`;
  const variables = { ALLOWED_ORIGINS: `${origin},${plainOrigin}`, COOKIE_DOMAIN: cookieDomain };
  const local = await startSynthesized('beside-clerk', variables, { apiUrl: frontendApiUrl });
  starting.defer(local.stop);
  const { publishableKey, secretKey, baseUrl } = local.instance;
  const options = { publishableKey, secretKey, apiUrl: baseUrl, frontendApiUrl };
  for (const server of servers) server.on('request', ({ headers }) => note(headers.cookie));
  servers[0].on('request', express().use(onlyOwnCookies(publishableKey), createApp({ ...options, origin })));
  servers[1].on('request', createApp({ ...options, origin: plainOrigin }));
  const stop = starting.move();
  return { local, origin, plainOrigin, received, handshakes, stop: () => stop.disposeAsync() };
}

let chromium: Browser;
let clerk: Started;
let ours: Started;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  if (!hasChromium) return;
  [chromium, clerk, ours] = await Promise.all([
    launchChromium(),
    startOn('app.example.localhost', 'clerk.example.localhost', 'example.localhost'),
    startOn('support.example.localhost', 'clerk.support.example.localhost', 'support.example.localhost'),
  ]);
});

afterAll(async () => {
  if (!hasChromium) return;
  await Promise.all([chromium.close(), clerk.stop(), ours.stop()]);
});

beforeEach(async () => {
  if (!hasChromium) return;
  context = await chromium.newContext();
  page = await context.newPage();
  page.setDefaultTimeout(10_000);
  for (const { received, handshakes } of [clerk, ours]) {
    received.clear();
    handshakes.length = 0;
  }
});

async function signIn({ local }: Started, origin: string, userId: string): Promise<void> {
  const { url } = await createLink(local.instance, 'user_support', { userId });
  const ticket = new URL(url).searchParams.get('ticket');
  await page.goto(`${origin}/sign-in?__clerk_ticket=${ticket}`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${origin}/`);
}

/** A user signs in to the app of the users' host, which knows nothing of the second one. */
const signInWithClerk = () => signIn(clerk, clerk.plainOrigin, 'customer_grace');

/** An agent signs in to the app of the second host. */
const signInHere = () => signIn(ours, ours.origin, 'customer_ada');

async function userOn(origin: string): Promise<string> {
  await page.goto(`${origin}/`);
  return (await page.locator('main').textContent()) ?? '';
}

async function stopOn(origin: string): Promise<void> {
  await page.goto(origin);
  await page.getByRole('button', { name: /^Stop/ }).click();
  await page.getByRole('heading', { name: 'Signed out' }).waitFor();
}

const suffixOf = ({ local }: Started) =>
  createHash('sha1').update(local.instance.publishableKey).digest('base64url').slice(0, 8);

test('the configuration of the recipe keeps our cookies below the second host', () => {
  const [, json = ''] = /^```json\n(.*?)^```/ms.exec(readFileSync('examples/beside-clerk/README.md', 'utf8')) ?? [];

  expect(parseConfig(JSON.parse(json)).cookieDomain).toBe('support.example.com');
});

describe.skipIf(!hasChromium)('on two hosts of one site', () => {
  test('each app shows its own user, and neither end ends the other', async () => {
    await signInWithClerk();
    await signInHere();

    expect(await userOn(clerk.plainOrigin)).toContain('Grace Hopper');
    expect(await userOn(ours.origin)).toContain('Ada Lovelace');
    await stopOn(clerk.plainOrigin);
    expect(await userOn(ours.origin)).toContain('Ada Lovelace');
    await signInWithClerk();
    await stopOn(ours.origin);
    expect(await userOn(clerk.plainOrigin)).toContain('Grace Hopper');
    expect(await userOn(ours.origin)).toContain('Nobody is signed in.');
  });

  test("no cookie of ours reaches Clerk's hosts", async () => {
    await signInHere();
    await userOn(ours.origin);
    const mine = new Set(ours.received);
    await signInWithClerk();
    await userOn(clerk.plainOrigin);

    expect([...mine]).toContain(`__client_uat_${suffixOf(ours)}`);
    expect([...clerk.received]).toContain(`__client_uat_${suffixOf(clerk)}`);
    expect([...clerk.received].filter((name) => name.endsWith(suffixOf(ours)))).toEqual([]);
  });

  test("Clerk's __client_uat reaches our host, and without onlyOwnCookies every page there is redirected", async () => {
    await signInWithClerk();

    for (const visits of [1, 2]) {
      expect(await userOn(ours.plainOrigin)).toContain('Nobody is signed in.');
      expect(ours.handshakes).toHaveLength(visits);
    }
  });

  test('without onlyOwnCookies too, whoever is signed in here works here', async () => {
    await signInWithClerk();
    await signIn(ours, ours.plainOrigin, 'customer_ada');

    expect(await userOn(ours.plainOrigin)).toContain('Ada Lovelace');
    expect(await userOn(clerk.plainOrigin)).toContain('Grace Hopper');
    expect(ours.handshakes).toEqual([]);
  });

  test('with onlyOwnCookies a visitor of our host is signed out without a redirect', async () => {
    await signInWithClerk();

    expect(await userOn(ours.origin)).toContain('Nobody is signed in.');
    expect([...ours.received]).toContain('__client_uat');
    expect(ours.handshakes).toEqual([]);
  });

  test('with onlyOwnCookies a page without a session token is shown after one handshake', async () => {
    await signInWithClerk();
    await signInHere();
    await page.goto('about:blank');
    await context.clearCookies({ name: /^__session/, domain: 'support.example.localhost' });

    expect(await userOn(ours.origin)).toContain('Ada Lovelace');
    expect(ours.handshakes).toHaveLength(1);
    expect(await userOn(clerk.plainOrigin)).toContain('Grace Hopper');
  });
});
