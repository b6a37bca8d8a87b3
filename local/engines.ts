/**
 * `npm run engines`: the DynamoDB engine and the local KMS for `sam local start-api`, which runs the functions in containers. The
 * tables and keys have the names that the template for SAM gives them. docs/sam.md describes the steps.
 */
import { isIP } from 'node:net';
import { join } from 'node:path';
import { readOptions } from '../cdk/commands/arguments.ts';
import { UsageError } from '../cdk/commands/errors.ts';
import { project } from '../cdk/project.ts';
import { enginePorts, samEndpoint } from '../cdk/sam-addresses.ts';
import { type Instance, instanceFrom } from '../shared/base/instance.ts';
import type { Stack } from './aws/stack.ts';
import { StartError } from './aws/start-error.ts';
import { openDirectory } from './directory.ts';
import { readLocalContext } from './local-context.ts';
import { withResources } from './resources.ts';
import { runUntilInterrupted } from './run-until-interrupted.ts';
import { type Seed, seed } from './seed.ts';
import { type StoreOptions, startStores } from './stores.ts';

interface EnginesOptions extends Pick<StoreOptions, 'fresh' | 'report' | 'signal' | 'onCrash'> {
  /** The directory in which state is kept between runs; one run at a time uses it. */
  readonly dir: string;
  /** The address on which the engines listen. Containers on Linux reach the bridge's address, not 127.0.0.1. */
  readonly host: string;
  readonly ports: { readonly dynamodb: number; readonly kms: number };
}

export interface Engines extends Seed {
  /** The file for `sam local start-api -t`. */
  readonly template: string;
  readonly endpoints: { readonly dynamodb: string; readonly kms: string };
  stop(): Promise<void>;
}

/** Returns the context of `cdk synth -c sam=1`. The last member, which that command adds, lets SAM find the bundles. */
async function samContext() {
  const context = await readLocalContext({ allowedOrigin: 'http://127.0.0.1:5173' });
  return { ...context, sam: '1', 'aws:cdk:enable-asset-metadata': true };
}

/** Returns the instance that the functions of a stack are. */
function instanceOf({ functions }: Stack): Instance {
  return instanceFrom(Object.assign({}, ...functions.map(({ environment }) => environment)));
}

/** Returns the ids by which the template for SAM names the keys. */
function namedKeyIds(stack: Stack): readonly string[] {
  const { ticketKeyIds, sessionKeyIds } = instanceOf(stack);
  return [...ticketKeyIds, ...sessionKeyIds];
}

async function start(
  { dir, host, ports, ...options }: EnginesOptions,
  resources: AsyncDisposableStack,
): Promise<Engines> {
  const directory = await openDirectory({ dir, fresh: options.fresh }, resources);
  const addresses = { dynamodb: { host, port: ports.dynamodb }, kms: { host, port: ports.kms } };
  const app = { app: 'cdk/app.ts', context: samContext, endpoint: samEndpoint, kmsKeyIds: namedKeyIds };
  const stores = await startStores({ ...options, ...app, addresses, directory }, resources);
  const instance = instanceOf(stores.stack);
  const seeded = await seed({ dynamodb: stores.dynamodb, directory, instance, now: Date.now() });
  return {
    ...seeded,
    template: join(directory.assembly, `${stores.stackName}.template.json`),
    endpoints: { dynamodb: stores.dynamodbEndpoint, kms: stores.kms.endpoint },
    stop: () => resources.disposeAsync(),
  };
}

/**
 * Synthesizes the template for SAM and starts the engines for it, with users and a secret key. When it rejects, nothing is left
 * running.
 *
 * @throws StartError when the directory, a port or the stack does not allow it
 */
export async function startEngines(options: EnginesOptions): Promise<Engines> {
  return withResources((resources) => start(options, resources));
}

function enginesText({ template, endpoints, secretKey, userIds }: Engines): string {
  return [
    '',
    `  DynamoDB    ${endpoints.dynamodb}`,
    `  KMS         ${endpoints.kms}`,
    `  secret key  ${secretKey}`,
    `  users       ${userIds.join('\n              ')}`,
    '',
    'Now, in another terminal:',
    '',
    `sam local start-api -t ${template} --port ${new URL(samEndpoint).port} --warm-containers EAGER \\`,
    '  --add-host host.docker.internal:host-gateway',
    '',
    'Ctrl-C stops the engines and keeps what is stored; "npm run engines -- --fresh" starts empty.',
  ].join('\n');
}

const engineHelp = `Usage: npm run engines -- [options]

Starts the DynamoDB engine and the local KMS for "sam local start-api", which docs/sam.md describes. Ctrl-C stops them and keeps what
is stored.

Options, after "--":
  --host <address>  the IPv4 address on which the engines listen, such as that of Docker's bridge (default: 127.0.0.1); whoever
                    reaches it can use them
  --fresh           delete what earlier runs stored
  --help            print this text

Environment variables:
  LOCAL_DIR         the directory for what is stored, which one run at a time uses (default: .local/sam)`;

const optionTypes = {
  host: { type: 'string' },
  fresh: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws StartError for an unknown option, and for a host that is not an address */
function optionsFrom(args: readonly string[]) {
  try {
    const { host = '127.0.0.1', fresh, help } = readOptions(args, optionTypes);
    if (isIP(host) === 4) return { host, fresh, help };
    throw new StartError(`--host ${host} is not an IPv4 address: use one of this machine, such as 172.17.0.1.`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new StartError(`${error.message}\nRun "npm run engines -- --help" for usage.`);
  }
}

if (import.meta.main) {
  await runUntilInterrupted(async ({ signal, onCrash }) => {
    const { host, fresh, help } = optionsFrom(process.argv.slice(2));
    if (help) {
      console.log(engineHelp);
      process.exit(0);
    }
    const report = (line: string) => console.log(line);
    const dir = process.env.LOCAL_DIR || join(project, '.local/sam');
    const engines = await startEngines({ host, fresh, ports: enginePorts, dir, report, signal, onCrash });
    console.log(enginesText(engines));
    return engines;
  });
}
