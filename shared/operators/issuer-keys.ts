// The public keys of identity providers.
import {
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

/** The keys as a request at this time may use them. Throws `service_unavailable` when no keys can be used. */
type KeysAt = (now: EpochMs) => JWTVerifyGetKey;

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
    /** The keys that were read last. */
    const staleKey: JWTVerifyGetKey = async (header, token) => {
      const { jwks, uat = 0 } = cache;
      if (!jwks || now - uat > STALE_KEYS_ARE_USED_FOR_MS) throw new ApiError('service_unavailable');
      return createLocalJWKSet(jwks)(header, token).catch((error: unknown) => {
        throw new ApiError('service_unavailable').causedBy(error);
      });
    };
    return async (header, token) => {
      const isFresh = cache.uat !== undefined && now - cache.uat < KEPT_FOR_MS;
      // An identity provider that is down must not delay every request.
      if (!isFresh && Math.abs(now - failedAt) < COOLDOWN_IN_MS) return staleKey(header, token);
      try {
        return await remote(header, token);
      } catch (error) {
        if (isAboutTheToken(error)) throw error;
        failedAt = now;
        return staleKey(header, token);
      }
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
