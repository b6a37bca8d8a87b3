// The two ways to put the Frontend API on the app's own site, each with a stack of its own, and a sibling: another host of the site.
import { createServer } from 'node:http';
import { createClerkClient } from '@clerk/backend';
import { listenLocally } from '../../local/aws/server.ts';
import type { Local } from '../../local/product-stack.ts';
import { serveApp } from './clerk-page.ts';
import { type Forward, passOn } from './reverse-proxy.ts';
import { startSynthesized } from './synthesized-stack.ts';

export const actor = { sub: 'user_support', name: 'Sam Support' };
const proxyPath = '/__clerk';

export interface Site {
  readonly local: Local;
  /** The origin of the app's page. */
  readonly origin: string;
  /** The names of the cookies that the app's own server received. */
  readonly seenByApp: Set<string>;
  stop(): Promise<void>;
}

/** A request for a handshake, as the API received it, and its status. */
interface SeenHandshake {
  readonly dest: string;
  readonly purpose: string;
  readonly status: number;
}

interface BesideTheApp extends Site {
  readonly strayOrigin: string;
  readonly handshakes: SeenHandshake[];
}

function cookieNames(header = ''): readonly string[] {
  return header.split('; ').map((cookie) => cookie.split('=')[0] ?? '');
}

/**
 * Starts the page on app.localhost and the Frontend API on clerk.app.localhost, as with a custom domain beside the app's. A
 * second page calls the API by a name on another site.
 */
export async function startBesideTheApp(): Promise<BesideTheApp> {
  await using starting = new AsyncDisposableStack();
  const seenByApp = new Set<string>();
  const handshakes: SeenHandshake[] = [];
  const host = 'app.localhost';
  const app = await serveApp(() => local.instance, {
    host,
    proxy: (request) => {
      for (const name of cookieNames(request.headers.cookie)) seenByApp.add(name);
      return false;
    },
  });
  starting.defer(app.stop);
  const stray = await serveApp(
    () => ({ ...local.instance, frontendApiUrl: frontendApiUrl.replace('clerk.app.', 'clerk.elsewhere.') }),
    { host },
  );
  starting.defer(stray.stop);
  const server = createServer((request, response) => {
    const { baseUrl, publishableKey, secretKey } = local.instance;
    const { 'sec-fetch-dest': dest = '', 'sec-purpose': purpose = '' } = request.headers;
    response.on('finish', () => {
      if (request.url?.startsWith('/v1/client/handshake'))
        handshakes.push({ dest: String(dest), purpose: String(purpose), status: response.statusCode });
    });
    passOn(request, response, { apiUrl: baseUrl, path: '', publishableKey, secretKey });
  });
  const api = await listenLocally(server, 0);
  starting.defer(api.stop);
  const frontendApiUrl = `http://clerk.${host}:${api.port}`;
  // The configuration would refuse these: with http it accepts 127.0.0.1 and localhost only.
  const signInUrl = `${app.origin}/__app/`;
  const variables = { ALLOWED_ORIGINS: `${app.origin},${stray.origin}`, COOKIE_DOMAIN: host, SIGN_IN_URL: signInUrl };
  const local = await startSynthesized('same-site', variables, { apiUrl: frontendApiUrl });
  starting.defer(local.stop);
  const stop = starting.move();
  return {
    local,
    origin: app.origin,
    strayOrigin: stray.origin,
    seenByApp,
    handshakes,
    stop: () => stop.disposeAsync(),
  };
}

/** Starts the page and, below a path of its origin, the Frontend API behind the app's reverse proxy. */
export async function startBelowTheApp(forward: Forward, host = '127.0.0.1'): Promise<Site> {
  await using starting = new AsyncDisposableStack();
  const seenByApp = new Set<string>();
  const app = await serveApp(() => local.instance, {
    host,
    proxy: (request, response) => {
      if (!request.url?.startsWith(`${proxyPath}/`)) {
        for (const name of cookieNames(request.headers.cookie)) seenByApp.add(name);
        return false;
      }
      const { baseUrl, publishableKey, secretKey } = local.instance;
      forward(request, response, { apiUrl: baseUrl, path: proxyPath, publishableKey, secretKey });
      return true;
    },
  });
  starting.defer(app.stop);
  const frontendApiUrl = app.origin + proxyPath;
  const local = await startSynthesized('same-site', {}, { apiUrl: frontendApiUrl });
  starting.defer(local.stop);
  const stop = starting.move();
  return { local, origin: app.origin, seenByApp, stop: () => stop.disposeAsync() };
}

export function backendOf({ local }: Site) {
  const { secretKey, publishableKey, baseUrl } = local.instance;
  return createClerkClient({ secretKey, publishableKey, apiUrl: baseUrl, telemetry: { disabled: true } });
}

export async function createActorToken(site: Site) {
  const [userId = ''] = site.local.instance.userIds;
  const { token, url } = await backendOf(site).actorTokens.create({ userId, actor });
  return { ticket: token ?? '', url: url ?? '', userId };
}

/** Starts another host of the site. Its page sets the cookies that a test gives it, and it remembers those that it receives. */
export async function startSibling(host: string) {
  const received: string[] = [];
  const planted: string[] = [];
  const content: { html: string } = { html: '' };
  const { origin, stop } = await serveApp(
    () => {
      throw new Error('A sibling has no page of the app.');
    },
    {
      host,
      proxy: (request, response) => {
        received.push(...cookieNames(request.headers.cookie));
        response.setHeader('set-cookie', planted);
        response.setHeader('content-type', 'text/html; charset=utf-8');
        // With a text, Node would write the header in the encoding of the body, and not byte for byte.
        response.end(Buffer.from(`<!doctype html><title>Sibling</title>${content.html}`));
        return true;
      },
    },
  );
  return { origin, stop, received, planted, content };
}
