/**
 * The browser's cookies. `__client` holds the client's secret, out of reach of scripts; `__client_uat` ("updated at") tells
 * backends since when the browser is signed in, 0 meaning signed out.
 *
 * `__client` is host-only, so that no sibling domain sees it, and sent to the Frontend API's path alone: behind the app's
 * reverse proxy the app's own servers, and their logs, do not. It cannot be named `__Host-…`, because its name is published.
 * Source of names and meaning: Clerk's public documentation, How Clerk works; attributes: RFC 6265bis.
 */
import { createHash, randomBytes } from 'node:crypto';
import { config } from '../base/config.ts';
import { type ClientId, isId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { type EpochMs, toNumericDate } from '../base/time.ts';
import type { PresentedClient } from './client.ts';

const SECRET_BYTES = 32;
const SECRET_GRAMMAR = /^[A-Za-z0-9_-]{43}$/;

export interface ClientSecret {
  readonly secret: string;
  readonly hash: string;
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export function newClientSecret(): ClientSecret {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { secret, hash: hashOf(secret) };
}

export type PresentedCookie = PresentedClient | 'none' | 'ambiguous';

/** The client that a token claims: the value of the cookie, or what a native application keeps in its place. */
export function clientOfToken(token: string): PresentedClient | undefined {
  const [id, secret, ...rest] = token.split('.');
  if (!isId('client', id) || !secret || !SECRET_GRAMMAR.test(secret) || rest.length > 0) return undefined;
  return { id, secretHash: hashOf(secret) };
}

/** What proves that a browser, or a native application, is this client. */
export function clientToken(id: ClientId, secret: string): string {
  return `${id}.${secret}`;
}

/**
 * The client that a request's cookies claim. A value we cannot have issued counts as none, such as one that Clerk's own service
 * left on the same host. Two that we can mean that somebody planted one, and neither can be believed.
 */
export function presentedClient(cookies: readonly string[]): PresentedCookie {
  const claimed = cookies
    .filter((cookie) => cookie.startsWith('__client='))
    .map((cookie) => clientOfToken(cookie.slice('__client='.length)))
    .filter((client) => client !== undefined);
  if (claimed.length > 1) return 'ambiguous';
  return claimed[0] ?? 'none';
}

/** Ends the second name of a cookie, which belongs to one publishable key and which `@clerk/backend` prefers. */
export const COOKIE_SUFFIX = `_${config.cookieSuffix}`;
const NAME_ENDINGS = ['', COOKIE_SUFFIX];

function uatCookie(suffix: string, value: number): string {
  const domain = config.cookieDomain ? `; Domain=${config.cookieDomain}` : '';
  return `__client_uat${suffix}=${value}; Path=/${domain}; Max-Age=${limits.clientCookieLifeInSeconds}; Secure; SameSite=Lax`;
}

function uatCookies(value: number): readonly string[] {
  return NAME_ENDINGS.map((suffix) => uatCookie(suffix, value));
}

/** After a sign-in: the client's new secret, and since when it is signed in. */
export function signedInCookies(id: ClientId, secret: string, now: EpochMs): readonly string[] {
  const attributes = `Path=${config.frontendApiPath}; Max-Age=${limits.clientCookieLifeInSeconds}; HttpOnly; Secure; SameSite=Lax`;
  return [`__client=${clientToken(id, secret)}; ${attributes}`, ...uatCookies(toNumericDate(now))];
}

/** After a sign-out: the browser stays the same client. */
export function signedOutCookies(): readonly string[] {
  return uatCookies(0);
}

/**
 * What a handshake tells a page's own server to set: the session token where clerk-js keeps it, and since when. Under one of
 * the two names only: the token travels inside a cookie, which browsers drop beyond 4096 bytes.
 */
export function handshakeCookies(sessionToken: string, signedInAt: EpochMs, suffix: string): readonly string[] {
  const attributes = `Path=/; Max-Age=${limits.clientCookieLifeInSeconds}; Secure; SameSite=Lax`;
  return [`__session${suffix}=${sessionToken}; ${attributes}`, uatCookie(suffix, toNumericDate(signedInAt))];
}

/** As above, for a browser that is signed out: under both names. */
export function handshakeSignedOutCookies(): readonly string[] {
  const cleared = NAME_ENDINGS.map((suffix) => `__session${suffix}=; Path=/; Max-Age=0; Secure; SameSite=Lax`);
  return [...cleared, ...uatCookies(0)];
}

/** For a cookie that is of no more use. */
export function clearedCookies(): readonly string[] {
  return [`__client=; Path=${config.frontendApiPath}; Max-Age=0; HttpOnly; Secure; SameSite=Lax`, ...uatCookies(0)];
}
