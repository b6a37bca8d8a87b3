// Stops the clock for the handlers that run in the test's own process. Only `Date`: sockets keep their timers.
import { afterEach, beforeEach, vi } from 'vitest';

export const noon = 1_700_000_000_000;
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

/** Starts every test of the file at noon. The time changes only by `setClock`. */
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
