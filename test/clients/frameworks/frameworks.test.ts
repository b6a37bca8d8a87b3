// The official clients of server frameworks, in apps that docs/clients.md shows.
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { listenLocally } from '../../../local/aws/server.ts';
import { sessionTokenForge } from '../../examples/session-tokens.ts';
import type { HttpBrowser } from '../../support/http-browser.ts';
import { aSignedInBrowser, type SignedIn } from '../backend/clerk.ts';
import { answerMe, createLink, openClerk } from './backend-app.ts';
import { expressApp } from './express-app.ts';
import { fastifyApp } from './fastify-app.ts';
import { honoApp } from './hono-app.ts';

const { publishableKey, secretKey, baseUrl: apiUrl, frontendApiUrl, allowedOrigin: origin } = inject('stack');
const { dir, environment: functionEnvironment } = inject('stack');
const options = { publishableKey, secretKey, apiUrl, origin };
const actor = { sub: 'support_7', reason: 'SUP-1' };
const hono = honoApp(options);
const fastify = fastifyApp(options);
const clerk = openClerk(options);
const stops: (() => Promise<void>)[] = [() => fastify.close()];
let signedIn: SignedIn;
let tokenOfAnotherPage: string;
let expressUrl: string;
let fastifyUrl: string;

beforeAll(async () => {
  const { endpoint, stop } = await listenLocally(createServer(expressApp(options)), 0);
  stops.push(stop);
  expressUrl = endpoint;
  fastifyUrl = await fastify.listen({ host: '127.0.0.1', port: 0 });
  signedIn = await aSignedInBrowser({ actor });
  const forge = await sessionTokenForge(dir, { functionEnvironment });
  tokenOfAnotherPage = await forge.sign(signedIn.sessionToken, { azp: 'https://other.example' });
});

afterAll(() => Promise.all(stops.map((stop) => stop())));

type Headers = Readonly<Record<string, string>>;

/** Returns the cookies that reach the app's own server: without the client's, which only the API's host gets. */
function cookiesOf({ cookies }: HttpBrowser, written: Headers = {}): string {
  const all = { ...Object.fromEntries(cookies), ...written };
  const pairs = Object.entries(all).filter(([name]) => !/^__(Host-)?client(_hash)?$/.test(name));
  return pairs.map(([name, value]) => `${name}=${value}`).join('; ');
}

describe.each([
  ['@clerk/backend', (headers: Headers) => answerMe(clerk, new Request(`${origin}/me`, { headers }), origin)],
  ['@clerk/express', (headers: Headers) => fetch(`${expressUrl}/me`, { headers, redirect: 'manual' })],
  ['@clerk/fastify', (headers: Headers) => fetch(`${fastifyUrl}/me`, { headers, redirect: 'manual' })],
  ['@clerk/hono', async (headers: Headers) => hono.request(`${origin}/me`, { headers })],
])('%s', (_name, get) => {
  test('a session token in the Authorization header names user and actor', async () => {
    const response = await get({ authorization: `Bearer ${signedIn.sessionToken}` });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ userId: signedIn.userId, actor });
  });

  test('the cookies of an impersonating browser name user and actor', async () => {
    const cookie = cookiesOf(signedIn.browser, { __session: signedIn.sessionToken });

    const response = await get({ cookie, 'sec-fetch-dest': 'document', accept: 'text/html' });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ userId: signedIn.userId, actor });
  });

  test('a page of a browser without a session token is redirected to the handshake', async () => {
    const cookie = cookiesOf(signedIn.browser);

    const response = await get({ cookie, 'sec-fetch-dest': 'document', accept: 'text/html' });
    const location = new URL(response.headers.get('location') ?? '');

    expect(response.status).toBe(307);
    expect(location.host).toBe(new URL(frontendApiUrl).host);
    expect(location.pathname).toBe('/v1/client/handshake');
  });

  test('a session token of another page is signed out', async () => {
    const response = await get({ authorization: `Bearer ${tokenOfAnotherPage}` });

    expect(response.status).toBe(401);
  });

  test('a caller without a session token is signed out', async () => {
    const response = await get({});

    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: 'signed_out' });
  });
});

test('@clerk/backend creates the link of an actor token', async () => {
  expect(await createLink(clerk, signedIn.userId, 'support_7')).toContain(
    `${frontendApiUrl}/v1/tickets/accept?ticket=`,
  );
});
