// Expected values of the Frontend API's answers, and of the cookies that come with them.
import { createHash } from 'node:crypto';
import { expect, inject } from 'vitest';

const { publishableKey } = inject('stack');

export const SUFFIX = createHash('sha1').update(publishableKey).digest('base64url').slice(0, 8);

const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

type Members = Readonly<Record<string, unknown>>;

/**
 * Returns the members of the Frontend API's `user` whose values its schema leaves open, for a user of `aUser()` in given.ts; for
 * `toMatchObject`. Every answer is also compared with the published document (documented.ts). Its shapes are closed, so that
 * comparison finds missing members, additional ones and every wrong constant.
 */
export function expectedPublicUser(at: number, members: Members = {}) {
  return {
    external_id: null,
    username: null,
    first_name: 'Target',
    last_name: null,
    primary_email_address_id: null,
    primary_phone_number_id: null,
    two_factor_enabled: false,
    totp_enabled: false,
    backup_code_enabled: false,
    email_addresses: [],
    phone_numbers: [],
    public_metadata: {},
    unsafe_metadata: {},
    banned: false,
    created_at: at,
    updated_at: at,
    mfa_enabled_at: null,
    ...members,
  };
}

/** Does the same for the `session`, started at `at` and without activity since; by default without a session token. */
export function expectedClientSession(at: number, userId: string, members: Members = {}) {
  return {
    status: 'active',
    expire_at: at + 1_800_000,
    abandon_at: at + 2_592_000_000,
    last_active_at: at,
    actor: { sub: expect.any(String) },
    created_at: at,
    updated_at: at,
    user: expectedPublicUser(at, { id: userId }),
    public_user_data: {
      first_name: 'Target',
      last_name: null,
      identifier: userId,
      user_id: userId,
    },
    factor_verification_age: [0, -1],
    last_active_token: null,
    ...members,
  };
}

/** Does the same for the `client` of a browser that signed in at `at`, with these sessions. */
export function expectedClient(at: number, sessions: readonly Members[]) {
  return { sessions, last_active_session_id: sessions[0]?.id ?? null, created_at: at, updated_at: at };
}

export const expectedToken = { object: 'token', jwt: expect.stringMatching(JWT) };

const UAT_ATTRIBUTES = 'Path=/; Max-Age=34560000; Secure; SameSite=Lax';

export const signedOutCookies = [`__client_uat=0; ${UAT_ATTRIBUTES}`, `__client_uat_${SUFFIX}=0; ${UAT_ATTRIBUTES}`];

export const clearedCookies = [
  '__Host-client=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax',
  ...signedOutCookies,
];

/** `__client_uat` is the whole second of the sign-in. */
export function signedInCookies(clientId: string, at: number) {
  const uat = Math.floor(at / 1000);
  return [
    expect.stringMatching(
      new RegExp(
        `^__Host-client=${clientId}\\.[A-Za-z0-9_-]{43}; Path=/; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax$`,
      ),
    ),
    `__client_uat=${uat}; ${UAT_ATTRIBUTES}`,
    `__client_uat_${SUFFIX}=${uat}; ${UAT_ATTRIBUTES}`,
  ];
}
