/**
 * How long each step of a rotation must have been deployed before the next may begin. Every wait counts from the end of the
 * deployment: by then every function has the new list.
 */
import { limits } from '../../../shared/base/limits.ts';
import { DAY_IN_SECONDS, MINUTE_IN_SECONDS } from '../../../shared/base/time.ts';
import type { KeyName } from '../../signing-key.ts';

/**
 * How long a verifier keeps a JWKS: `createRemoteJWKSet` of jose 10 minutes, @clerk/backend 5. Both ask anew when they meet an
 * unknown key, jose not within 30 s of the last time; a verifier that never asks early has to be right as well.
 */
export const VERIFIER_CACHE_IN_SECONDS = 10 * MINUTE_IN_SECONDS;

/**
 * A changed permission of IAM, in-flight requests of a function as it was (20 s), a token's tolerated clock skew (5 s in
 * @clerk/backend) and the difference between AWS's clock and the one the command reads: together far below this.
 */
export const SETTLING_IN_SECONDS = 5 * MINUTE_IN_SECONDS;

export interface Waits {
  /** Between publishing a key and signing with it. */
  readonly beforeSign: number;
  /** Between signing with the new key and retiring the old. */
  readonly beforeRetire: number;
}

/**
 * In seconds.
 *
 * A new session key signs once no verifier can hold a JWKS without it: one it read at the last moment from a cache that was
 * filled at the last moment. A new ticket key waits for nothing but the deployment: functions are replaced one after the
 * other, and all that verify tickets must know the key before one signs with it, but nobody else ever verifies a ticket.
 *
 * An old session key stays as long as a session can be alive that got no newer token. Its token lives for a minute only, but
 * a server-rendered page is sent for a fresh one only if it can still tell that the old one is genuine and expired; with an
 * unknown key it takes the browser for signed out. An old ticket key stays until its last ticket has expired.
 */
export function waitsOf(kind: KeyName, { maxTicketLifeInSeconds }: { readonly maxTicketLifeInSeconds: number }): Waits {
  if (kind === 'ticket') return { beforeSign: 0, beforeRetire: maxTicketLifeInSeconds + SETTLING_IN_SECONDS };
  return {
    beforeSign: limits.jwksMaxAgeInSeconds + VERIFIER_CACHE_IN_SECONDS + SETTLING_IN_SECONDS,
    beforeRetire: limits.inactivityInSeconds + SETTLING_IN_SECONDS,
  };
}

/** Rounded up, so that whoever waits this long has waited long enough: `20 minutes`, `30 days and 5 minutes`. */
export function duration(seconds: number): string {
  const minutes = Math.ceil(seconds / MINUTE_IN_SECONDS);
  const perDay = DAY_IN_SECONDS / MINUTE_IN_SECONDS;
  const parts = [
    [Math.floor(minutes / perDay), 'day'],
    [Math.floor((minutes % perDay) / 60), 'hour'],
    [minutes % 60, 'minute'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`);
  return said.length > 0 ? new Intl.ListFormat('en').format(said) : 'no time';
}
