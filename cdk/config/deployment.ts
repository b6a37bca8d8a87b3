// The configuration of this project's own deployment: one file, and single values from the command line.
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { parseConfig } from './config.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { ConfigError } from './error.ts';
import { type Config, type ConfigName, configNames, entries } from './schema.ts';
import { unknownNameSentence } from './unknown-name.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * The other names of `-c name=value`. They choose the file, switch off the validation of the template, or make the template one for
 * SAM or for a run on this machine.
 */
const settings = ['config', 'validate', 'sam', 'local'];

/** Returns whether a name belongs to the CDK or its CLI. */
function isOfCdk(name: string): boolean {
  return /[:@]/.test(name) || name === 'acknowledged-issue-numbers' || name === 'cli-telemetry';
}

/** Values that belong to one stack. In another stage they would make that stage replace the stack, use its tables or lose its protection. */
const OF_ONE_STACK = [
  'protected',
  'stackName',
  'instanceId',
  'restoredTables',
] as const satisfies readonly ConfigName[];

/** Values for hosts, people and tables that are not on this machine. A local run ignores them. */
const OF_AWS: readonly string[] = [
  ...OF_ONE_STACK,
  'alarmEmail',
  'appUrl',
  'certificateArn',
  'cloudFront',
  'cloudTrailLogGroup',
  'cookieDomain',
  'domainName',
  'hostedZoneId',
  'hostedZoneName',
  'proxyUrl',
  'signInUrl',
] satisfies readonly ConfigName[];

function checkNames(names: readonly string[], known: readonly string[], where: string): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new ConfigError(`${where}: ${unknownNameSentence(unknown, known)}`);
}

/** Converts a text of the command line to what its schema accepts: a number, true or false, a list or the text itself. */
function fromText(schema: object, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if ('type' in schema && schema.type === 'number') return /^\d+$/.test(value) ? Number(value) : value;
  if ('type' in schema && schema.type === 'boolean')
    return ['true', 'false'].includes(value) ? value === 'true' : value;
  if (!('item' in schema && schema.item instanceof Object)) return value;
  const { item } = schema;
  return value.split(',').map((entry) => fromText(item, entry.trim()));
}

/** Converts a value of the command line to what its schema accepts. */
function valueFrom(schema: v.GenericSchema, value: unknown): unknown {
  return value === 'false' && v.is(schema, false) ? false : fromText(schema, value);
}

function valuesOf(context: Values): Values {
  const given = configNames.filter((name) => context[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, valueFrom(entries[name].wrapped, context[name])]));
}

/** Returns what to do when the file's value of this name belongs to the stack of another stage, in the options of a command. */
type OtherStackHint = (name: string) => string;

const hintForCdk: OtherStackHint = (name) =>
  `choose another file with -c config=…, or give a ${name} of its own with -c ${name}=…`;

/**
 * The values of one stage must not reach another: if dev were deployed over prod, it would remove the protection of prod.
 *
 * @throws ConfigError
 */
function checkStage({ name, members }: ConfigFile, values: Values, hint: OtherStackHint): void {
  const { stage = 'dev' } = members;
  const taken = OF_ONE_STACK.find((each) => each in members && !(each in values));
  if (values.stage !== undefined && values.stage !== stage && taken !== undefined)
    throw new ConfigError(
      `${taken} in ${name} belongs to the stage ${String(stage)}, and another stack must not use it: for the stage ` +
        `${String(values.stage)} ${hint(taken)}.`,
    );
  if (values.stackName !== undefined && values.stage === undefined)
    throw new ConfigError('-c stackName needs the stage of that stack: add -c stage=…, such as -c stage=prod.');
}

function withoutAws(file: ConfigFile): ConfigFile {
  const members = Object.entries(file.members).filter(([name]) => !OF_AWS.includes(name));
  return { ...file, members: Object.fromEntries(members) };
}

/** A path in the file is relative to the file. */
function withOwnPaths({ path, members }: ConfigFile): Values {
  const { policy } = members;
  return typeof policy === 'string' ? { ...members, policy: resolve(dirname(path), policy) } : members;
}

function isLocal({ local }: Values): boolean {
  if (local !== undefined && String(local) !== '1')
    throw new ConfigError(`local is ${JSON.stringify(local)}: write 1, or leave it out.`);
  return local !== undefined;
}

function fileOf(context: Values): ConfigFile {
  const { config } = context;
  if (config !== undefined && typeof config !== 'string')
    throw new ConfigError('config is not the name of a file: write one, such as -c config=actor-tokens.prod.json.');
  const file = readConfigFile(config);
  checkNames(Object.keys(file.members), configNames, file.name);
  return isLocal(context) ? withoutAws(file) : file;
}

/**
 * Returns the configuration of a deployment: the file that `-c config` chooses, or `actor-tokens.json`, and `-c name=value`, which takes
 * precedence.
 *
 * @param context the context of the CDK app
 * @param hint what to do instead of using the values of one stage for another, as `-c` does it by default
 * @throws ConfigError
 */
export function deploymentConfig(context: Values, hint = hintForCdk): Config {
  const given = Object.keys(context).filter((name) => !isOfCdk(name));
  checkNames(given, [...configNames, ...settings], '-c');
  const file = fileOf(context);
  const values = valuesOf(context);
  checkStage(file, values, hint);
  return parseConfig({ ...withOwnPaths(file), ...values });
}
