/**
 * The browser's cookies. `__client` holds the client's secret, which scripts cannot read. `__client_uat` ("updated at") holds the time
 * of the sign-in for backends, or 0 when the browser is signed out.
 *
 * `__client` is host-only, so no sibling domain receives it. Its path is that of the Frontend API, so behind the app's reverse proxy the
 * app's own servers, and their logs, do not receive it either. It cannot be named `__Host-…`, because its name is published.
 * Source of names and meaning: Clerk's public documentation, How Clerk works; attributes: RFC 6265bis.
 */
import type { ClientId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import { type EpochMs, MINUTE_IN_SECONDS, toNumericDate } from '../base/time.ts';
import type { PresentedClient } from './client.ts';
import { clientToken, parseClientToken } from './client-secret.ts';
import { setCookie } from './set-cookie.ts';

/** The client that the cookies of a request claim: none, one, or several that contradict each other. */
export type PresentedCookie = PresentedClient | 'none' | 'ambiguous';

const LIFE = { maxAgeInSeconds: limits.clientCookieLifeInSeconds };
const DELETED = { maxAgeInSeconds: 0 };

/**
 * The client that a request's cookies claim. A value that this product cannot have issued is ignored, such as one that Clerk's own
 * service left on the same host. When there are two possible values, somebody may have planted one, so neither is accepted.
 */
export function presentedClient(cookies: readonly string[]): PresentedCookie {
  const claimed = cookies
    .filter((cookie) => cookie.startsWith('__client='))
    .map((cookie) => parseClientToken(cookie.slice('__client='.length)))
    .filter((client) => client !== undefined);
  if (claimed.length > 1) return 'ambiguous';
  return claimed[0] ?? 'none';
}

function suffixes({ cookieSuffix }: Instance): readonly string[] {
  return ['', cookieSuffix];
}

function uatCookie({ cookieDomain: domain }: Instance, suffix: string, value: number): string {
  return setCookie(`__client_uat${suffix}`, String(value), { path: '/', domain, ...LIFE });
}

function uatCookies(instance: Instance, value: number): readonly string[] {
  return suffixes(instance).map((suffix) => uatCookie(instance, suffix, value));
}

function clientCookie({ frontendApiPath: path }: Instance, value: string, life: { readonly maxAgeInSeconds: number }) {
  return setCookie('__client', value, { path, ...life, httpOnly: true });
}

/** The cookies of a sign-in: the client's new secret, and the time of the sign-in. */
export function signedInCookies(
  instance: Instance,
  { id, secret }: { readonly id: ClientId; readonly secret: string },
  now: EpochMs,
): readonly string[] {
  return [clientCookie(instance, clientToken(id, secret), LIFE), ...uatCookies(instance, toNumericDate(now))];
}

/** The cookies of a sign-out. The browser stays the same client. */
export function signedOutCookies(instance: Instance): readonly string[] {
  return uatCookies(instance, 0);
}

/** Deletes the client's cookie. */
export function clearedCookies(instance: Instance): readonly string[] {
  return [clientCookie(instance, '', DELETED), ...uatCookies(instance, 0)];
}

/**
 * The cookies that a page's own server sets after a handshake: the session token where clerk-js keeps it, and the time of the sign-in.
 * They have one of the two names only, because the handshake's own cookie contains them, and browsers drop a cookie of over 4,096 bytes.
 */
export function handshakeCookies(
  instance: Instance,
  { sessionToken, signedInAt, suffix }: { sessionToken: string; signedInAt: EpochMs; suffix: string },
): readonly string[] {
  return [
    setCookie(`__session${suffix}`, sessionToken, { path: '/', ...LIFE }),
    uatCookie(instance, suffix, toNumericDate(signedInAt)),
  ];
}

/** The cookies of a handshake for a browser that is signed out, under both names. */
export function handshakeSignedOutCookies(instance: Instance): readonly string[] {
  const cleared = suffixes(instance).map((suffix) => setCookie(`__session${suffix}`, '', { path: '/', ...DELETED }));
  return [...cleared, ...uatCookies(instance, 0)];
}

const HANDSHAKE = '__clerk_handshake';

function handshakeAttributes({ cookieDomain: domain }: Instance, maxAgeInSeconds: number) {
  return { path: '/', domain, maxAgeInSeconds, httpOnly: true };
}

/** Carries the JWT of a handshake to the page's server. */
export function handshakeCookie(instance: Instance, jwt: string): string {
  return setCookie(HANDSHAKE, jwt, handshakeAttributes(instance, MINUTE_IN_SECONDS));
}

/** Deletes the handshake's cookie. The page's server sets it with the others, so later requests do not have it. */
export function clearedHandshakeCookie(instance: Instance): string {
  return setCookie(HANDSHAKE, '', handshakeAttributes(instance, 0));
}
