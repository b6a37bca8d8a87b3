/** Which instance a command works on: a deployed stack, or the one that `npm start` runs. */
import { resolve } from 'node:path';
import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation';
import { type Instance, instanceFrom } from '../../shared/base/instance.ts';
import { type EpochMs, epochMs } from '../../shared/base/time.ts';
import { deploymentConfig } from '../config/deployment.ts';
import { ConfigError } from '../config/error.ts';
import { outputNameOf } from '../output-name.ts';
import { CommandError, capitalized, UsageError } from './command.ts';
import { explained } from './explain.ts';
import { localDirectory, readInstanceFile } from './instance-file.ts';

/** What every command takes, for `parseArgs`. */
export const targetOptions = {
  stack: { type: 'string' },
  stage: { type: 'string' },
  config: { type: 'string' },
  region: { type: 'string' },
  local: { type: 'boolean' },
  dir: { type: 'string' },
} as const;

export const targetHelp = `Which instance:
  --stack <name>      the deployed stack of that name (default: the one that actor-tokens.json configures)
  --stage dev|prod    the stack that the file configures for that stage
  --config <file>     another file in place of actor-tokens.json
  --region <region>   its AWS Region (default: AWS_REGION, or the profile's)
  --local             the one that "npm start" runs in another terminal
  --dir <directory>   where that keeps its state (default: LOCAL_DIR, or .local)

A deployed stack is reached with your own AWS credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID, …).`;

export interface TargetOptions {
  readonly stack?: string | undefined;
  readonly stage?: string | undefined;
  readonly config?: string | undefined;
  readonly region?: string | undefined;
  readonly local?: boolean | undefined;
  readonly dir?: string | undefined;
}

export interface Target {
  /** As a message names it: `the stack actor-tokens-dev in eu-west-1`. */
  readonly name: string;
  /** The stack's own; undefined for the local run. */
  readonly stackName: string | undefined;
  /** The stage that is deployed, whatever the file configures by now; undefined for the local run. */
  readonly stage: string | undefined;
  /** Of the Backend API, without a trailing slash. */
  readonly apiUrl: string;
  /** Without a trailing slash. */
  readonly frontendApiUrl: string;
  /** The variables of its functions; this process has them by now. */
  readonly environment: Readonly<Record<string, string>>;
  readonly instance: Instance;
  /** The clock of the functions: locally it can be moved. */
  now(): EpochMs;
}

/** The variables of the functions that are outputs of the stack (cdk/outputs.ts). */
const variables = [
  'INSTANCE_ID',
  'GENERATION',
  'FRONTEND_API_URL',
  'APPLICATION_NAME',
  'AUDIT_RETENTION_DAYS',
  'MAX_TICKET_LIFE_IN_SECONDS',
  'MAX_SESSION_DURATION_IN_SECONDS',
  'TICKET_KEY_IDS',
  'SESSION_KEY_IDS',
  'ACTOR_TOKENS_TABLE',
  'SESSIONS_TABLE',
  'CLIENTS_TABLE',
  'USERS_TABLE',
  'SECRET_KEYS_TABLE',
];

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}

/** The name of the stack that `cdk deploy` deploys, for the chosen file and stage. */
function configuredStackName({ config, stage }: TargetOptions): string {
  try {
    return deploymentConfig({ config, stage }).stackName;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw stage === undefined ? new CommandError(error.message) : new UsageError(error.message);
  }
}

async function described(cloudFormation: CloudFormationClient, stackName: string): Promise<Stack> {
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const region = await cloudFormation.config.region().catch((error: unknown) => {
    throw new CommandError(explained(error));
  });
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
    if (Stacks[0]) return Stacks[0];
  } catch (error) {
    // So it says that there is none of that name, or that none can have it.
    const isMissing = error instanceof Error && error.name === 'ValidationError';
    if (!isMissing) throw new CommandError(explained(error, 'CloudFormation'));
  }
  throw new CommandError(
    `There is no stack ${stackName} in ${region}: name it with --stack, its Region with --region and its account with ` +
      'AWS_PROFILE, or deploy it with "npm run deploy".',
  );
}

async function deployedTarget(options: TargetOptions): Promise<Target> {
  const { stack, stage, region } = options;
  // The SDK does not read AWS_DEFAULT_REGION, which the AWS CLI does.
  const chosen = region || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  if (chosen) process.env.AWS_REGION = chosen;
  const stackName = stack ?? configuredStackName(options);
  // Loaded only here: it takes longer than all else of a command.
  const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation');
  const cloudFormation = new CloudFormationClient({ maxAttempts: 3 });
  const { Outputs = [] } = await described(cloudFormation, stackName);
  const name = `the stack ${stackName} in ${await cloudFormation.config.region()}`;
  const outputs = new Map(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));

  function output(key: string): string {
    const value = outputs.get(key);
    if (value) return value;
    throw new CommandError(
      `${capitalized(name)} is not one of Actor Tokens, or of an older version: it has no output ${key}. Name ` +
        'another with --stack, or deploy it again with "npm run deploy".',
    );
  }

  if (stage !== undefined && output('Stage') !== stage)
    throw new CommandError(
      `${capitalized(name)} is of the stage ${output('Stage')}, not ${stage}: leave out --stage, or name another with --stack.`,
    );
  const environment = Object.fromEntries(variables.map((variable) => [variable, output(outputNameOf(variable))]));
  Object.assign(process.env, environment);
  return {
    name,
    stackName,
    stage: output('Stage'),
    apiUrl: withoutSlash(output('ApiUrl')),
    frontendApiUrl: withoutSlash(output('FrontendApiUrl')),
    environment,
    instance: instanceFrom(environment),
    now: () => epochMs(Date.now()),
  };
}

/** A run that was killed outright leaves its instance file behind. */
async function answers(apiUrl: string): Promise<boolean> {
  const signal = AbortSignal.timeout(5000);
  return fetch(`${apiUrl}/v1/health`, { signal }).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function localTarget({ dir }: TargetOptions): Promise<Target> {
  const path = resolve(dir ?? localDirectory(process.env));
  const instance = await readInstanceFile(path);
  if (!instance || !(await answers(instance.baseUrl)))
    throw new CommandError(
      `No local run in ${path}: start one with "npm start" in another terminal, or name its directory with --dir.`,
    );
  // What the caller has of AWS, such as AWS_PROFILE, must not lead anywhere else.
  for (const variable of Object.keys(process.env)) if (variable.startsWith('AWS_')) delete process.env[variable];
  Object.assign(process.env, instance.environment);
  return {
    name: `the local run in ${path}`,
    stackName: undefined,
    stage: undefined,
    apiUrl: withoutSlash(instance.baseUrl),
    frontendApiUrl: withoutSlash(instance.frontendApiUrl),
    environment: instance.environment,
    instance: instanceFrom(instance.environment),
    now: () => epochMs(Date.now() + instance.clockOffsetSeconds * 1000),
  };
}

/**
 * Finds the instance and gives this process the environment of its functions. The product's own modules read that when they
 * are loaded: import them after this, by `await import(…)`.
 *
 * @throws UsageError, CommandError
 */
export async function target(options: TargetOptions): Promise<Target> {
  const { local = false, stack, stage, config, region, dir } = options;
  const given = Object.entries({ stack, stage, config, region }).find(([, value]) => value !== undefined)?.[0];
  if (local && given) throw new UsageError(`--local and --${given} name two instances: leave one out.`);
  if (!local && dir !== undefined) throw new UsageError('--dir is where a local run keeps its state: add --local.');
  if (stack !== undefined && stage !== undefined)
    throw new UsageError('--stack and --stage name two stacks: leave one out.');
  return local ? localTarget(options) : deployedTarget(options);
}
