// What each operation takes and answers, besides what all of its kind do. One without an entry does not compile.
import type { ErrorCode } from '../../../shared/base/errors.ts';
import { limits } from '../../../shared/base/limits.ts';
import type { OperationId } from '../../routes.ts';
import { component, type SchemaName } from './components.ts';
import { type JsonSchema, listOf, nothing } from './json-schema.ts';
import { codes } from './refusals.ts';
import { bodies, type Parameter, queries, type RequestBody } from './requests.ts';

export interface Operation {
  readonly query?: readonly Parameter[];
  readonly body?: RequestBody;
  /** By status; none for an operation that always refuses. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Besides those of its audience and of any call of AWS. */
  readonly refusals: readonly ErrorCode[];
  /** A browser without a cookie of ours gets an answer too. */
  readonly isForUnknownClients?: boolean;
  /** People get a page in place of the error envelope. */
  readonly isForPeople?: boolean;
}

export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

function json(description: string, schema: JsonSchema): Readonly<Record<200, Answer>> {
  return { 200: { description, content: { 'application/json': { schema } } } };
}

function text(description: string, mediaType: string): Readonly<Record<200, Answer>> {
  return { 200: { description, content: { [mediaType]: { schema: { type: 'string' } } } } };
}

function redirect(status: 303 | 307, description: string): Readonly<Record<number, Answer>> {
  return { [status]: { description, headers: { Location: { required: true, schema: { type: 'string' } } } } };
}

/** The Frontend API's envelope; null where `response` or `client` may be. */
function enveloped(response: JsonSchema, client: JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: { response, client },
    required: ['response', 'client'],
    additionalProperties: false,
  };
}

function orNull(name: SchemaName): JsonSchema {
  return { anyOf: [component(name), nothing] };
}

const whoItIs = json('This browser; null for one that nobody knows.', enveloped(orNull('Client'), nothing));
const ownSession = json('The session, and this browser.', enveloped(component('ClientSession'), orNull('Client')));
const ownSessions = json('The session of this browser, alone.', listOf(component('Session')));
const user = json('The user.', component('User'));
const jwks = json('The keys (RFC 7517).', component('Jwks'));

const parameter = (name: string, schema: JsonSchema, more: Partial<Parameter> = {}): Parameter => ({
  name,
  in: 'query',
  ...more,
  schema,
});

const redirectUrl = (required: boolean, description: string) =>
  parameter(
    'redirect_url',
    { type: 'string', format: 'uri', maxLength: limits.redirectUrlBytes },
    { required, description },
  );

const knownSession = { answers: ownSession, refusals: [...codes.knownClient, 'resource_not_found'] } as const;
const noBody = { body: bodies.none } as const;

export const operations: Readonly<Record<OperationId, Operation>> = {
  CreateActorToken: {
    body: bodies.createActorToken,
    answers: json('The actor token, pending, with its ticket.', component('ActorToken')),
    refusals: [
      ...codes.json,
      'form_param_exceeds_allowed_size',
      'form_param_missing',
      'form_param_value_invalid',
      'form_param_value_too_large',
      'resource_not_found',
    ],
  },
  RevokeActorToken: {
    ...noBody,
    answers: json('The actor token, revoked.', component('ActorToken')),
    refusals: [...codes.json, 'actor_token_cannot_be_revoked_code', 'resource_not_found'],
  },
  CreateSignIn: {
    body: bodies.createSignIn,
    answers: json(
      'The completed sign-in, and this browser with its new session. Sets `__client` and `__client_uat`; a native application gets its client token in `Authorization`.',
      enveloped(component('SignIn'), component('Client')),
    ),
    refusals: [
      ...codes.form,
      ...codes.ticket,
      ...codes.redemption,
      'actor_token_cannot_be_used_code',
      'authentication_invalid',
      'form_conditional_param_missing',
      'form_param_duplicate',
      'form_param_missing',
      'form_param_value_invalid',
    ],
    isForUnknownClients: true,
  },
  GetClient: {
    query: [
      parameter('_clerk_js_version', { type: 'string' }, { description: 'Asks for a session token with the session.' }),
    ],
    answers: whoItIs,
    refusals: [],
    isForUnknownClients: true,
  },
  CreateClient: { answers: whoItIs, refusals: [], isForUnknownClients: true },
  PutClient: { answers: whoItIs, refusals: [], isForUnknownClients: true },
  DeleteClient: {
    answers: json('Nobody. Drops the cookies.', enveloped(nothing, nothing)),
    refusals: codes.knownClient,
  },
  Handshake: {
    query: [
      redirectUrl(true, 'The page to go back to, of an allowed origin.'),
      parameter('suffixed_cookies', { type: 'string' }, { description: 'Asks for the suffixed names of cookies.' }),
    ],
    answers: redirect(307, 'Back to the page, with `__clerk_handshake`.'),
    refusals: ['invalid_handshake'],
    isForUnknownClients: true,
  },
  GetSignIn: {
    answers: json('The sign-in, and this browser.', enveloped(component('SignIn'), component('Client'))),
    refusals: [...codes.knownClient, 'resource_not_found'],
  },
  RemoveClientSessions: {
    answers: json('This browser, signed out.', enveloped(component('Client'), nothing)),
    refusals: codes.knownClient,
  },
  GetClientSession: knownSession,
  CreateSessionToken: {
    body: bodies.createSessionToken,
    answers: json('The session token.', component('Token')),
    refusals: [...codes.form, ...codes.knownClient, 'resource_not_found'],
  },
  TouchSession: knownSession,
  EndSession: knownSession,
  RemoveSession: knownSession,
  GetMe: {
    answers: json('The user, and this browser.', enveloped(component('PublicUser'), component('Client'))),
    refusals: codes.knownClient,
  },
  ListMySessions: { answers: ownSessions, refusals: codes.knownClient },
  ListMyActiveSessions: { answers: ownSessions, refusals: codes.knownClient },
  ListSessions: {
    query: queries.listSessions,
    answers: json('A list, or with `paginated=true` a page.', {
      oneOf: [listOf(component('Session')), component('SessionPage')],
    }),
    refusals: [...codes.query, 'missing_query_parameter'],
  },
  GetSession: { answers: json('The session.', component('Session')), refusals: ['resource_not_found'] },
  RevokeSession: {
    ...noBody,
    answers: json('The session, over.', component('Session')),
    refusals: [...codes.json, 'resource_not_found'],
  },
  CreateBackendSessionToken: {
    body: bodies.createBackendSessionToken,
    answers: json('The session token.', component('Token')),
    refusals: [...codes.json, 'form_param_value_invalid', 'form_param_value_too_large', 'resource_not_found'],
  },
  GetBackendJwks: { answers: jwks, refusals: [] },
  CreateUser: {
    body: bodies.createUser,
    answers: user,
    refusals: [...codes.json, 'form_identifier_exists', 'form_param_exceeds_allowed_size', 'form_param_value_invalid'],
  },
  ListUsers: {
    query: queries.listUsers,
    answers: json('The users.', listOf(component('User'))),
    refusals: codes.query,
  },
  CountUsers: {
    query: queries.listUsers,
    answers: json('How many there are.', component('TotalCount')),
    refusals: codes.query,
  },
  GetUser: { answers: user, refusals: ['resource_not_found'] },
  DeleteUser: {
    answers: json('Which user was deleted.', component('DeletedUser')),
    refusals: ['resource_not_found'],
  },
  BanUser: { ...noBody, answers: user, refusals: [...codes.json, 'resource_not_found'] },
  UnbanUser: { ...noBody, answers: user, refusals: [...codes.json, 'resource_not_found'] },
  GetEnvironment: {
    answers: json('The settings.', component('Environment')),
    refusals: [],
    isForUnknownClients: true,
  },
  UpdateEnvironment: {
    answers: json('The settings, unchanged.', component('Environment')),
    refusals: [],
    isForUnknownClients: true,
  },
  CreateSignUp: {
    body: bodies.createSignUp,
    answers: {},
    refusals: [
      ...codes.form,
      ...codes.ticket,
      'actor_token_not_in_sign_in_code',
      'form_param_duplicate',
      'form_param_value_invalid',
    ],
    isForUnknownClients: true,
  },
  CreateDevBrowser: {
    answers: json('The id.', component('DevBrowser')),
    refusals: [],
    isForUnknownClients: true,
  },
  RedirectScript: { answers: redirect(307, 'To the script.'), refusals: ['resource_not_found'] },
  AcceptTicket: {
    query: [
      parameter('ticket', { type: 'string', maxLength: limits.ticketBytes }, { required: true }),
      redirectUrl(false, 'Where to go once signed in, of an allowed origin.'),
    ],
    answers: {
      ...text('A page that offers to sign in, where no sign-in page is configured.', 'text/html'),
      ...redirect(303, 'To the sign-in page, with the ticket.'),
    },
    refusals: [...codes.ticket, ...codes.redemption, 'form_param_duplicate'],
    isForPeople: true,
  },
  GetImpersonationBanner: { answers: text('The script.', 'text/javascript'), refusals: [] },
  GetJwks: { answers: jwks, refusals: [] },
  GetOpenidConfiguration: { answers: json('The configuration.', component('OpenidConfiguration')), refusals: [] },
  GetOpenapi: { answers: json('The document.', component('OpenapiDocument')), refusals: [] },
  GetHealth: { answers: json('That it does.', component('Health')), refusals: [] },
};
