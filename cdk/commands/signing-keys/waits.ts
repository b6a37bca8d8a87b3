/**
 * The waits between the steps of a rotation. Every wait starts at the end of a deployment, because by then every function has the
 * new list.
 */
import type { Instance } from '../../../shared/base/instance.ts';
import { limits } from '../../../shared/base/limits.ts';
import { MINUTE_IN_SECONDS } from '../../../shared/base/time.ts';
import type { KeyName } from '../../signing-key.ts';

/**
 * The time for which a verifier caches a JWKS: 10 minutes in `createRemoteJWKSet` of jose, 5 in @clerk/backend. Both read it again
 * when they meet an unknown key, jose not within 30 s of the last time. The wait is also right for a verifier that never does.
 */
export const VERIFIER_CACHE_IN_SECONDS = 10 * MINUTE_IN_SECONDS;

/**
 * The margin for permissions that IAM has not propagated yet, requests in progress (20 s), the clock skew that verifiers tolerate
 * (5 s in @clerk/backend), and the difference between AWS's clock and that of the command. Together they take far less.
 */
export const SETTLING_IN_SECONDS = 5 * MINUTE_IN_SECONDS;

export interface Waits {
  /** Seconds between publishing a key and signing with it. */
  readonly beforeSign: number;
  /** Seconds between signing with the new key and retiring the old one. */
  readonly beforeRetire: number;
}

/** The limits of an instance on which the waits depend. */
export type WaitLimits = Pick<
  Instance,
  'inactivityInSeconds' | 'maxTicketLifeInSeconds' | 'maxSessionDurationInSeconds'
>;

/**
 * Returns the waits of a kind of key.
 *
 * A new session key signs once no verifier can hold a JWKS without it: one that was read at the last moment from an HTTP cache that
 * was filled at the last moment. A new ticket key waits for the deployment only: every function must know the key before any signs
 * with it, and nobody else verifies tickets.
 *
 * An old session key stays for as long as a session can be active without a newer token. Its token lives for a minute only, but a
 * server-rendered page sends the browser for a fresh token only if it can verify that the old one is genuine and expired; with an
 * unknown key it treats the browser as signed out. An old ticket key stays until its last ticket has expired and the longest
 * session that this ticket can have started has ended: each session token is created after a check of the ticket's signature.
 */
export function waitsOf(kind: KeyName, instance: WaitLimits): Waits {
  const { inactivityInSeconds, maxTicketLifeInSeconds, maxSessionDurationInSeconds } = instance;
  if (kind === 'ticket') {
    const beforeRetire = maxTicketLifeInSeconds + maxSessionDurationInSeconds + SETTLING_IN_SECONDS;
    return { beforeSign: 0, beforeRetire };
  }
  return {
    beforeSign: limits.jwksMaxAgeInSeconds + VERIFIER_CACHE_IN_SECONDS + SETTLING_IN_SECONDS,
    beforeRetire: inactivityInSeconds + SETTLING_IN_SECONDS,
  };
}
