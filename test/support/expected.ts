// The documented answers, whole. A member that is added or left out fails the test that compares with one of these.
import { createHash } from 'node:crypto';
import { expect, inject } from 'vitest';

const { publishableKey } = inject('stack');

export const SUFFIX = createHash('sha1').update(publishableKey).digest('base64url').slice(0, 8);

export const ID = {
  act: /^act_[0-9A-Za-z]{27}$/,
  sess: /^sess_[0-9A-Za-z]{27}$/,
  client: /^client_[0-9A-Za-z]{27}$/,
  user: /^user_[0-9A-Za-z]{27}$/,
  sia: /^sia_[0-9A-Za-z]{27}$/,
  idn: /^idn_[0-9A-Za-z]{27}$/,
} as const;

export const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

type Members = Readonly<Record<string, unknown>>;

/** The Frontend API's `user` of `given.ts`'s `aUser()`, but for what is told. */
export function expectedPublicUser(at: number, members: Members = {}) {
  return {
    object: 'user',
    id: expect.stringMatching(ID.user),
    external_id: null,
    username: null,
    first_name: 'Target',
    last_name: null,
    has_image: false,
    image_url: '',
    profile_image_url: '',
    primary_email_address_id: null,
    primary_phone_number_id: null,
    primary_web3_wallet_id: null,
    password_enabled: false,
    two_factor_enabled: false,
    totp_enabled: false,
    backup_code_enabled: false,
    email_addresses: [],
    phone_numbers: [],
    web3_wallets: [],
    passkeys: [],
    external_accounts: [],
    saml_accounts: [],
    enterprise_accounts: [],
    organization_memberships: [],
    public_metadata: {},
    unsafe_metadata: {},
    last_sign_in_at: null,
    banned: false,
    locked: false,
    lockout_expires_in_seconds: null,
    verification_attempts_remaining: null,
    created_at: at,
    updated_at: at,
    delete_self_enabled: false,
    create_organization_enabled: false,
    last_active_at: null,
    mfa_enabled_at: null,
    mfa_disabled_at: null,
    legal_accepted_at: null,
    ...members,
  };
}

export function expectedUser(at: number, members: Members = {}) {
  return { ...expectedPublicUser(at), locale: null, private_metadata: {}, ...members };
}

function expectedSessionBase(at: number) {
  return {
    object: 'session',
    id: expect.stringMatching(ID.sess),
    status: 'active',
    expire_at: at + 1_800_000,
    abandon_at: at + 2_592_000_000,
    last_active_at: at,
    last_active_organization_id: null,
    actor: { sub: expect.any(String) },
    tasks: null,
    created_at: at,
    updated_at: at,
  };
}

/** The Backend API's `session`, started at `at` and untouched since, but for what is told. */
export function expectedSession(at: number, members: Members = {}) {
  return {
    ...expectedSessionBase(at),
    user_id: expect.stringMatching(ID.user),
    client_id: expect.stringMatching(ID.client),
    latest_activity: null,
    ...members,
  };
}

/** The Frontend API's `session`, as above, without a session token. */
export function expectedClientSession(at: number, userId: string, members: Members = {}) {
  return {
    ...expectedSessionBase(at),
    user: expectedPublicUser(at, { id: userId }),
    public_user_data: {
      first_name: 'Target',
      last_name: null,
      image_url: '',
      has_image: false,
      identifier: null,
      user_id: userId,
    },
    factor_verification_age: [0, -1],
    last_active_token: null,
    ...members,
  };
}

/** The `client` of a browser that signed in at `at`, with these sessions. */
export function expectedClient(at: number, sessions: readonly Members[], members: Members = {}) {
  return {
    object: 'client',
    id: expect.stringMatching(ID.client),
    sessions,
    sign_in: null,
    sign_up: null,
    last_active_session_id: sessions[0]?.id ?? null,
    last_authentication_strategy: null,
    cookie_expires_at: null,
    captcha_bypass: false,
    created_at: at,
    updated_at: at,
    ...members,
  };
}

export const expectedToken = { object: 'token', jwt: expect.stringMatching(JWT) };

const UAT_ATTRIBUTES = 'Path=/; Max-Age=34560000; Secure; SameSite=Lax';

export const signedOutCookies = [`__client_uat=0; ${UAT_ATTRIBUTES}`, `__client_uat_${SUFFIX}=0; ${UAT_ATTRIBUTES}`];

export const clearedCookies = ['__client=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax', ...signedOutCookies];

/** `__client_uat` is the whole second of the sign-in. */
export function signedInCookies(clientId: string, at: number) {
  const uat = Math.floor(at / 1000);
  return [
    expect.stringMatching(
      new RegExp(
        `^__client=${clientId}\\.[A-Za-z0-9_-]{43}; Path=/; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax$`,
      ),
    ),
    `__client_uat=${uat}; ${UAT_ATTRIBUTES}`,
    `__client_uat_${SUFFIX}=${uat}; ${UAT_ATTRIBUTES}`,
  ];
}
