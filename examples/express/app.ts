/**
 * An app with server-rendered pages and an API, on the unmodified `@clerk/express`. A person who acts as a user sees what the
 * user sees, is reminded of it on every page, and may not do what only the user may do.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClerkClient, clerkMiddleware, createClerkClient, getAuth } from '@clerk/express';
import express, { type Express, type Request, type RequestHandler } from 'express';
import {
  accountPage,
  homePage,
  type PageSettings,
  refusalPage,
  signedOutPage,
  signInPage,
  type Viewer,
} from './pages.ts';
import { refuseChangesWhileReading, refuseWhileImpersonating } from './while-impersonating.ts';

export interface AppOptions {
  readonly publishableKey: string;
  readonly secretKey: string;
  /** The URL of the API for servers. */
  readonly apiUrl: string;
  /** The URL of the API for browsers. */
  readonly frontendApiUrl: string;
  /** The origin of this app, as browsers see it. */
  readonly origin: string;
}

const publicFiles = fileURLToPath(new URL('public', import.meta.url));
const clerkJs = dirname(fileURLToPath(import.meta.resolve('@clerk/clerk-js')));

/** Admits only signed-in users to a page. */
const signedInPage: RequestHandler = (request, response, next) => {
  if (getAuth(request).isAuthenticated) next();
  else response.redirect(303, '/');
};

/** Admits only signed-in users to an API operation. */
const signedInCaller: RequestHandler = (request, response, next) => {
  if (getAuth(request).isAuthenticated) next();
  else response.status(401).json({ error: 'signed_out' });
};

/** The app's own e-mail addresses, which this example keeps in memory. */
class Accounts {
  readonly #clerk: ClerkClient;
  readonly #changed = new Map<string, string>();

  constructor(clerk: ClerkClient) {
    this.#clerk = clerk;
  }

  async viewerOf(request: Request): Promise<Viewer> {
    const { userId, actor } = getAuth(request);
    const user = await this.#clerk.users.getUser(userId ?? '');
    const email = this.#changed.get(user.id) ?? user.primaryEmailAddress?.emailAddress ?? '';
    return { name: user.fullName ?? user.id, email, actor: actor?.sub };
  }

  changeEmail(request: Request): void {
    const { userId } = getAuth(request);
    if (userId) this.#changed.set(userId, String(request.body.email));
  }
}

function addFiles(app: Express, settings: PageSettings): void {
  app.use('/clerk-js', express.static(clerkJs));
  app.use(express.static(publicFiles));
  app.use((_request, response, next) => {
    // A page shows who is signed in, so a cached copy would show it to the next person at this browser.
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.get('/sign-in', (_request, response) => {
    response.set('Referrer-Policy', 'no-referrer').send(signInPage(settings));
  });
}

function addPages(app: Express, settings: PageSettings, accounts: Accounts): void {
  app.get('/', async (request, response) => {
    const { isAuthenticated } = getAuth(request);
    response.send(isAuthenticated ? homePage(settings, await accounts.viewerOf(request)) : signedOutPage(settings));
  });
  app.get('/account', signedInPage, async (request, response) => {
    response.send(accountPage(settings, await accounts.viewerOf(request)));
  });
  app.post(
    '/account/email',
    signedInPage,
    refuseWhileImpersonating((_request, response, actorSub) => {
      response.status(403).send(refusalPage(settings, actorSub));
    }),
    express.urlencoded({ extended: false }),
    (request, response) => {
      accounts.changeEmail(request);
      response.redirect(303, '/account');
    },
  );
}

function addApi(app: Express, accounts: Accounts): void {
  app.get('/api/me', signedInCaller, (request, response) => {
    const { userId, sessionId, actor } = getAuth(request);
    response.json({ userId, sessionId, actor: actor ?? null });
  });
  app.put(
    '/api/email',
    signedInCaller,
    refuseWhileImpersonating((_request, response) => {
      response.status(403).json({ error: 'not_while_impersonating' });
    }),
    express.json(),
    (request, response) => {
      accounts.changeEmail(request);
      response.status(204).end();
    },
  );
}

/** Returns the app. It listens on no port by itself. */
export function createApp(options: AppOptions): Express {
  const { publishableKey, secretKey, apiUrl, frontendApiUrl, origin } = options;
  const clerkClient = createClerkClient({ publishableKey, secretKey, apiUrl, telemetry: { disabled: true } });
  const accounts = new Accounts(clerkClient);
  const settings: PageSettings = { publishableKey, frontendApiUrl };
  const app = express();
  // The sign-in page precedes the middleware, whose redirects would put the ticket into one more address.
  addFiles(app, settings);
  app.use(
    clerkMiddleware({
      clerkClient,
      publishableKey,
      secretKey,
      apiUrl,
      // The URL to which a browser is redirected when its session token has expired; by default https and the host of the key.
      proxyUrl: frontendApiUrl,
      // A token that was created for a page of another app is not accepted.
      authorizedParties: [origin],
    }),
  );
  app.use(
    refuseChangesWhileReading((_request, response) => {
      response.status(403).json({ error: 'read_only' });
    }),
  );
  addPages(app, settings, accounts);
  addApi(app, accounts);
  return app;
}
