/**
 * The browser's cookies. The client's cookie holds the client's secret, which scripts cannot read. `__client_uat` ("updated at") holds the
 * time of the sign-in for backends, or 0 when the browser is signed out.
 *
 * The client's cookie is host-only, so no sibling domain receives it. On a host of its own it is named `__Host-client`, so no sibling
 * domain can plant one either. Below a path of the app's origin it is named `__client` and has this path, so the app's own servers, and their
 * logs, do not receive it. The prefix `__Host-` permits no path, so a sibling domain can plant another `__client`. A second cookie,
 * `__Host-client_hash`, tells them apart: it contains a part of the hash of the true secret, which the app's servers may know.
 * Source of names and meaning: Clerk's public documentation, How Clerk works; attributes and prefix: RFC 6265bis.
 */
import type { ClientId } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import { type EpochMs, toNumericDate } from '../base/time.ts';
import type { ClaimedClients, PresentedClient } from './client.ts';
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

const HASH_COOKIE = '__Host-client_hash';

/** 128 bits of the hash, in hexadecimal: nobody finds another secret with the same ones. */
function partOfHash({ secretHash }: PresentedClient): string {
  return secretHash.slice(0, 32);
}

/**
 * The clients that a request's cookies claim, each once. A value that this product cannot have issued is ignored, such as one that Clerk's
 * own service left on the same host.
 */
export function presentedClients(cookies: readonly string[], instance: Instance): ClaimedClients {
  const prefix = `${clientCookieName(instance)}=`;
  const values = cookies.filter((cookie) => cookie.startsWith(prefix)).map((cookie) => cookie.slice(prefix.length));
  const claimed = [...new Set(values)].map(parseClientToken).filter((client) => client !== undefined);
  const isSure = (client: PresentedClient) =>
    !isBelowPath(instance) || cookies.includes(`${HASH_COOKIE}=${partOfHash(client)}`);
  return { clients: claimed.filter(isSure), doubtful: claimed.filter((client) => !isSure(client)) };
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

/** The cookies of a client token, with their life. */
function clientCookies(instance: Instance, token: string, life: { readonly maxAgeInSeconds: number }) {
  const attributes = { ...life, httpOnly: true };
  const client = setCookie(clientCookieName(instance), token, { path: instance.frontendApiPath, ...attributes });
  if (!isBelowPath(instance)) return [client];
  const claimed = parseClientToken(token);
  return [client, setCookie(HASH_COOKIE, claimed ? partOfHash(claimed) : '', { path: '/', ...attributes })];
}

/** The cookies of a sign-in: the client's new secret, and the time of the sign-in. */
export function signedInCookies(
  instance: Instance,
  { id, secret }: { readonly id: ClientId; readonly secret: string },
  now: EpochMs,
): readonly string[] {
  return [...clientCookies(instance, clientToken(id, secret), LIFE), ...uatCookies(instance, toNumericDate(now))];
}

/** The cookies of a sign-out. The browser stays the same client. */
export function signedOutCookies(instance: Instance): readonly string[] {
  return uatCookies(instance, 0);
}

/** Deletes the client's cookies. */
export function clearedCookies(instance: Instance): readonly string[] {
  return [...clientCookies(instance, '', DELETED), ...uatCookies(instance, 0)];
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
