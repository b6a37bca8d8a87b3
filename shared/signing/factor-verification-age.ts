import { type EpochMs, MINUTE_IN_SECONDS } from '../base/time.ts';

/**
 * Minutes since the first and the second factor. The ticket counts as the first factor; there is no second.
 * Source: Clerk's public documentation, factor verification age.
 */
export function factorVerificationAge(createdAt: EpochMs, now: EpochMs): [first: number, second: -1] {
  const minutes = Math.floor((now - createdAt) / (MINUTE_IN_SECONDS * 1000));
  return [Math.max(0, minutes), -1];
}
