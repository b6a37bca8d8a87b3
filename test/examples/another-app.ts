/**
 * An app that had a login before it took in the files of examples/own-session: ids that are numbers, a login as Passport keeps it, a cart in the
 * session, a webhook, and the headers that Helmet sets.
 */
import { readFileSync } from 'node:fs';
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
const readme = readFileSync(new URL('../../examples/own-session/README.md', import.meta.url), 'utf8');
const [, startPage = ''] = /```html\n( *<!doctype html>.*?)```/s.exec(readme) ?? [];
const scripts = fileURLToPath(new URL('../../examples/own-session/public', import.meta.url));

const loginOf: LoginOf = async (externalId) => {
  if (externalId === 'unreadable') throw new Error('The database does not answer.');
  const user = users.get(Number(externalId));
  return user && { passport: { user: user.id } };
};

/** These are headers of Helmet 8, with the Frontend API in `script-src` and `connect-src`. */
function setHelmetHeaders(response: Response, allowed: string): void {
  response.set({
    'content-security-policy': `default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';img-src 'self' data:;object-src 'none';script-src 'self' ${allowed};script-src-attr 'none';style-src 'self' https: 'unsafe-inline';upgrade-insecure-requests;connect-src 'self' ${allowed}`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'referrer-policy': 'no-referrer',
  });
}

/** Returns the app. Its page `/impersonate` is the one that the README of the example shows. */
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
    response.send(startPage.replace('https://clerk.example.com', frontendApiUrl));
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
