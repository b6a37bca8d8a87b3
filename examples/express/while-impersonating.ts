import { getAuth } from '@clerk/express';
import type { Request, RequestHandler, Response } from 'express';

/**
 * Lets through what users do themselves, and answers with `refuse` while somebody acts as them. For what must stay theirs
 * whoever helps them: e-mail address, password, second factors, payout details, deletion, consent.
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
