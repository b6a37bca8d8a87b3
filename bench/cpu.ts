// Measures the CPU time of each operation, beside that of a server which only signs a JWT.

import { send } from './api.ts';
import type { Child } from './child.ts';
import { createTicket, ofBrowser, redeem, signIn, type Target } from './operations.ts';
import { type Measured, measured, ratios } from './statistics.ts';

const REQUESTS_A_ROUND = 40;

/** The CPU milliseconds of a request. */
async function cpuOf(child: Child, act: (turn: number) => Promise<unknown>): Promise<number> {
  const before = await child.cpu();
  for (let turn = 0; turn < REQUESTS_A_ROUND; turn += 1) await act(turn);
  return ((await child.cpu()) - before) / REQUESTS_A_ROUND;
}

interface CpuOptions {
  readonly host: Child;
  readonly floor: Child;
  readonly target: Target;
  readonly rounds: number;
  readonly report: (line: string) => void;
}

/** A second measurement of the signed JWT in each round. */
const NOISE = 'noise: one signed JWT over node:http';

/** Returns for each operation its CPU time as a multiple of that of one signed JWT over node:http. The first rounds only warm up. */
export async function measureCpu({
  host,
  floor,
  target,
  rounds,
  report,
}: CpuOptions): Promise<ReadonlyMap<string, Measured>> {
  const browser = await signIn(target);
  const signJwt = () => send(floor.endpoint, { method: 'POST', path: '/' });
  const warmUps = Math.ceil(rounds / 3);
  const base: number[] = [];
  const found = new Map<string, number[]>();
  const record = (name: string, milliseconds: number) => found.set(name, [...(found.get(name) ?? []), milliseconds]);
  for (let round = 1 - warmUps; round <= rounds; round += 1) {
    const tickets: string[] = [];
    const once: readonly (readonly [name: string, milliseconds: number])[] = [
      ['create', await cpuOf(host, async () => void tickets.push(await createTicket(target)))],
      ['redeem', await cpuOf(host, (turn) => redeem(target, tickets[turn] ?? ''))],
    ];
    const repeated: (readonly [name: string, milliseconds: number])[] = [];
    for (const [name, act] of Object.entries(ofBrowser))
      repeated.push([name, await cpuOf(host, () => act(target, browser))]);
    const [floored, again] = [await cpuOf(floor, signJwt), await cpuOf(floor, signJwt)];
    if (round < 1) continue;
    base.push(floored);
    for (const [name, milliseconds] of [...once, ...repeated, [NOISE, again] as const]) record(name, milliseconds);
    report(`CPU of the operations: round ${round} of ${rounds}`);
  }
  return new Map([...found].map(([name, milliseconds]) => [name, measured(ratios(milliseconds, base))]));
}
