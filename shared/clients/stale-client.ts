import { ApiError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import { isLongStale } from './client.ts';

/**
 * A known client presented a secret that a later sign-in replaced. It is refused, never taken for a new browser: that would
 * leave a second live session in the same browser.
 */
export class StaleClientError extends ApiError {
  /** Whether the browser can be told to drop the cookie without risk to a newer one. */
  readonly isLongStale: boolean;

  constructor(rotatedAt: EpochMs, now: EpochMs) {
    super({ code: 'authentication_invalid', sentence: 'This browser has signed in again since. Please reload.' });
    this.isLongStale = isLongStale(rotatedAt, now);
  }
}
