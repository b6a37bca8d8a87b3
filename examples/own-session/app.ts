/**
 * An app that logs its users in by itself and keeps them in a cookie session. A person with the link of an actor token acts as one of them.
 * Nothing of Clerk is in it.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import session from 'express-session';
import {
  actAsUser,
  impersonationRoutes,
  onlyFromOwnPages,
  refuseChangesWhileReading,
  refuseFormsOfOthers,
  refuseWhileImpersonating,
  renewSession,
} from './acting.ts';
import { type ActorTokensOptions, connectActorTokens } from './actor-tokens.ts';
import { Impersonations } from './impersonations.ts';
import { pagesFor, type User, type View } from './pages.ts';

declare module 'express-session' {
  interface SessionData {
    /** The user who is logged in: at this browser, or while somebody acts as them. */
    userId: string | undefined;
  }
}

export interface AppOptions extends ActorTokensOptions {
  /** The URL of the API for browsers: the output `FrontendApiUrl`. */
  readonly frontendApiUrl: string;
  /** Returns epoch milliseconds. */
  readonly now?: () => number;
}

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The app's own users. Each is known to the API of actor tokens by its `external_id`, which is the `id` here. */
function seededUsers(): ReadonlyMap<string, User> {
  const names = { customer_ada: 'Ada Lovelace', customer_grace: 'Grace Hopper', staff_kim: 'Kim Support' };
  const users = Object.entries(names).map(([id, name]) => ({ id, name, email: `${id}@example.com`, note: '' }));
  return new Map(users.map((user) => [user.id, user]));
}

/** Returns the app. It listens on no port by itself. */
export function createApp({ frontendApiUrl, origin, now = Date.now, ...options }: AppOptions): Express {
  const users = seededUsers();
  const pages = pagesFor(frontendApiUrl);
  const impersonations = new Impersonations(connectActorTokens({ ...options, origin }), now);
  const app = express();

  app.use('/style.css', express.static(fileOf('../express/public/style.css')));
  app.use(express.static(fileOf('public')));
  app.use((_request, response, next) => {
    // A page shows who is signed in, so a cached copy would show it to the next person at this browser.
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.use(
    session({
      name: 'session',
      secret: randomBytes(32).toString('base64'),
      resave: false,
      saveUninitialized: false,
      cookie: { httpOnly: true, sameSite: 'lax', secure: origin.startsWith('https:') },
    }),
  );
  // docs: order
  app.use(onlyFromOwnPages(origin, (_request, response) => response.status(403).send(pages.foreign())));
  app.get('/impersonate', (_request, response) => {
    response.send(pages.impersonate());
  });
  // Returns the fields that the login writes into the session. No other place names them.
  const loginOf = (id: string) => (users.has(id) ? { userId: id } : undefined);
  app.use(impersonationRoutes(impersonations, loginOf));
  app.use(
    actAsUser(impersonations, {
      ended: (_request, response) => response.status(401).send(pages.ended()),
      unknown: (_request, response) => response.status(503).send(pages.unknown()),
    }),
  );
  app.use(
    refuseChangesWhileReading((impersonation, response) => response.status(403).send(pages.readOnly(impersonation))),
  );
  const onlyTheUser = refuseWhileImpersonating((impersonation, response) => {
    response.status(403).send(pages.onlyTheUser(impersonation));
  });

  app.use(express.urlencoded({ extended: false }));
  app.use(
    refuseFormsOfOthers(
      ({ session }) => session.userId,
      ({ impersonation }, response) => response.status(409).send(pages.somebodyElse(impersonation)),
    ),
  );
  // end

  app.get('/', (request, response) => {
    const user = users.get(request.session.userId ?? '');
    const view: View | undefined = user && { user, impersonation: request.impersonation };
    response.send(view ? pages.account(view) : pages.login(users.values()));
  });
  app.post('/login', onlyTheUser, async (request, response) => {
    // Here stands the check of the password, which this example leaves out.
    await renewSession(request, loginOf(request.body.id) ?? {});
    response.redirect(303, '/');
  });
  app.post('/logout', onlyTheUser, async (request, response) => {
    await renewSession(request, {});
    response.redirect(303, '/');
  });
  app.post('/note', (request, response) => {
    const user = users.get(request.session.userId ?? '');
    if (user) user.note = String(request.body.value);
    response.redirect(303, '/');
  });
  // docs: order
  app.post('/email', onlyTheUser, (request, response) => {
    const user = users.get(request.session.userId ?? '');
    if (user) user.email = String(request.body.value);
    response.redirect(303, '/');
  });
  // end
  return app;
}
