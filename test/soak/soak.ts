/**
 * `npm run soak`: runs the product as `npm start` runs it, uses it as many servers and browsers do, kills it again and again, and checks at
 * the end that every answer was true, and that its memory was flat.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readOptions } from '../../cdk/commands/arguments.ts';
import { UsageError } from '../../cdk/commands/errors.ts';
import { printTable } from '../../cdk/commands/output.ts';
import { listenLocally } from '../../local/aws/server.ts';
import { randomFrom } from '../support/random.ts';
import type { Checked } from './checked.ts';
import { check } from './checker.ts';
import { type Client, openClient } from './client.ts';
import { lastSeal, readFinalState, type Witness } from './final-state.ts';
import type { Entry } from './history.ts';
import { runLoad } from './load.ts';
import {
  checkMemory,
  type Life,
  livesOf,
  type ProcessName,
  processNames,
  residentMegabytes,
  type Sample,
} from './memory.ts';
import { type Kill, plotOf } from './plot.ts';
import { killWhileStarting, type Place, type Product, startProduct } from './product.ts';

const help = `Usage: npm run soak -- [options]

Runs the product under load, kills its processes again and again, and checks at the end that nothing acknowledged is lost.

  --minutes <number>  the length of the load (default: 10)
  --seed <number>     repeats the choices of an earlier run (default: a random one, which is printed)
  --plot <file>       writes the memory of the processes as an SVG`;

const outcomes = ['acknowledged', 'refused', 'unknown'] as const;
const SHOWN_VIOLATIONS = 20;
const SAMPLE_EVERY_MS = 1000;
const REPORT_EVERY_MS = 15_000;
/** Nothing is killed in the last part of the load, so that a leak has the time to show. */
const UNINTERRUPTED_PART = 0.5;
const [SHORTEST_LIFE_IN_MS, LONGEST_LIFE_IN_MS] = [8000, 60_000] as const;
const WARM_UP_IN_MS = 10_000;
/** Before each kill nobody pauses for about so long, so that the kill loses the answers of many requests. */
const HURRY_IN_MS = 800;

/** The part of the starts that are killed, after this time at the latest. */
const [KILLED_STARTS, LONGEST_START_IN_MS] = [0.25, 4000] as const;

/** The processes that a kill ends, in turn, so that a short run has each. */
const victims: readonly (readonly ProcessName[])[] = [['runtime'], ['engine'], ['runtime', 'engine']];

function numberFrom(option: string, text: string, highest: number): number {
  const value = Number(text);
  if (value > 0 && value <= highest) return value;
  throw new UsageError(`${option} is ${text}: write a number from 1 to ${highest}.`);
}

function optionsFrom(args: readonly string[]) {
  const types = { minutes: { type: 'string' }, seed: { type: 'string' }, plot: { type: 'string' } } as const;
  const { minutes = '10', seed = String(1 + Math.floor(Math.random() * 2 ** 31)), plot } = readOptions(args, types);
  // Longer than a ticket lives, the reasons of refusals would be others.
  return { minutes: numberFrom('--minutes', minutes, 50), seed: numberFrom('--seed', seed, 2 ** 31), plot };
}

type Options = ReturnType<typeof optionsFrom>;

/** The state of a run that goes on. */
interface Running {
  readonly place: Place;
  product: Product;
  life: number;
  readonly startedAt: number;
  readonly samples: Sample[];
  readonly kills: Kill[];
  readonly witnesses: Witness[];
}

const secondsOf = ({ startedAt }: Running) => (performance.now() - startedAt) / 1000;

function sample(running: Running): void {
  const { product, life, samples } = running;
  for (const process of processNames) {
    const megabytes = residentMegabytes(product.pids[process]);
    if (megabytes !== undefined) samples.push({ process, life, seconds: secondsOf(running), megabytes });
  }
}

/** Kills processes of the product in the middle of its work, and starts it again as a user would. Some starts are killed too. */
async function killAndRestart(running: Running, client: Client, names: readonly ProcessName[], random: () => number) {
  const { place } = running;
  const witness = await lastSeal(place.dir);
  if (witness) running.witnesses.push(witness);
  client.hurry();
  await sleep(HURRY_IN_MS * (0.5 + random()));
  const seconds = secondsOf(running);
  running.kills.push({ seconds, names });
  const killed = running.product.kill(names);
  client.hold();
  await killed;
  if (random() < KILLED_STARTS) {
    running.kills.push({ seconds: secondsOf(running), names: ['runtime'] });
    await killWhileStarting(place, random() * LONGEST_START_IN_MS);
  }
  running.product = await startProduct(place);
  running.life += 1;
  const took = secondsOf(running) - seconds;
  console.log(`${Math.round(seconds)} s: killed ${names.join(' and ')}; it answers again after ${took.toFixed(1)} s.`);
}

function countOf(history: readonly Entry[], outcome: Entry['outcome']): number {
  return history.filter((entry) => entry.outcome === outcome).length;
}

function progressOf(running: Running, { history }: Client): string {
  const counts = outcomes.map((outcome) => `${countOf(history, outcome)} ${outcome}`);
  const memory = processNames.map((process) => {
    const megabytes = residentMegabytes(running.product.pids[process]);
    return megabytes === undefined ? `${process} down` : `${process} ${Math.round(megabytes)} MB`;
  });
  return `${Math.round(secondsOf(running))} s: ${[...counts, `${running.kills.length} kills`, ...memory].join(', ')}`;
}

/** Does something again and again until the signal aborts. */
async function every(milliseconds: number, signal: AbortSignal, action: () => void): Promise<void> {
  while (!signal.aborted) {
    action();
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}

/** Lets everybody work almost without a pause, so that the functions have all their execution environments early in a life. */
async function warmUp(client: Client): Promise<void> {
  client.hurry();
  await sleep(WARM_UP_IN_MS);
  client.calm();
}

/** Kills the product at random moments, until so many milliseconds after the start. */
async function killAtRandomMoments(running: Running, client: Client, until: number, random: () => number) {
  const longest = Math.max(SHORTEST_LIFE_IN_MS, Math.min(LONGEST_LIFE_IN_MS, until / 4));
  for (let turn = 0; ; turn += 1) {
    const wait = SHORTEST_LIFE_IN_MS + random() * (longest - SHORTEST_LIFE_IN_MS);
    if (secondsOf(running) * 1000 + wait > until) return;
    await sleep(wait);
    await killAndRestart(running, client, victims[turn % victims.length] ?? [], random);
    client.resume();
    await warmUp(client);
  }
}

/** Runs the load with its kills. The last kill ends both processes while the load is at work. */
async function soak(running: Running, client: Client, { minutes, seed }: Options): Promise<void> {
  const length = minutes * 60_000;
  const random = randomFrom(seed);
  await warmUp(client);
  await killAtRandomMoments(running, client, length * (1 - UNINTERRUPTED_PART), random);
  await sleep(Math.max(0, length - secondsOf(running) * 1000));
  await killAndRestart(running, client, processNames, random);
  client.close();
}

type Answers = readonly Entry[];

function report(all: readonly Checked[], lives: readonly Life[], history: Answers): void {
  const operations = [...Map.groupBy(history, ({ operation }) => operation)];
  console.log('');
  printTable([
    ['Operation', ...outcomes],
    ...operations.map(([operation, entries]) => [operation, ...outcomes.map((each) => String(countOf(entries, each)))]),
  ]);
  console.log('');
  printTable([
    ['Process', 'Life', 'Seconds', 'Highest', 'Slope of the last part'],
    ...lives.map(({ process, life, isUninterrupted, isSettled, seconds, highest, slope }) => [
      process,
      isUninterrupted ? `${life}, uninterrupted` : String(life),
      seconds.toFixed(0),
      `${highest.toFixed(0)} MB`,
      `${slope.toFixed(1)} MB a minute${isSettled ? '' : ', not judged'}`,
    ]),
  ]);
  console.log('');
  printTable([
    ['Rule', 'Cases', 'Violations'],
    ...all.map(({ rule, cases, violations }) => [rule, String(cases), String(violations.length)]),
  ]);
  for (const { violations } of all)
    for (const violation of violations.slice(0, SHOWN_VIOLATIONS)) console.log(`- ${violation}`);
}

async function freePort(): Promise<number> {
  const { port, stop } = await listenLocally(createServer(), 0);
  await stop();
  return port;
}

/** Runs the soak in a directory. Resolves to whether every rule holds. */
async function run(options: Options, dir: string): Promise<boolean> {
  const { minutes, seed, plot } = options;
  const place = { dir, port: await freePort() };
  console.log(`Seed ${seed}, ${minutes} minutes, in ${dir}`);
  const product = await startProduct(place);
  const client = await openClient(product.instance);
  const startedAt = performance.now();
  const running: Running = { place, product, life: 1, startedAt, samples: [], kills: [], witnesses: [] };
  const over = new AbortController();
  try {
    const watching = [
      every(SAMPLE_EVERY_MS, over.signal, () => sample(running)),
      every(REPORT_EVERY_MS, over.signal, () => console.log(progressOf(running, client))),
    ];
    const working = runLoad(client, seed);
    // A load that fails ends the run at once.
    const failed = working.then(() => new Promise<never>(() => undefined));
    await Promise.race([soak(running, client, options), failed]);
    await working;
    over.abort();
    await Promise.all(watching);
    const lives = livesOf(running.samples, running.life - 1);
    const history = client.history.toSorted((one, other) => one.answered - other.answered);
    const all = [...check(history, await readFinalState(dir, running.witnesses)), ...checkMemory(lives)];
    report(all, lives, history);
    const violations = all.flatMap((each) => each.violations).length;
    const title = `npm run soak, ${minutes} minutes: ${history.length} requests, ${running.kills.length} kills`;
    console.log(`\n${title}, seed ${seed}: ${violations} violations.`);
    if (plot !== undefined) {
      mkdirSync(dirname(plot), { recursive: true });
      writeFileSync(plot, plotOf({ title, samples: running.samples, kills: running.kills }));
    }
    return violations === 0;
  } finally {
    over.abort();
    client.close();
    await running.product.stop();
  }
}

/** Runs the command. All that was stored is kept only after a violation. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(help);
    return 0;
  }
  const options = optionsFrom(args);
  const dir = mkdtempSync(join(tmpdir(), 'soak-'));
  if (!(await run(options, dir))) return 1;
  rmSync(dir, { recursive: true });
  return 0;
}

// The exit ends the product too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
