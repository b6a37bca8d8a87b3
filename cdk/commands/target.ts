/** The instance that a command works on: a deployed stack, or the local run of `npm start`. */
import { resolve } from 'node:path';
import * as v from 'valibot';
import { type Instance, instanceFrom } from '../../shared/base/instance.ts';
import { type EpochMs, epochMs } from '../../shared/base/time.ts';
import type { SecretKeyKind } from '../../shared/secret-keys/secret-key.ts';
import { entries } from '../config/schema.ts';
import { outputNameOf } from '../output-name.ts';
import { auditVariables, outputVariables } from '../outputs.ts';
import { quote } from './arguments.ts';
import { describeStack } from './cloud-formation.ts';
import { CommandError, UsageError } from './errors.ts';
import { isRunning, localDirectory, readInstanceFile } from './instance-file.ts';
import { chooseInstance } from './instances.ts';
import { capitalize } from './output.ts';
import { isPackage } from './own-app.ts';
import { readDeploymentConfig } from './read-deployment-config.ts';

/** The options of a command that works on deployed stacks only. */
export const stackOptions = {
  stack: { type: 'string' },
  instance: { type: 'string' },
  stage: { type: 'string' },
  config: { type: 'string' },
  region: { type: 'string' },
} as const;

export const targetOptions = { ...stackOptions, local: { type: 'boolean' }, dir: { type: 'string' } } as const;

const ofPackage = `  --stack <name>      the stack that has the instance
  --instance <id>     the id of the construct, in a stack with several instances
  --region <region>   the AWS Region of the stack (default: AWS_REGION, or that of your profile)`;

const ofProject = `  --stack <name>      a deployed stack (default: the one that actor-tokens.json configures)
  --instance <id>     the id of the construct, in a stack with several instances
  --stage <name>      the stack that the file configures for this stage, such as dev or prod
  --config <file>     a configuration file to read instead of actor-tokens.json
  --region <region>   the AWS Region of the stack (default: AWS_REGION, or that of your profile)`;

export const stackHelp = isPackage ? ofPackage : ofProject;

const localHelp = `
  --local             the instance that "npm start" runs in another terminal
  --dir <directory>   the directory of the local run (default: LOCAL_DIR, or .local)`;

export const targetHelp = `Options that choose the instance:

${stackHelp}${isPackage ? '' : localHelp}

A deployed stack is reached with your own AWS credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID, …).`;

export interface StackChoice {
  readonly stack?: string | undefined;
  readonly instance?: string | undefined;
  readonly stage?: string | undefined;
  readonly config?: string | undefined;
  readonly region?: string | undefined;
}

export interface TargetChoice extends StackChoice {
  readonly local?: boolean | undefined;
  readonly dir?: string | undefined;
}

export interface Target {
  /** The name in messages: `stack actor-tokens-dev (eu-west-1)`, or `instance Partners of stack Support (eu-west-1)`. */
  readonly name: string;
  /** The URL of the Backend API, without a trailing slash. */
  readonly apiUrl: string;
  /** The variables of the functions that describe the instance. */
  readonly environment: Readonly<Record<string, string>>;
  readonly instance: Instance;
  readonly secretKeyKind: SecretKeyKind;
  /** Reads the clock of the functions, which can be moved in a local run. */
  now(): EpochMs;
}

export interface DeployedTarget extends Target {
  readonly stackName: string;
  /** The id of the construct; empty in a stack of this project. */
  readonly construct: string;
  /** The beginning of the names of its alarms, saved queries and key aliases. */
  readonly namePrefix: string;
  readonly region: string;
  /** The stage that is deployed. The configuration file may have another one by now. */
  readonly stage: string;
  /** True when a secret key cannot create every actor token: operators are required, or there is a policy. */
  readonly isRestricted: boolean;
}

function checkStackChoice({ stack, stage }: StackChoice): void {
  if (isPackage && stack === undefined)
    throw new UsageError('Missing stack: write the name of the stack that has the instance, as in --stack Support.');
  if (stack !== undefined && stage !== undefined)
    throw new UsageError('--stack and --stage choose two stacks: omit one of them.');
  const { issues } = v.safeParse(entries.stage, stage);
  if (issues) throw new UsageError(`--stage is ${quote(String(stage))}: write ${issues[0].message}.`);
}

/**
 * Finds the deployed stack that the options choose, in the Region of `--region`, AWS_REGION, AWS_DEFAULT_REGION or the profile.
 *
 * @throws UsageError, CommandError
 */
export async function findDeployedTarget(choice: StackChoice): Promise<DeployedTarget> {
  checkStackChoice(choice);
  const stackName = choice.stack ?? readDeploymentConfig(choice).config.stackName;
  const { region, outputs } = await describeStack(stackName, choice.region);
  const stack = `stack ${stackName} (${region})`;
  const construct = chooseInstance([...outputs.keys()], choice.instance, capitalize(stack));
  const name = construct === '' ? stack : `instance ${construct} of ${stack}`;

  const outputOf = (key: string) => outputs.get(`${construct}${key}`);

  function output(key: string): string {
    const value = outputOf(key);
    if (value) return value;
    throw new CommandError(
      `${capitalize(name)} is not a stack of Actor Tokens, or it is of an older version: it has no output ${key}. Choose ` +
        'another stack with --stack, or deploy this one again with "npm run deploy".',
    );
  }

  const stage = output('Stage');
  if (choice.stage !== undefined && choice.stage !== stage)
    throw new CommandError(
      `${capitalize(name)} has the stage ${stage}, not ${choice.stage}: omit --stage, or choose another stack with --stack.`,
    );
  const optional = auditVariables.flatMap((name) => {
    const value = outputOf(outputNameOf(name));
    return value === undefined ? [] : [[name, value] as const];
  });
  const required = outputVariables.map((variable) => [variable, output(outputNameOf(variable))] as const);
  const environment = Object.fromEntries([...required, ...optional]);
  const instance = instanceFrom(environment, { aws: { region } });
  const apiUrl = output('ApiUrl').replace(/\/$/, '');
  const isRestricted = outputOf('Operators') === 'required' || outputOf('PolicyVersion') !== undefined;
  return {
    name,
    stackName,
    construct,
    // Stacks before 0.2.0 do not have this output.
    namePrefix: outputOf('NamePrefix') ?? stackName,
    region,
    stage,
    isRestricted,
    apiUrl,
    environment,
    instance,
    // Stacks of older versions do not tell whether they are protected.
    secretKeyKind: outputOf('Protected') === 'false' ? 'test' : 'live',
    now: () => epochMs(Date.now()),
  };
}

async function findLocalTarget(dir: string | undefined): Promise<Target> {
  const path = resolve(dir ?? localDirectory(process.env));
  const file = await readInstanceFile(path);
  if (!file || !(await isRunning(file.baseUrl)))
    throw new CommandError(
      `There is no local run in ${path}: start one with "npm start" in another terminal, or choose its directory with --dir.`,
    );
  const { environment, clockOffsetSeconds } = file;
  // Everything is explicit, so that AWS variables and profiles of the administrator cannot lead to an account.
  const aws = {
    region: environment.AWS_REGION,
    credentials: { accessKeyId: environment.AWS_ACCESS_KEY_ID, secretAccessKey: environment.AWS_SECRET_ACCESS_KEY },
    endpoints: {
      dynamodb: environment.AWS_ENDPOINT_URL_DYNAMODB,
      kms: environment.AWS_ENDPOINT_URL_KMS,
      s3: environment.AWS_ENDPOINT_URL_S3,
    },
  };
  const instance = instanceFrom(environment, { aws });
  const now = () => epochMs(Date.now() + clockOffsetSeconds * 1000);
  return {
    name: `the local run in ${path}`,
    apiUrl: file.baseUrl.replace(/\/$/, ''),
    environment,
    instance,
    secretKeyKind: 'test',
    now,
  };
}

/**
 * Finds the instance that the options choose.
 *
 * @throws UsageError, CommandError
 */
export async function findTarget(choice: TargetChoice): Promise<Target | DeployedTarget> {
  const { local = false, dir, stack, instance, stage, config, region } = choice;
  const given = Object.entries({ stack, instance, stage, config, region }).find(
    ([, value]) => value !== undefined,
  )?.[0];
  if (local && given) throw new UsageError(`--local and --${given} choose two instances: omit one of them.`);
  if (!local && dir !== undefined) throw new UsageError('--dir is the directory of a local run: add --local.');
  return local ? findLocalTarget(dir) : findDeployedTarget(choice);
}
