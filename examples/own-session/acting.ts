/**
 * The parts that an app with a cookie session of its own adds: a person starts to act as a user, each request says so, and the app refuses
 * the actions that only the user may do. The person's own session is put aside, and comes back afterwards.
 */
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Impersonation, Impersonations } from './impersonations.ts';

/** Fields of a session, such as `{ userId: 'customer_ada' }`. They must survive JSON. */
export type Fields = Readonly<Record<string, unknown>>;

interface Acting {
  /** The session of actor tokens in which this browser acts as another user. */
  readonly sessionId: string;
  /** What the app's login writes into the session for this user. */
  readonly login: Fields;
  /** The person's own session: their login, and whatever else the app keeps there. */
  readonly putAside: Fields;
}

declare module 'express-session' {
  interface SessionData {
    /** Somebody acts as a user at this browser, or did so until the session ended by itself. */
    acting: Acting | undefined;
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

/**
 * Returns what the app's login would write into the session for one of its users; undefined when it has no user of this id. It is the one
 * place that names the field of the login, and that makes the app's own id of the text.
 */
export type LoginOf = (externalId: string) => Fields | undefined | Promise<Fields | undefined>;

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What the page `/impersonate` says when the app starts no session. */
const refusals = {
  unknown_user: 'This app does not know this user, so the session has been ended.',
  started_before: 'This session has been started before. Go to the app, or ask for a new link.',
  has_ended: 'This session has ended. Go to the app, or ask for a new link.',
  failed: 'The app could not start this session. Its log says why.',
};

/** Gives the browser a new session with these fields alone: a cookie that was planted before is then worth nothing. */
export async function renewSession(request: Request, fields: Fields): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request.session.regenerate((error) => (error ? reject(error) : resolve()));
  });
  Object.assign(request.session, fields);
}

/** Returns what is to be restored when the person stops. */
function putAside({ session }: Request): Fields {
  const { cookie: _, acting, ...fields } = session;
  return acting?.putAside ?? fields;
}

function isFromOwnPage(request: Request, origin: string): boolean {
  const sent = request.get('origin');
  if (sent === origin) return true;
  // The forms of a page with the Referrer-Policy `no-referrer` send "null". No page can write Sec-Fetch-Site by itself.
  return (sent === undefined || sent === 'null') && request.get('sec-fetch-site') === 'same-origin';
}

/**
 * Answers with `refuse` to every change that a page of another origin asks for: to start, check or stop an impersonation, and all changes at a
 * browser that acts as a user. Without it such a page could post a session token of its own, and the person at this browser would work in
 * somebody else's account without knowing. Everybody else's requests are left to the app.
 */
export function onlyFromOwnPages(origin: string, refuse: Answer): RequestHandler {
  return (request, response, next) => {
    const { method, path, session } = request;
    const isGuarded = session.acting !== undefined || path.toLowerCase().startsWith('/impersonate');
    if (!isGuarded || readingMethods.has(method) || isFromOwnPage(request, origin)) return next();
    const [sent, site] = [request.get('origin'), request.get('sec-fetch-site')].map((value) => JSON.stringify(value));
    console.warn(
      `${method} ${path} was refused: its Origin is ${sent}, its Sec-Fetch-Site ${site}, and this app's origin is "${origin}".`,
    );
    refuse(request, response);
  };
}

/**
 * Adds `POST /impersonate`, to which the page `/impersonate` sends its session token; `POST /impersonate/stop`, after which the person's own
 * session counts again; and `POST /impersonate/check`, by which a page says that the session seems to have ended. They work in every state,
 * so they come before `actAsUser`.
 */
export function impersonationRoutes(impersonations: Impersonations, loginOf: LoginOf): Router {
  const router = Router();

  router.post('/impersonate', express.urlencoded({ extended: false }), async (request, response) => {
    // The reason is for the log only, and the token for neither.
    const refuse = (error: keyof typeof refusals, reason: string) => {
      console.warn(`An impersonation was refused: ${reason}`);
      response.status(403).json({ error, message: refusals[error] });
    };
    try {
      const claims = await impersonations.verify(String(request.body?.token));
      const { sessionId, externalId } = claims;
      if (request.session.acting?.sessionId !== sessionId) {
        const login = await loginOf(externalId);
        if (!login) {
          await impersonations.end(sessionId);
          return refuse(
            'unknown_user',
            `this app has no user ${JSON.stringify(externalId)} (the external_id is a text).`,
          );
        }
        const start = await impersonations.start(claims);
        if (start !== 'started') return refuse(start, `${sessionId} ${start.replace('_', ' ')}.`);
        await renewSession(request, { acting: { sessionId, login, putAside: putAside(request) } });
      }
      response.status(204).end();
    } catch (error) {
      refuse('failed', error instanceof Error ? error.message : String(error));
    }
  });

  router.post('/impersonate/stop', async (request, response) => {
    const { acting } = request.session;
    if (acting) {
      await impersonations.end(acting.sessionId);
      await renewSession(request, acting.putAside);
    }
    response.redirect(303, '/');
  });

  router.post('/impersonate/check', (request, response) => {
    if (request.session.acting) impersonations.doubt(request.session.acting.sessionId);
    response.status(204).end();
  });

  return router;
}

/**
 * Logs the user in for one request at a time, after it has checked that the impersonation goes on, and sets `request.impersonation`. What
 * reads the session afterwards finds the user there, as after the user's own login; what reads it before finds nobody.
 *
 * Once an impersonation has ended, every request is answered with `ended` until the person stops it: nobody must go on as themselves without
 * noticing. While the API of actor tokens does not answer, requests are answered with `unknown`.
 */
export function actAsUser(
  impersonations: Impersonations,
  { ended, unknown }: { readonly ended: Answer; readonly unknown: Answer },
): RequestHandler {
  return async (request, response, next) => {
    const { acting } = request.session;
    if (!acting) return next();
    try {
      const impersonation = await impersonations.find(acting.sessionId);
      if (!impersonation) return ended(request, response);
      request.impersonation = impersonation;
    } catch (error) {
      console.warn(String(error));
      return unknown(request, response);
    }
    // A field that cannot be enumerated is not stored with the session, so the login never outlives the check.
    for (const [name, value] of Object.entries(acting.login))
      Object.defineProperty(request.session, name, { value, enumerable: false, writable: false });
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
export function refuseFormsOfOthers(userIdOf: (request: Request) => unknown, refuse: Answer): RequestHandler {
  return (request, response, next) => {
    const as = request.body?.as;
    if (as === undefined || String(as) === String(userIdOf(request))) next();
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
