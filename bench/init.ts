// Measures how a Lambda starts, beside an empty handler: each round starts all of them, one after the other.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { type BundleName, bundlesDirectory, HEALTH_CHECK, lambdaNames, SEALER } from '../cdk/bundle/bundle.ts';
import { measured, ratios } from './statistics.ts';
import { countRow, type Row, ratioRow } from './table.ts';

const GOAL_WITH_SDK = 2.7;
const GOAL_WITHOUT_SDK = 1.45;

const startSchema = v.object({
  isHandler: v.literal(true),
  /** The modules of Node that the start loads. */
  builtins: v.array(v.string()),
  /** Milliseconds from the start of the process until the handler is there. */
  ready: v.number(),
  /** Milliseconds of CPU of the process until then. */
  cpu: v.number(),
});

type Start = v.InferOutput<typeof startSchema>;

/** Starts a handler in a process of its own, on one CPU where the system has `taskset`. */
function startOf(file: string, env: NodeJS.ProcessEnv, pinned: boolean): Start {
  const command = [process.execPath, fileURLToPath(new URL('start.mjs', import.meta.url)), file];
  const [name = '', ...args] = pinned ? ['taskset', '-c', '1', ...command] : command;
  const { stdout, stderr } = spawnSync(name, args, { env, encoding: 'utf8' });
  if (stdout === '') throw new Error(`${file} does not start: ${stderr}`);
  return v.parse(startSchema, JSON.parse(stdout));
}

/** Writes a handler of one line into a directory, and returns its file. */
function writeHandler(directory: string, name: string, code: string): string {
  mkdirSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, name, 'package.json'), '{"type":"commonjs"}\n');
  const file = join(directory, name, 'index.js');
  writeFileSync(file, `"use strict";exports.handler=()=>{};${code}`);
  return file;
}

const fileOf = (bundle: BundleName) => join(bundlesDirectory, bundle, 'index.js');

/** The parts of the start of a bundle, as handlers that do no more than this part: Node's own modules, and reading and compiling the code. */
function partsOf(bundle: BundleName, directory: string): Readonly<Record<string, string>> {
  const code = readFileSync(fileOf(bundle), 'utf8').replace(/\/\/# sourceMappingURL=.*/, '');
  const builtins = [...new Set([...code.matchAll(/\brequire\("((?:node:)?[\w/]+)"\)/g)].map(([, name]) => name))];
  return {
    "Node's own modules": writeHandler(
      directory,
      `${bundle}-builtins`,
      builtins.map((name) => `require("${name}");`).join(''),
    ),
    'compiling the code': writeHandler(directory, `${bundle}-compiled`, `function never(){${code}\n}`),
  };
}

function goalOf(bundle: BundleName): number {
  const hasSdk = readFileSync(fileOf(bundle), 'utf8').includes('AWS4-HMAC-SHA256');
  return hasSdk ? GOAL_WITH_SDK : GOAL_WITHOUT_SDK;
}

function sizeOf(bundle: BundleName, start: Start | undefined): string {
  return `${statSync(fileOf(bundle)).size.toLocaleString('en')} bytes; ${start?.builtins.length}`;
}

interface InitOptions {
  /** The variables of the functions. */
  readonly environment: Readonly<Record<string, string>>;
  /** A directory for handlers that are written for the measurement. */
  readonly directory: string;
  readonly rounds: number;
  readonly report: (line: string) => void;
}

const EMPTY = 'empty handler';

const bundles: readonly BundleName[] = [...lambdaNames, SEALER, HEALTH_CHECK];

/** The Lambda whose start is shown in parts: one with the SDK, and one without. */
const SHOWN_IN_PARTS: readonly BundleName[] = ['create-sign-in', 'fallback'];

/** Returns the figures of the start of each Lambda. */
export function measureInit({ environment, directory, rounds, report }: InitOptions): readonly Row[] {
  const pinned = spawnSync('taskset', ['-c', '1', 'true']).status === 0;
  const empty = writeHandler(directory, 'empty', '');
  const parts = SHOWN_IN_PARTS.flatMap((bundle) =>
    Object.entries(partsOf(bundle, directory)).map(([part, file]) => [`${bundle}: ${part}`, file] as const),
  );
  const variants = [[EMPTY, empty] as const, ...bundles.map((bundle) => [bundle, fileOf(bundle)] as const), ...parts];
  const starts = new Map<string, Start[]>(variants.map(([name]) => [name, []]));
  const base: Start[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    base.push(startOf(empty, environment, pinned));
    for (const [name, file] of variants) starts.get(name)?.push(startOf(file, environment, pinned));
    report(`start of the Lambdas: round ${round} of ${rounds}`);
  }
  const ratioOf = (name: string, member: 'ready' | 'cpu') =>
    measured(
      ratios(
        (starts.get(name) ?? []).map((each) => each[member]),
        base.map((each) => each[member]),
      ),
    );
  return [
    ratioRow('noise: start of the empty handler ÷ itself', ratioOf(EMPTY, 'ready')),
    ...bundles.flatMap((bundle) => [
      ratioRow(`${bundle}: start ÷ empty handler`, ratioOf(bundle, 'ready'), goalOf(bundle)),
      ratioRow(`${bundle}: CPU of the start ÷ empty handler`, ratioOf(bundle, 'cpu')),
      countRow(`${bundle}: code; Node's modules that it loads`, sizeOf(bundle, starts.get(bundle)?.[0])),
    ]),
    ...parts.map(([name]) => ratioRow(`${name} alone ÷ empty handler`, ratioOf(name, 'ready'))),
  ];
}
