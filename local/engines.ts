/**
 * `npm run engines`: what the functions need beside `sam local start-api`, which runs them in containers: the DynamoDB engine and
 * local KMS, with tables and keys under the names that the template for SAM has for them. docs/sam.md tells the steps.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { enginePorts, samEndpoint } from '../cdk/sam-addresses.ts';
import { runCdkApp } from './cdk-app.ts';
import { claimDirectory, type Directory, directoryAt, emptyDirectory } from './directory.ts';
import { createTables, localDynamodb } from './dynamodb.ts';
import { endLeftOverEngine, startEngine } from './engine.ts';
import { variable } from './instance.ts';
import { startKms } from './kms.ts';
import { Refusal } from './refusal.ts';
import { withResources } from './resources.ts';
import { type Seed, seed } from './seed.ts';
import { type Address, listenAt } from './server.ts';
import { stackFrom } from './stack.ts';
import { localContext, readAssembly } from './synthesize.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

export interface EnginesOptions {
  /** Where the engines listen; containers on Linux reach the bridge's address, not 127.0.0.1. */
  readonly host: string;
  readonly ports: { readonly dynamodb: number; readonly kms: number };
  /** Where state is kept between runs; one run at a time. */
  readonly dir: string;
  /** Forget what earlier runs stored. */
  readonly fresh?: boolean;
  readonly signal: AbortSignal;
  /** Called when the DynamoDB engine ends on its own. */
  readonly onCrash: () => void;
}

export interface Engines extends Seed {
  /** What `sam local start-api -t` takes. */
  readonly template: string;
  readonly endpoints: { readonly dynamodb: string; readonly kms: string };
  stop(): Promise<void>;
}

/** The context that `cdk synth -c sam=1` would pass, and what that command adds for SAM to find the bundles. */
async function samContext(): Promise<Readonly<Record<string, unknown>>> {
  const cdkJson: unknown = JSON.parse(await readFile(join(project, 'cdk.json'), 'utf8'));
  const local = localContext(cdkJson, { allowedOrigin: 'http://127.0.0.1:5173', signInUrl: undefined });
  return { ...local, sam: '1', 'aws:cdk:enable-asset-metadata': true };
}

/** @throws Refusal when an engine could not listen there. What listens there would be taken for it. */
async function checkFree(address: Address): Promise<void> {
  try {
    const { stop } = await listenAt(createServer(), address);
    await stop();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const { host, port } = address;
    if (code === 'EADDRINUSE')
      throw new Refusal(`Port ${port} is taken: stop what listens there, the template for SAM names this port.`);
    if (code === 'EADDRNOTAVAIL')
      throw new Refusal(`${host} is not an address of this machine: give one, such as that of Docker's bridge.`);
    throw error;
  }
}

/**
 * Synthesizes the template for SAM and starts the engines for it, with a secret key and users to begin with. When it rejects,
 * nothing is left running.
 * @throws Refusal with one line for the user when the directory, a port or the stack stands in the way.
 */
export async function startEngines(options: EnginesOptions): Promise<Engines> {
  return withResources((resources) => start(options, resources));
}

async function start(options: EnginesOptions, resources: AsyncDisposableStack): Promise<Engines> {
  const { host, ports, fresh, signal, onCrash } = options;
  const directory: Directory = directoryAt(options.dir);
  resources.defer(await claimDirectory(directory));
  await endLeftOverEngine(directory);
  for (const port of [ports.dynamodb, ports.kms]) await checkFree({ host, port });
  if (fresh) await emptyDirectory(directory);
  await runCdkApp({ app: 'cdk/app.ts', outdir: directory.assembly, context: await samContext(), signal });
  const assembly = await readAssembly(directory.assembly);
  const { tables, functions } = stackFrom(assembly, samEndpoint);
  const environment: Record<string, string> = Object.assign({}, ...functions.map((fn) => fn.environment));

  const platform = `${process.platform}-${process.arch}`;
  const engine = await startEngine(directory, onCrash, platform, { host, port: ports.dynamodb });
  resources.defer(engine.stop);
  const keyIds = ['TICKET_KEY_IDS', 'SESSION_KEY_IDS'].flatMap((name) => variable(environment, name).split(','));
  const kms = await startKms(directory.keys, keyIds, { host, port: ports.kms });
  resources.defer(kms.stop);
  const dynamodb = localDynamodb(engine.endpoint);
  resources.defer(() => dynamodb.destroy());
  await createTables(dynamodb, tables);
  const seeded = await seed({
    dynamodb,
    directory,
    tables: {
      users: variable(environment, 'USERS_TABLE'),
      secretKeys: variable(environment, 'SECRET_KEYS_TABLE'),
    },
    generation: Number(variable(environment, 'GENERATION')),
    now: Date.now(),
  });
  return {
    ...seeded,
    template: join(directory.assembly, `${assembly.stackName}.template.json`),
    endpoints: { dynamodb: engine.endpoint, kms: kms.endpoint },
    stop: () => resources.disposeAsync(),
  };
}

/** What the command shows once the engines answer. */
export function enginesText({ template, endpoints, secretKey, userIds }: Engines): string {
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

async function main(): Promise<void> {
  const stopping = new AbortController();
  const running: { engines?: Engines } = {};
  async function stop(status: number): Promise<void> {
    stopping.abort();
    await running.engines?.stop();
    process.exit(status);
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => void stop(0));
  try {
    const { values } = parseArgs({
      options: { host: { type: 'string', default: '127.0.0.1' }, fresh: { type: 'boolean', default: false } },
    });
    if (isIP(values.host) !== 4)
      throw new Refusal(`--host ${values.host} is not an IPv4 address: give one of this machine, such as 172.17.0.1.`);
    console.log('  synthesizing the stack for SAM …');
    running.engines = await startEngines({
      ...values,
      ports: enginePorts,
      dir: process.env.LOCAL_DIR || join(project, '.local/sam'),
      signal: stopping.signal,
      onCrash: () => {
        if (!stopping.signal.aborted) console.error('The DynamoDB engine has ended on its own: start again.');
        void stop(1);
      },
    });
    console.log(enginesText(running.engines));
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0);
    const isUsage = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    console.error(error instanceof Refusal || isUsage ? error.message : error);
    process.exit(isUsage ? 2 : 1);
  }
}

if (import.meta.main) await main();
