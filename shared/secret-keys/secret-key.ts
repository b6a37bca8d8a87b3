/**
 * A secret key: the credential of a customer's server. Only its SHA-256 is stored, and it is the key of the look-up, so neither the
 * table nor the time of a comparison reveals any part of a secret key. Several can be active at once.
 */
import { randomBytes } from 'node:crypto';
import type { ErrorItem } from '../base/errors.ts';
import type { SecretKeyId } from '../base/ids.ts';
import { sha256 } from '../base/sha256.ts';
import type { EpochMs } from '../base/time.ts';

const SECRET_BYTES = 32;
const GRAMMAR = /^sk_(live|test)_[A-Za-z0-9_-]{20,100}$/;

/**
 * The rights of a secret key: `create` actor tokens and session tokens, `revoke` actor tokens and sessions, `read` users and sessions,
 * and change `users`. Each operation of the Backend API needs one of them (functions/routes.ts).
 */
export const secretKeyScopes = ['create', 'revoke', 'read', 'users'] as const;

export type SecretKeyScope = (typeof secretKeyScopes)[number];

/** The scope that an operation needs. `any`: every secret key will do. */
export type RequiredScope = SecretKeyScope | 'any';

/** The stored facts of a secret key besides its hash. */
export interface SecretKey {
  readonly id: SecretKeyId;
  /** A name for people, such as the purpose of the key. */
  readonly name: string;
  readonly scopes: readonly SecretKeyScope[];
  readonly createdAt: EpochMs;
  /** The key is refused from this instant on; undefined for one that does not expire. */
  readonly expiresAt: EpochMs | undefined;
  readonly generation: number;
  readonly revokedAt: EpochMs | undefined;
}

/** `invalid`: of another generation than the deployment's, as in a restored backup. */
export type SecretKeyStatus = 'active' | 'expired' | 'revoked' | 'invalid';

/** The deployment and the instant for which a key has a status. */
interface Situation {
  readonly generation: number;
  readonly now: EpochMs;
}

/** The status of a key. Only an active key is accepted. */
export function statusOf(key: SecretKey, { generation, now }: Situation): SecretKeyStatus {
  if (key.revokedAt !== undefined) return 'revoked';
  if (key.generation !== generation) return 'invalid';
  return key.expiresAt !== undefined && key.expiresAt <= now ? 'expired' : 'active';
}

/**
 * The reason why a request with this key is refused: `clerk_key_invalid` for a key that is not active, `not_allowed_access` for one
 * without the scope. Undefined for a request that is accepted.
 *
 * @param scope undefined refuses every key
 */
export function whyRefused(
  key: SecretKey,
  { scope, ...situation }: Situation & { readonly scope: RequiredScope | undefined },
): ErrorItem | undefined {
  const status = statusOf(key, situation);
  if (status === 'expired')
    return {
      code: 'clerk_key_invalid',
      sentence: `The secret key ${key.id} has expired. Create another one with the command secret-key.`,
    };
  if (status !== 'active') return { code: 'clerk_key_invalid' };
  if (scope === 'any' || key.scopes.some((each) => each === scope)) return undefined;
  return {
    code: 'not_allowed_access',
    sentence:
      `The secret key ${key.id} does not have the scope ${scope}, which this operation needs. Create one that has it ` +
      `with the command secret-key: create --may ${scope} --name <purpose>`,
  };
}

/** True when a text has the form of a secret key. Nothing else is looked up. */
export function isSecretKey(text: string): boolean {
  return GRAMMAR.test(text);
}

/** `live` for an instance whose data is protected from deletion. People and scanners of secrets tell the two apart by the prefix. */
export type SecretKeyKind = 'live' | 'test';

/** A new secret key: 256 random bits. */
export function newSecretKey(kind: SecretKeyKind): string {
  return `sk_${kind}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** SHA-256 of a secret key, in hexadecimal; stored in its place. */
export function secretKeyHash(secretKey: string): string {
  return sha256(secretKey);
}
