/**
 * An app that had a login before it took in the files of examples/own-session: ids that are numbers, a login as Passport keeps it, a cart in the
 * session, a webhook, and the headers that Helmet sets.
 */
import { fileURLToPath } from 'node:url';
import express, { type Express, type Response } from 'express';
import session from 'express-session';
import {
  actAsUser,
  impersonationRoutes,
  type LoginOf,
  onlyFromOwnPages,
  refuseFormsOfOthers,
  renewSession,
} from '../../examples/own-session/acting.ts';
import { type ActorTokensOptions, connectActorTokens } from '../../examples/own-session/actor-tokens.ts';
import { Impersonations } from '../../examples/own-session/impersonations.ts';

declare module 'express-session' {
  interface SessionData {
    passport: { readonly user: number } | undefined;
    cart: readonly string[];
  }
}

declare module 'express-serve-static-core' {
  interface Request {
    /** As Passport sets it. */
    user?: User;
  }
}

interface User {
  readonly id: number;
  readonly name: string;
}

interface Options extends ActorTokensOptions {
  readonly frontendApiUrl: string;
  /** What the Content-Security-Policy allows beside the app itself. */
  readonly allowed: string;
}

const users = new Map([1, 2].map((id): [number, User] => [id, { id, name: `User ${id}` }]));
const scripts = fileURLToPath(new URL('../../examples/own-session/public', import.meta.url));

const loginOf: LoginOf = async (externalId) => {
  if (externalId === 'unreadable') throw new Error('The database does not answer.');
  const user = users.get(Number(externalId));
  return user && { passport: { user: user.id } };
};

/** Helmet 8 sets these, which matter here, and others. */
function setHelmetHeaders(response: Response, allowed: string): void {
  response.set({
    'content-security-policy': `default-src 'self';base-uri 'self';form-action 'self';script-src 'self' ${allowed};connect-src 'self' ${allowed};style-src 'self' https: 'unsafe-inline'`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'referrer-policy': 'no-referrer',
  });
}

/** Returns the app. Its pages have no element with `role=status`. */
export function anotherApp({ frontendApiUrl, allowed, ...options }: Options): Express {
  const app = express();
  const impersonations = new Impersonations(connectActorTokens(options), Date.now);
  const say = (status: number, text: string) => (_: unknown, response: Response) =>
    response.status(status).send(`<p>${text}</p>`);

  app.use((_request, response, next) => {
    setHelmetHeaders(response, allowed);
    next();
  });
  app.use(express.static(scripts));
  app.use(session({ secret: 'secret', resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }));
  app.use(onlyFromOwnPages(options.origin, say(403, 'Foreign')));
  app.get('/impersonate', (_request, response) => {
    response.send(
      `<!doctype html><script defer src="/impersonate.js" data-frontend-api-url="${frontendApiUrl}"></script>`,
    );
  });
  app.use(impersonationRoutes(impersonations, loginOf));
  app.get('/too-early', ({ session: { passport } }, response) => void response.json({ passport }));
  app.use(actAsUser(impersonations, { ended: say(401, 'Ended'), unknown: say(503, 'Unknown') }));
  app.use((request, _response, next) => {
    const user = users.get(request.session.passport?.user ?? 0);
    if (user) request.user = user;
    next();
  });
  app.use(express.urlencoded({ extended: false }));
  app.use(refuseFormsOfOthers(({ user }) => user?.id, say(409, 'Somebody else')));

  app.get('/', ({ user, impersonation, session: { cart = [] } }, response) => {
    const acting = impersonation
      ? `<script defer src="/acting.js" data-frontend-api-url="${frontendApiUrl}" data-session-id="${impersonation.sessionId}"></script>`
      : '';
    response.send(`<!doctype html>${acting}<h1>${user?.name ?? 'Nobody'}</h1><p>Cart: ${cart.join()}</p>
<form method="post" action="/login"><button name="id" value="1">Log in</button></form>
<form method="post" action="/cart"><input type="hidden" name="as" value="${user?.id ?? ''}"><button name="item" value="of ${user?.id}">Add</button></form>
<form method="post" action="/impersonate/stop"><button>Stop it</button></form>`);
  });
  app.post('/login', async (request, response) => {
    await renewSession(request, (await loginOf(request.body.id)) ?? {});
    response.redirect(303, '/');
  });
  app.post('/cart', ({ body, session: stored }, response) => {
    stored.cart = [...(stored.cart ?? []), body.item];
    response.redirect(303, '/');
  });
  app.post('/webhook', (_request, response) => void response.status(204).end());
  return app;
}
