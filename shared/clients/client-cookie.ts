/**
 * The browser's cookies. The client's cookie holds the client's secret, which scripts cannot read. `__client_uat` ("updated at") holds the
 * time of the sign-in for backends, or 0 when the browser is signed out.
 *
 * The client's cookie is host-only, so no sibling domain receives it. On a host of its own it is named `__Host-client`, so no sibling domain
 * can plant one either. Below a path of the app's origin it is named `__client` and has this path, so the app's own servers, and their
 * logs, do not receive it. The prefix `__Host-` permits no path, so a sibling domain can plant a second `__client`. The answer to a request
 * with two deletes every one but our own.
 * Source of names and meaning: Clerk's public documentation, How Clerk works; attributes and prefix: RFC 6265bis.
 */
import { isIP } from 'node:net';
import type { ClientId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import { type EpochMs, toNumericDate } from '../base/time.ts';
import type { PresentedClient } from './client.ts';
import { clientToken, parseClientToken } from './client-secret.ts';
import { setCookie } from './set-cookie.ts';

const LIFE = { maxAgeInSeconds: limits.clientCookieLifeInSeconds };
const DELETED = { maxAgeInSeconds: 0 };

function isBelowPath({ frontendApiPath }: Instance): boolean {
  return frontendApiPath !== '/';
}

function clientCookieName(instance: Instance): string {
  return isBelowPath(instance) ? '__client' : '__Host-client';
}

/**
 * The clients that a request's cookies claim, each once. A value that this product cannot have issued is ignored, such as one that Clerk's
 * own service left on the same host. When there are several, somebody may have planted all but one.
 */
export function presentedClients(cookies: readonly string[], instance: Instance): readonly PresentedClient[] {
  const prefix = `${clientCookieName(instance)}=`;
  const values = cookies.filter((cookie) => cookie.startsWith(prefix)).map((cookie) => cookie.slice(prefix.length));
  return [...new Set(values)].map(parseClientToken).filter((client) => client !== undefined);
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

function clientCookie(instance: Instance, value: string, life: { readonly maxAgeInSeconds: number }) {
  return setCookie(clientCookieName(instance), value, { path: instance.frontendApiPath, ...life, httpOnly: true });
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
 * Deletes every cookie with the name of the client's that this request's host and path can have received, except our own. A cookie of
 * another domain or path is never our own, so even a late answer may delete it. None where the name excludes such cookies.
 *
 * @param path of the request, below that of the Frontend API
 */
export function plantedCookiesCleared(instance: Instance, path: string): readonly string[] {
  if (!isBelowPath(instance)) return [];
  const { frontendApiUrl, frontendApiPath } = instance;
  const { hostname } = new URL(frontendApiUrl);
  const labels = isIP(hostname) ? [] : hostname.split('.');
  const domains = [undefined, ...labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))];
  // The path comes from the caller, and must not add attributes to a cookie.
  const segments = (frontendApiPath + (/^[\w./-]*/.exec(path)?.[0] ?? '')).split('/');
  const prefixes = segments.map((_, index) => segments.slice(0, index + 1).join('/'));
  const paths = prefixes.flatMap((prefix) => [prefix, `${prefix}/`]).filter((each) => each !== '');
  return domains
    .flatMap((domain) => paths.map((each) => ({ domain, path: each })))
    .filter((each) => each.domain !== undefined || each.path !== frontendApiPath)
    .map((each) => setCookie(clientCookieName(instance), '', { ...each, ...DELETED, httpOnly: true }));
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
  return setCookie(HANDSHAKE, jwt, handshakeAttributes(instance, limits.handshakeCookieLifeInSeconds));
}

/** Deletes the handshake's cookie. The page's server sets it with the others, so later requests do not have it. */
export function clearedHandshakeCookie(instance: Instance): string {
  return setCookie(HANDSHAKE, '', handshakeAttributes(instance, 0));
}
