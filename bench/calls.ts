// Counts the calls to AWS of each operation on the wire, by functions that have just started and by warm ones.
import { callsOf } from '../test/support/calls.ts';
import type { FaultProxy } from '../test/support/fault-proxy.ts';
import { type Child, startChild } from './child.ts';
import { createTicket, ofBrowser, redeem, signIn, type Target } from './operations.ts';
import { countRow, type Row } from './table.ts';

interface CallsOptions {
  /** The API of functions that call AWS through the proxies. */
  readonly proxies: { readonly dynamodb: FaultProxy; readonly kms: FaultProxy };
  /** The variables of the functions, with the proxies as endpoints. */
  readonly environment: Readonly<Record<string, string>>;
  /** An API that is warm, by which the operations are prepared. */
  readonly target: Target;
  readonly report: (line: string) => void;
}

/** Prepares one request, and returns the function that sends it to an API. */
type Prepare = (warm: Target) => Promise<(target: Target) => Promise<unknown>>;

const operations: Readonly<Record<string, Prepare>> = {
  create: async () => createTicket,
  redeem: async (warm) => {
    const ticket = await createTicket(warm);
    return (target) => redeem(target, ticket);
  },
  ...Object.fromEntries(
    Object.entries(ofBrowser).map(([name, act]) => [
      name,
      async (warm: Target) => {
        const browser = await signIn(warm);
        return (target: Target) => act(target, browser);
      },
    ]),
  ),
};

/** Returns the calls of each operation, and how many of them are sent one after the other. */
export async function countCalls({ proxies, environment, target, report }: CallsOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [name, prepare] of Object.entries(operations)) {
    const requests = [await prepare(target), await prepare(target)];
    const host: Child = await startChild('host.ts', environment);
    for (const [position, when] of (['cold', 'warm'] as const).entries()) {
      const { calls, depth } = await callsOf(proxies, async () =>
        requests[position]?.({ ...target, endpoint: host.endpoint }),
      );
      rows.push(countRow(`${name}, ${when}: calls to AWS; of them one after the other`, `${calls.length}; ${depth}`));
    }
    await host.stop();
    report(`calls of ${name}: counted`);
  }
  return rows;
}
