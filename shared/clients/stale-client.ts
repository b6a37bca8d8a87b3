import { ApiError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import { isLongStale } from './client.ts';

/**
 * A client presented a secret that a later sign-in replaced. The request is refused. If the browser were treated as a new one instead,
 * it could have two live sessions.
 */
export class StaleClientError extends ApiError {
  /** True when the answer may delete the cookie without risk to a newer one. */
  readonly isLongStale: boolean;

  constructor(rotatedAt: EpochMs, now: EpochMs) {
    super({ code: 'authentication_invalid', sentence: 'This browser has signed in again since. Please reload.' });
    this.isLongStale = isLongStale(rotatedAt, now);
  }
}
