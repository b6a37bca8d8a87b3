// A page of an app that uses the official, unmodified clerk-js, in a real browser.
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const dist = join(import.meta.dirname, '../../node_modules/@clerk/clerk-js/dist');

export interface ClerkPageOptions {
  /** Origin of the page: the Frontend API's own, or another one on the same site. */
  readonly origin: string;
  readonly frontendApiUrl: string;
  readonly publishableKey: string;
}

function html({ frontendApiUrl, publishableKey }: Omit<ClerkPageOptions, 'origin'>): string {
  return `<!doctype html><title>App</title><script src="/__app/clerk.browser.js"
    data-clerk-publishable-key="${publishableKey}" data-clerk-proxy-url="${frontendApiUrl}"></script>`;
}

/** Returns the app's page or a file of clerk-js for a path. */
async function appFile(url: string, options: Omit<ClerkPageOptions, 'origin'>) {
  const file = new URL(url).pathname.slice('/__app/'.length);
  if (file === '') return { contentType: 'text/html; charset=utf-8', body: html(options) };
  return { contentType: 'text/javascript; charset=utf-8', body: await readFile(join(dist, file), 'utf8') };
}

/**
 * Shows an app's page, with clerk-js loaded and ready. The page comes from an intercepted request. To call the Frontend API of
 * another origin, Chromium needs a page of a real server (`serveApp`).
 */
export async function openClerkPage(page: Page, options: ClerkPageOptions): Promise<Page> {
  const { origin, frontendApiUrl } = options;
  if (origin === frontendApiUrl) {
    await page.route(`${origin}/__app/**`, async (route) =>
      route.fulfill(await appFile(route.request().url(), options)),
    );
  }
  await page.goto(`${origin}/__app/`);
  await loadClerk(page);
  return page;
}

export interface AppServer {
  /** A name of 127.0.0.1, as Chromium knows every name below `localhost`. */
  readonly host?: string;
  /** The app's reverse proxy: it gets every request first, and returns true when it answers it. */
  readonly proxy?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** Serves an app's page on an origin of its own. The content is set later, because the Frontend API starts after this server. */
export async function serveApp(
  options: () => Omit<ClerkPageOptions, 'origin'>,
  { host = '127.0.0.1', proxy = () => false }: AppServer = {},
) {
  const server = createServer((request, response) => {
    if (proxy(request, response)) return;
    void appFile(`http://app${request.url}`, options()).then(
      ({ contentType, body }) => response.setHeader('content-type', contentType).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `http://${host}:${port}`, stop };
}

/** Loads clerk-js, as the app does after each load of its page. */
export async function loadClerk(page: Page): Promise<void> {
  const status = await page.evaluate(async () => {
    const { Clerk } = globalThis as unknown as ClerkWindow;
    await Clerk.load({ telemetry: false });
    return Clerk.status;
  });
  if (status !== 'ready') throw new Error(`clerk-js is ${status}.`);
}

interface ClerkError {
  readonly status?: number;
  readonly errors?: readonly { readonly code: string; readonly longMessage?: string }[];
}

/** The part of clerk-js that the tests use. */
export interface ClerkWindow {
  readonly Clerk: {
    readonly status: string;
    load(options: object): Promise<void>;
    signOut(callback?: () => void): Promise<void>;
    setActive(options: { readonly session: string | null }): Promise<void>;
    readonly client: { readonly signIn: { create(params: object): Promise<SignIn> } };
    readonly user: { readonly id: string } | null | undefined;
    readonly session:
      | {
          readonly id: string;
          readonly actor: object | null;
          getToken(options?: { readonly skipCache: boolean }): Promise<string | null>;
          touch(): Promise<unknown>;
        }
      | null
      | undefined;
  };
}

interface SignIn {
  readonly status: string;
  readonly createdSessionId: string;
}

export interface SignedIn {
  readonly status: string;
  readonly sessionId: string;
  readonly userId: string | undefined;
  readonly actor: object | null | undefined;
  readonly sessionToken: string | null | undefined;
}

/** Redeems a ticket and makes its session the active one, as an app's sign-in page does. */
export async function redeemInPage(page: Page, ticket: string): Promise<SignedIn> {
  return page.evaluate(async (presented) => {
    const { Clerk } = globalThis as unknown as ClerkWindow;
    const signIn = await Clerk.client.signIn.create({ strategy: 'ticket', ticket: presented });
    await Clerk.setActive({ session: signIn.createdSessionId });
    return {
      status: signIn.status,
      sessionId: signIn.createdSessionId,
      userId: Clerk.user?.id,
      actor: Clerk.session?.actor,
      sessionToken: await Clerk.session?.getToken(),
    };
  }, ticket);
}

/** Returns the refusal of a redemption: status, code, and the text for the person. */
export async function refusedRedemption(page: Page, ticket: string) {
  return page.evaluate(async (presented) => {
    const { Clerk } = globalThis as unknown as ClerkWindow;
    try {
      await Clerk.client.signIn.create({ strategy: 'ticket', ticket: presented });
      return undefined;
    } catch (thrown) {
      const { status, errors } = thrown as ClerkError;
      return { status, code: errors?.[0]?.code, text: errors?.[0]?.longMessage };
    }
  }, ticket);
}

/** Returns the session of which clerk-js knows. */
export async function sessionInPage(page: Page): Promise<string | undefined> {
  return page.evaluate(() => (globalThis as unknown as ClerkWindow).Clerk.session?.id);
}

/** Requests a session token from the Frontend API; returns undefined when it is refused. */
export async function freshTokenInPage(page: Page): Promise<string | undefined> {
  return page.evaluate(async () => {
    const { session } = (globalThis as unknown as ClerkWindow).Clerk;
    return (await session?.getToken({ skipCache: true }).catch(() => undefined)) ?? undefined;
  });
}

export async function signOutInPage(page: Page): Promise<void> {
  await page.evaluate(() => (globalThis as unknown as ClerkWindow).Clerk.signOut(() => undefined));
}
