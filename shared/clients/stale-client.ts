import { ApiError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import { isLongStale } from './client.ts';

/**
 * A client presented a secret that a later sign-in replaced. The request is refused, and the browser is never taken for a new one:
 * that would leave a second live session in the same browser.
 */
export class StaleClientError extends ApiError {
  /** True when the browser can be told to delete the cookie without risk to a newer one. */
  readonly isLongStale: boolean;

  constructor(rotatedAt: EpochMs, now: EpochMs) {
    super({ code: 'authentication_invalid', sentence: 'This browser has signed in again since. Please reload.' });
    this.isLongStale = isLongStale(rotatedAt, now);
  }
}
