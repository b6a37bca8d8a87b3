// The public keys of identity providers.
import type { webcrypto } from 'node:crypto';
import {
  type CryptoKey,
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JWKSCacheInput,
  type JWTVerifyGetKey,
  jwksCache,
} from 'jose';
import { ApiError } from '../base/errors.ts';
import { perInstance } from '../base/instance.ts';
import type { Issuer } from '../base/operators.ts';
import { type EpochMs, HOUR_IN_SECONDS, MINUTE_IN_SECONDS } from '../base/time.ts';

const TIMEOUT_IN_MS = 1500;
const KEPT_FOR_MS = 10 * MINUTE_IN_SECONDS * 1000;
const COOLDOWN_IN_MS = 30_000;
const STALE_KEYS_ARE_USED_FOR_MS = 24 * HOUR_IN_SECONDS * 1000;

/** No key of those that were read is the token's, or several are. Everything else means that the keys could not be read. */
function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

/** RFC 7518 section 3.3. */
const LEAST_BITS_OF_RSA = 2048;
/** RFC 8017 section 3.1. With the exponent 1 everybody can make signatures. */
const LEAST_EXPONENT_OF_RSA = 3n;

/** True for a key by which nobody may be trusted, whoever published it. */
function isTooWeak({ algorithm }: CryptoKey): boolean {
  if (!('modulusLength' in algorithm)) return false;
  const { modulusLength, publicExponent } = algorithm as webcrypto.RsaHashedKeyAlgorithm;
  const exponent = BigInt(`0x${Buffer.from(publicExponent).toString('hex') || '0'}`);
  return modulusLength < LEAST_BITS_OF_RSA || exponent < LEAST_EXPONENT_OF_RSA;
}

type FindKey = (...request: Parameters<JWTVerifyGetKey>) => Promise<CryptoKey>;

/** The keys as a request at this time may use them. Throws `service_unavailable` when no keys can be used. */
type KeysAt = (now: EpochMs) => FindKey;

/**
 * The keys of an identity provider, read when they are needed and kept for ten minutes. A key that they lack is looked for again, at most
 * every 30 seconds. While they cannot be read, those that were read last are used, for 24 hours at most.
 */
function keysOf({ jwksUri }: Issuer): KeysAt {
  const cache: JWKSCacheInput = {};
  const remote = createRemoteJWKSet(new URL(jwksUri), {
    timeoutDuration: TIMEOUT_IN_MS,
    cacheMaxAge: KEPT_FOR_MS,
    cooldownDuration: COOLDOWN_IN_MS,
    [jwksCache]: cache,
  });
  let failedAt = Number.NEGATIVE_INFINITY;

  return (now) => {
    const isFresh = () => cache.uat !== undefined && now - cache.uat < KEPT_FOR_MS;
    /** Finds the key in the keys that were read last. */
    const staleKey: FindKey = async (header, token) => {
      const { jwks, uat } = cache;
      // Without a time, the age is no number, and no key is used.
      if (!jwks || !(now - Number(uat) <= STALE_KEYS_ARE_USED_FOR_MS)) throw new ApiError('service_unavailable');
      return createLocalJWKSet(jwks)(header, token).catch((error: unknown) => {
        // Nothing is read here, so any other error is about the key itself: it cannot be used, and counts as none.
        if (!isAboutTheToken(error)) throw new errors.JWKSNoMatchingKey();
        throw new ApiError('service_unavailable').causedBy(error);
      });
    };
    const anyKey: FindKey = async (header, token) => {
      // An identity provider that is down must not delay every request.
      if (!isFresh() && Math.abs(now - failedAt) < COOLDOWN_IN_MS) return staleKey(header, token);
      try {
        return await remote(header, token);
      } catch (error) {
        if (isAboutTheToken(error)) throw error;
        if (!isFresh()) failedAt = now;
        return staleKey(header, token);
      }
    };
    return async (header, token) => {
      const key = await anyKey(header, token);
      if (isTooWeak(key)) throw new errors.JWKSNoMatchingKey();
      return key;
    };
  };
}

interface IdentityProvider {
  readonly issuer: Issuer;
  readonly keysAt: KeysAt;
}

/** The configured identity providers, by the claim `iss` of their tokens. */
export const identityProvidersOf = perInstance(
  ({ authority }): ReadonlyMap<unknown, IdentityProvider> =>
    new Map((authority.operators?.issuers ?? []).map((issuer) => [issuer.issuer, { issuer, keysAt: keysOf(issuer) }])),
);
