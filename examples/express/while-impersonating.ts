import { getAuth } from '@clerk/express';
import type { Request, RequestHandler, Response } from 'express';

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
