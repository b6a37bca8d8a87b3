// What Clerk's APIs have and this product does not, by paths, and what to do instead. No bundle contains this file: it is compressed when
// the bundles are built. Clerk's components show the sentences of the Frontend API to people.

const CREATE_ACTOR_TOKEN = 'Create an actor token, which names who acts: POST /v1/actor_tokens.';
const ONLY_TICKETS = 'only the ticket of an actor token signs in, by its link.';

/**
 * The source of a regular expression for the segments that a path begins with, behind `/v1/` or `/`, and the sentence. Of several that
 * match, the first counts.
 */
export const absent: readonly (readonly [path: string, sentence: string])[] = [
  ['sign_in_tokens', `There are no sign-in tokens here. ${CREATE_ACTOR_TOKEN}`],
  ['agents/tasks', `There are no agent tasks here. ${CREATE_ACTOR_TOKEN}`],
  ['sessions$', `A session begins only when a ticket is redeemed. ${CREATE_ACTOR_TOKEN}`],
  [
    'jwt_templates|(client/)?sessions/[^/]+/tokens/[^/]+',
    'There are no JWT templates here. Ask for the session token without a template.',
  ],
  [
    'sessions/[^/]+/refresh',
    'There are no refresh tokens here. A server creates a session token with POST /v1/sessions/{session_id}/tokens.',
  ],
  [
    'organizations|(me/)?organization_\\w+|role_sets',
    "There are no organizations here. What your app must know of a user's organization fits in public_metadata.",
  ],
  [
    'invitations|waitlist|waitlist_entries|(client/)?sign_ups',
    'Nobody can sign up or be invited here. A server creates users with POST /v1/users.',
  ],
  [
    'allowlist_identifiers|users/[^/]+/(lock|unlock)',
    'There are no allowlists and locks here. A server bans a user with POST /v1/users/{user_id}/ban.',
  ],
  ['users/(ban|unban)$', 'Users are banned one by one here: POST /v1/users/{user_id}/ban, and …/unban lifts the ban.'],
  [
    'instance|beta_features|domains|redirect_urls|templates|proxy_checks|account_portal',
    'Requests cannot read or change these settings. They are in the configuration of the deployment.',
  ],
  [
    'oauth_applications|(me/)?enterprise_connections|saml_connections|(scim_)?directories|oauth|oauth_callback|saml',
    `There are no other identity providers and no OAuth applications here: ${ONLY_TICKETS}`,
  ],
  [
    'machines|machine_tokens|m2m_tokens|api_keys|me/api_keys',
    'There are no machines and no API keys here. A server gets a secret key from the command secret-key.',
  ],
  [
    '(me/|users/[^/]+/)?billing|commerce',
    "There is no billing here. Show plans and prices without Clerk's components.",
  ],
  [
    'clients',
    'Servers cannot read clients here. GET /v1/sessions lists the sessions of one, with its id as client_id.',
  ],
  [
    'email_addresses|phone_numbers|users/[^/]+/(email_address|phone_number|profile_image)',
    'Here a user is created with e-mail addresses and phone numbers, and has no picture. No request changes one of them.',
  ],
  [
    'users/[^/]+/(remove_password|verify_password|password|verify_totp|totp|mfa|backup_code|passkeys|trusted_devices|web3_wallets|external_accounts|oauth_access_tokens)',
    `Users have no password and no other factor here: ${ONLY_TICKETS}`,
  ],
  ['client/sign_ins/[^/]+', `There is no other step of a sign-in here: ${ONLY_TICKETS}`],
  [
    'client/sessions/[^/]+/verify',
    'A session cannot be verified again here: whoever acts as a user does not have the factors of that user.',
  ],
  [
    'me/sessions/[^/]+/revoke',
    'A browser ends only its own session here: sign out. A server ends any session with POST /v1/sessions/{session_id}/revoke.',
  ],
  ['me', 'Nobody can change this account while they act as its user. Only a server can change users.'],
];
