import { Socket } from 'node:net';
import { vi } from 'vitest';

/** A timer of this length or more is a time-out; a shorter one is a pause between attempts. */
const SHORTEST_TIMEOUT_IN_MS = 1000;
const LONGER = 60;

function stretched(delay: number): number {
  return delay < SHORTEST_TIMEOUT_IN_MS ? delay : delay * LONGER;
}

/**
 * Runs hundreds of calls at once without their requests timing out. A function's environment serves one request at a time; here
 * all calls share one SDK client with 50 sockets and one event loop, and waiting for those counts as waiting for DynamoDB.
 */
export async function withoutTimeouts<Result>(act: () => Promise<Result>): Promise<Result> {
  const { setTimeout } = globalThis;
  const setSocketTimeout = Socket.prototype.setTimeout;
  const patient = (callback: () => void, delay = 0) => setTimeout(callback, stretched(delay));
  const replaced = [
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(patient as typeof setTimeout),
    vi.spyOn(Socket.prototype, 'setTimeout').mockImplementation(function (this: Socket, delay, callback) {
      return setSocketTimeout.call(this, stretched(delay), callback);
    }),
  ];
  try {
    return await act();
  } finally {
    for (const each of replaced) each.mockRestore();
  }
}
