// The routes of each Lambda as JSON. When the bundles are built, the text replaces the name (cdk/bundle/defined.ts), so that a bundle has the
// routes of its own Lambda only.
type OwnRoutes<Name extends import('./routes.ts').LambdaName> = import('./defined-when-built.ts').OwnRoutes<Name>;

declare const ROUTES_OF_BACKEND_SESSIONS: OwnRoutes<'backend-sessions'>;
declare const ROUTES_OF_BLOCKLIST: OwnRoutes<'blocklist'>;
declare const ROUTES_OF_BROWSER_SESSIONS: OwnRoutes<'browser-sessions'>;
declare const ROUTES_OF_CREATE_ACTOR_TOKEN: OwnRoutes<'create-actor-token'>;
declare const ROUTES_OF_CREATE_SIGN_IN: OwnRoutes<'create-sign-in'>;
declare const ROUTES_OF_FALLBACK: OwnRoutes<'fallback'>;
declare const ROUTES_OF_REVOKE_ACTOR_TOKEN: OwnRoutes<'revoke-actor-token'>;
declare const ROUTES_OF_REVOKE_SESSION: OwnRoutes<'revoke-session'>;
declare const ROUTES_OF_TICKETS: OwnRoutes<'tickets'>;
declare const ROUTES_OF_USERS: OwnRoutes<'users'>;
