// Stops the clock for the handlers that run in the test's own process. Only `Date`: sockets keep their timers.
import { afterEach, beforeEach, vi } from 'vitest';

export const noon = 1_700_000_000_000;
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

/** Every test of the file begins at noon, and time passes only when it says so. */
export function startAtNoon(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: noon });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

export function setClock(at: number): void {
  vi.setSystemTime(at);
}
