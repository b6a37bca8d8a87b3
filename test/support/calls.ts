// The calls to DynamoDB and KMS that a request makes, on the wire, and how many of them it makes one after the other.
import type { FaultProxy, Passed } from './fault-proxy.ts';

/** Calls that are sent at once arrive within this time, also on a busy machine. */
const PAUSE_IN_MS = 60;

interface Calls<Result> {
  readonly result: Result;
  /** The operations, in alphabetical order. */
  readonly calls: readonly string[];
  /** The longest row of calls, each of which is sent after the one before it was answered. */
  readonly depth: number;
}

/** The length of the longest row, for calls in the order in which they arrived. */
function depthOf(requests: readonly Passed[]): number {
  const depths: number[] = [];
  for (const { arrivedAt } of requests) {
    const before = depths.filter((_depth, position) => {
      const { answeredAt = Number.POSITIVE_INFINITY } = requests[position] ?? {};
      return answeredAt <= arrivedAt;
    });
    depths.push(Math.max(0, ...before) + 1);
  }
  return Math.max(0, ...depths);
}

/**
 * Runs `act` and returns the calls that it made through the proxies. Nothing else may call AWS meanwhile. Each call is held back for a
 * moment, so that calls which are sent at the same time overlap.
 */
export async function callsOf<Result>(
  { dynamodb, kms }: { readonly dynamodb: FaultProxy; readonly kms: FaultProxy },
  act: () => Promise<Result>,
): Promise<Calls<Result>> {
  const onKms = await kms.watch(() => dynamodb.watch(act, PAUSE_IN_MS), PAUSE_IN_MS);
  const { result, requests } = onKms.result;
  const all = [...requests, ...onKms.requests].sort((one, other) => one.arrivedAt - other.arrivedAt);
  return { result, calls: all.map(({ operation }) => operation).sort(), depth: depthOf(all) };
}
