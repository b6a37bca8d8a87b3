/**
 * What an app with a cookie session of its own adds: a person starts to act as a user, each request says so, and the app refuses what only
 * the user may do. The person's own login stays below, untouched, and counts again afterwards.
 */
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Impersonation, Impersonations } from './impersonations.ts';

declare module 'express-session' {
  interface SessionData {
    /** The user who logged in at this browser. */
    userId: string | undefined;
    /** The session of actor tokens in which this browser acts as another user. While it is here, `userId` does not count. */
    actingIn: string | undefined;
  }
}

declare global {
  namespace Express {
    interface Request {
      /** Somebody acts as a user. Undefined for users themselves. */
      impersonation?: Impersonation;
    }
  }
}

type Answer = (request: Request, response: Response) => void;
type Refusal = (impersonation: Impersonation, response: Response) => void;

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Returns the user whose data the request is about; undefined when nobody is signed in. */
export function userIdOf({ impersonation, session }: Request): string | undefined {
  return impersonation?.userId ?? session.userId;
}

/** Says who is signed in at this browser from now on, in a new session: a cookie that was planted before is then worth nothing. */
export async function signInAs(
  request: Request,
  userId: string | undefined,
  actingIn: string | undefined = undefined,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request.session.regenerate((error) => (error ? reject(error) : resolve()));
  });
  Object.assign(request.session, { userId, actingIn });
}

/**
 * Refuses every change that a page of another origin asks for. Without it such a page could post a session token of its own, and the person
 * at this browser would work in somebody else's account without knowing.
 */
export function onlyFromOwnPages(origin: string): RequestHandler {
  return (request, response, next) => {
    if (readingMethods.has(request.method) || request.get('origin') === origin) next();
    else response.status(403).json({ error: 'foreign_origin' });
  };
}

/**
 * Adds `POST /impersonate`, to which the page `/impersonate` sends its session token; `POST /impersonate/stop`, after which the person's own
 * login counts again; and `POST /impersonate/check`, by which a page says that the session seems to have ended. They work in every state,
 * so they come before `actAsUser`.
 */
export function impersonationRoutes(impersonations: Impersonations, isUser: (userId: string) => boolean): Router {
  const router = Router();

  router.post('/impersonate', express.urlencoded({ extended: false }), async (request, response) => {
    try {
      const { sessionId, userId } = await impersonations.start(String(request.body?.token));
      if (!isUser(userId)) throw new Error('This app has no user of this external_id.');
      await signInAs(request, request.session.userId, sessionId);
      response.status(204).end();
    } catch (error) {
      // The reason is for the log only, and the token for neither.
      console.warn(`An impersonation was refused. ${error instanceof Error ? error.message : String(error)}`);
      response.status(403).json({ error: 'refused' });
    }
  });

  router.post('/impersonate/stop', async (request, response) => {
    const { userId, actingIn } = request.session;
    if (actingIn !== undefined) {
      await impersonations.end(actingIn);
      await signInAs(request, userId);
    }
    response.redirect(303, '/');
  });

  router.post('/impersonate/check', (request, response) => {
    if (request.session.actingIn !== undefined) impersonations.doubt(request.session.actingIn);
    response.status(204).end();
  });

  return router;
}

/**
 * Sets `request.impersonation`. Once an impersonation has ended, every request is answered with `ended` until the person stops it: nobody must
 * go on as themselves without noticing. While the API of actor tokens does not answer, requests are answered with `unknown`.
 */
export function actAsUser(
  impersonations: Impersonations,
  { ended, unknown }: { readonly ended: Answer; readonly unknown: Answer },
): RequestHandler {
  return async (request, response, next) => {
    const { actingIn } = request.session;
    if (actingIn === undefined) return next();
    try {
      const impersonation = await impersonations.find(actingIn);
      if (!impersonation) return ended(request, response);
      request.impersonation = impersonation;
    } catch (error) {
      console.warn(String(error));
      return unknown(request, response);
    }
    next();
  };
}

/** Answers with `refuse` to every request that can change something, while a person acts as a user and may only read. */
export function refuseChangesWhileReading(refuse: Refusal): RequestHandler {
  return ({ impersonation, method }, response, next) => {
    if (impersonation?.mayOnlyRead && !readingMethods.has(method)) refuse(impersonation, response);
    else next();
  };
}

/**
 * Answers with `refuse` to a form that was opened as somebody else than who is signed in now, in another tab for example. The form says in its
 * field `as` for whom it was made. It comes after the middleware that reads the body.
 */
export function refuseFormsOfOthers(refuse: Answer): RequestHandler {
  return (request, response, next) => {
    const as = request.body?.as;
    if (as === undefined || as === userIdOf(request)) next();
    else refuse(request, response);
  };
}

/** Admits users themselves only. Use it for e-mail address, password, second factors, payment, deletion, consent. */
export function refuseWhileImpersonating(refuse: Refusal): RequestHandler {
  return ({ impersonation }, response, next) => {
    if (impersonation) refuse(impersonation, response);
    else next();
  };
}
