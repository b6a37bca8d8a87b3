// What is answered, by the names that the document gives it. Every shape of ours is closed: a member that is not here is an error.
import { environmentSchemas } from './environment-schemas.ts';
import {
  anyObject,
  at,
  constant,
  count,
  described,
  emptyList,
  exactly,
  flag,
  id,
  type JsonSchema,
  listOf,
  nothing,
  nullable,
  oneOf,
  reference,
  resource,
  text,
  url,
} from './json-schema.ts';
import { userSchemas } from './user-schemas.ts';

const jwt: JsonSchema = { type: 'string', pattern: '^[\\w-]+\\.[\\w-]+\\.[\\w-]+$' };

const actorToken = {
  ActorToken: {
    ...resource(
      'actor_token',
      {
        id: id('act'),
        status: oneOf('pending', 'accepted', 'revoked'),
        user_id: id('user'),
        actor: reference('Actor'),
        created_at: at,
        updated_at: at,
      },
      {
        token: described('The ticket. Answered once, when the actor token is made.', jwt),
        url: described('A link that carries the ticket. Answered once, as `token`.', url),
      },
    ),
    examples: [
      {
        object: 'actor_token',
        id: 'act_2Zwn4c4SnN4HHeTb8EK7pe29iof',
        status: 'revoked',
        user_id: 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof',
        actor: { sub: 'user_support' },
        created_at: 1_767_225_600_000,
        updated_at: 1_767_225_660_000,
      },
    ],
  },
};

const session = {
  object: constant('session'),
  id: id('sess'),
  status: oneOf('active', 'ended', 'expired', 'removed', 'revoked'),
  expire_at: at,
  abandon_at: at,
  last_active_at: at,
  last_active_organization_id: nothing,
  actor: reference('Actor'),
  tasks: nothing,
  created_at: at,
  updated_at: at,
};

const sessions = {
  Session: exactly({
    ...session,
    user_id: id('user'),
    client_id: id('client'),
    latest_activity: nullable(reference('SessionActivity')),
  }),
  SessionActivity: resource('session_activity', { id: id('sact'), is_mobile: constant(false) }),
  SessionPage: exactly({ data: listOf(reference('Session')), total_count: count }),
  ClientSession: exactly({
    ...session,
    user: nullable(reference('PublicUser')),
    public_user_data: nullable(reference('PublicUserData')),
    factor_verification_age: described(
      'Minutes since the first and the second factor; the ticket stands for the first.',
      {
        type: 'array',
        prefixItems: [count, constant(-1)],
        minItems: 2,
        maxItems: 2,
      },
    ),
    last_active_token: nullable(reference('Token')),
  }),
  Token: resource('token', { jwt: described('A session token.', jwt) }),
};

const clients = {
  Client: resource('client', {
    id: id('client'),
    sessions: { ...listOf(reference('ClientSession')), maxItems: 1 },
    sign_in: nothing,
    sign_up: nothing,
    last_active_session_id: nullable(id('sess')),
    last_authentication_strategy: nothing,
    cookie_expires_at: nothing,
    captcha_bypass: constant(false),
    created_at: at,
    updated_at: at,
  }),
  SignIn: resource('sign_in_attempt', {
    id: id('sia'),
    status: constant('complete'),
    supported_identifiers: listOf(constant('email_address')),
    supported_first_factors: listOf(exactly({ strategy: constant('ticket') })),
    supported_second_factors: nothing,
    first_factor_verification: resource('verification_ticket', {
      status: constant('verified'),
      strategy: constant('ticket'),
      attempts: nothing,
      expire_at: nothing,
    }),
    second_factor_verification: nothing,
    identifier: nullable(text),
    user_data: nullable(
      exactly({ first_name: nullable(text), last_name: nullable(text), image_url: text, has_image: flag }),
    ),
    created_session_id: id('sess'),
    abandon_at: at,
  }),
};

const others = {
  TotalCount: resource('total_count', { total_count: count }),
  DevBrowser: resource('dev_browser', { id: id('dvb'), token: id('dvb') }),
  Health: exactly({ status: constant('healthy') }),
  Jwks: exactly({
    keys: listOf(
      exactly({
        kty: constant('RSA'),
        use: constant('sig'),
        alg: constant('RS256'),
        kid: described('The thumbprint of the key (RFC 7638).', text),
        n: text,
        e: text,
      }),
    ),
  }),
  OpenapiDocument: described('This document.', { type: 'object', required: ['openapi', 'info', 'paths'] }),
  OpenidConfiguration: exactly({
    issuer: url,
    jwks_uri: url,
    authorization_endpoint: url,
    token_endpoint: url,
    revocation_endpoint: url,
    introspection_endpoint: url,
    userinfo_endpoint: url,
    scopes_supported: emptyList,
    response_types_supported: emptyList,
    response_modes_supported: emptyList,
    grant_types_supported: emptyList,
    subject_types_supported: listOf(constant('public')),
    id_token_signing_alg_values_supported: listOf(constant('RS256')),
    token_endpoint_auth_methods_supported: emptyList,
    claims_supported: listOf(text),
    code_challenge_methods_supported: emptyList,
    backchannel_logout_supported: constant(false),
    frontchannel_logout_supported: constant(false),
  }),
};

const common = {
  Timestamp: { type: 'integer', format: 'int64', description: 'Milliseconds since 1970.' },
  Actor: {
    ...anyObject,
    description: 'Who acts, as given when the actor token was made. Becomes the claim `act` of session tokens.',
    properties: { sub: text },
    required: ['sub'],
  },
  TraceId: { type: 'string', pattern: '^[0-9a-f]{32}$' },
  Errors: exactly({
    errors: {
      ...listOf(
        exactly(
          { code: text, message: text, long_message: text },
          { meta: exactly({}, { param_name: text, session_id: id('sess') }) },
        ),
      ),
      minItems: 1,
    },
    clerk_trace_id: reference('TraceId'),
  }),
};

export const schemas = {
  ...actorToken,
  ...sessions,
  ...clients,
  ...userSchemas,
  ...environmentSchemas,
  ...others,
  ...common,
};

export type SchemaName = keyof typeof schemas;

/** A reference to a component; naming one that is not there does not compile. */
export function component(name: SchemaName): JsonSchema {
  return reference(name);
}
