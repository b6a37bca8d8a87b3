import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';

/** The cookies that Clerk's clients share by name. Each exists without a suffix, and with one that is made from a publishable key. */
const shared = /^__(?:client_uat|session)(?:_[\w-]{8})?$/;

/**
 * Removes the cookies of other publishable keys from each request, before Clerk's middleware reads them. Clerk sets `__client_uat` for your whole
 * domain, so this host receives it too. Without this, a visitor who is signed in with Clerk and not here is redirected at every page,
 * because the middleware takes that cookie for one of this host and asks the Frontend API of this host for the session.
 */
export function onlyOwnCookies(publishableKey: string): RequestHandler {
  const suffix = createHash('sha1').update(publishableKey).digest('base64url').slice(0, 8);
  return (request, _response, next) => {
    const cookies = request.headers.cookie?.split('; ') ?? [];
    const isOwn = (cookie: string) => {
      const name = cookie.split('=', 1)[0] ?? '';
      return !shared.test(name) || name.endsWith(`_${suffix}`);
    };
    request.headers.cookie = cookies.filter(isOwn).join('; ');
    next();
  };
}
