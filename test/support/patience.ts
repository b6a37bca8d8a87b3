import { vi } from 'vitest';

/**
 * Runs hundreds of calls at once without their requests timing out. A function's environment serves one request at a time;
 * here all share one SDK client with 50 sockets, and waiting for one of those counts as waiting for DynamoDB.
 */
export async function withoutTimeouts<Result>(act: () => Promise<Result>): Promise<Result> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    return await act();
  } finally {
    vi.useRealTimers();
  }
}
