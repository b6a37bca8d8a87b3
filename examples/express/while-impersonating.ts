import { getAuth } from '@clerk/express';
import type { Request, RequestHandler, Response } from 'express';

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Answers with `refuse` to every request that can change something, while a person acts as a user and may only read: the policy says so
 * in the claim `act_mode`. A value that this code does not know counts as reading only.
 */
export function refuseChangesWhileReading(refuse: (request: Request, response: Response) => void): RequestHandler {
  return (request, response, next) => {
    const mayOnlyRead = getAuth(request).sessionClaims?.act_mode !== undefined;
    if (mayOnlyRead && !readingMethods.has(request.method)) refuse(request, response);
    else next();
  };
}

/**
 * Admits users themselves, and answers with `refuse` while a person acts as a user. Use it for actions that only the user may
 * take: e-mail address, password, second factors, payout details, deletion, consent.
 */
export function refuseWhileImpersonating(
  refuse: (request: Request, response: Response, actorSub: string) => void,
): RequestHandler {
  return (request, response, next) => {
    const { actor } = getAuth(request);
    if (actor) refuse(request, response, actor.sub);
    else next();
  };
}
