/** `npm run policy`: checks, tests and explains the policy that says who may become whom. */
import * as v from 'valibot';
import { decide } from '../../shared/authority/decide.ts';
import { findUserId, getUser } from '../../shared/users/read-users.ts';
import { ConfigError } from '../config/error.ts';
import { explain } from '../policy/explain.ts';
import { type CaseInput, questionOf } from '../policy/policy-case.ts';
import { type ReadPolicy, readPolicy } from '../policy/policy-file.ts';
import { readOptions } from './arguments.ts';
import { type Command, runCommand } from './command.ts';
import { CommandError, UsageError } from './errors.ts';
import { formatCount } from './format-count.ts';
import { capitalize, printLine, printMessage } from './output.ts';
import { isPackage } from './own-app.ts';
import { readDeploymentConfig } from './read-deployment-config.ts';
import { findTarget, targetHelp, targetOptions } from './target.ts';

const help = `Says what the policy decides: who may become whom.

  npm run policy -- check                                check the file, and its cases
  npm run policy -- test                                 show what the policy decides in each of its cases
  npm run policy -- explain --actor mia --target '{…}'   show what it decides, and why

  --file <path>        the policy${isPackage ? '' : '; by default the one that the configuration names'}
  --actor <sub>        explain: the sub of the actor
  --claims <list>      explain: claims of the operator, or members of the actor: groups=support,tenant=t1; repeat a name for several values
  --secret-key         explain: the actor is named by a secret key, and is no operator
  --user <user>        explain: the id or the external id of a user of the instance, who is read there
  --target <json>      explain: the user, without reading one: {"external_id":"customer_1","private_metadata":{"role":"admin"}}
  --reason <text>      explain: the reason
  --auth-age <seconds> explain: the time since the operator signed in; without it, the token does not say when
  --json               print JSON

${targetHelp}`;

const options = { ...targetOptions, json: { type: 'boolean' }, file: { type: 'string' } } as const;

interface FileChoice {
  readonly file?: string | undefined;
  readonly stack?: string | undefined;
  readonly config?: string | undefined;
  readonly stage?: string | undefined;
}

/** @throws UsageError, CommandError */
function readChosenPolicy({ file, stack, config, stage }: FileChoice): ReadPolicy {
  if (file === undefined && stack !== undefined)
    throw new UsageError(
      'Name the policy with --file, as in --file policy.json: a stack does not say from which file its policy is.',
    );
  const path = file ?? readDeploymentConfig({ config, stage }).config.policy;
  if (path === undefined)
    throw new CommandError(
      'No policy is configured, so every actor may become every user: write "policy" into the configuration, or choose one with --file.',
    );
  try {
    return readPolicy(path);
  } catch (error) {
    throw error instanceof ConfigError ? new CommandError(error.message) : error;
  }
}

/** Checks the file and its cases, and prints the cases that fail. */
async function check(args: readonly string[]): Promise<number> {
  const values = readOptions(args, options);
  const { policy, outcomes } = readChosenPolicy(values);
  const failed = outcomes.filter(({ isExpected }) => !isExpected);
  for (const { name, decided } of failed) printMessage(`"${name}" is not as expected: ${decided}.`);
  const summary = {
    version: policy.version,
    rules: policy.rules.length,
    cases: outcomes.length,
    failed: failed.length,
  };
  if (values.json) printLine(JSON.stringify(summary));
  else
    printLine(
      `Version ${policy.version}: ${formatCount(policy.rules.length, 'rule')}, ${formatCount(outcomes.length, 'case')}, ` +
        `${failed.length === 0 ? 'all as expected' : `${failed.length} not as expected`}.`,
    );
  return failed.length === 0 ? 0 : 1;
}

/** Prints what the policy decides in each of its cases. */
async function test(args: readonly string[]): Promise<number> {
  const values = readOptions(args, options);
  const { outcomes } = readChosenPolicy(values);
  for (const outcome of outcomes) {
    const { name, decided, isExpected } = outcome;
    printLine(values.json ? JSON.stringify(outcome) : `${isExpected ? 'ok    ' : 'WRONG '} ${name}: ${decided}`);
  }
  if (outcomes.length === 0) printMessage('The policy has no cases: add some, so that each change of it is checked.');
  return outcomes.every(({ isExpected }) => isExpected) ? 0 : 1;
}

/** Reads `groups=support,groups=billing,tenant=t1`. */
function claimsFrom(text = ''): Readonly<Record<string, readonly string[]>> {
  const pairs = text.split(',').filter((pair) => pair !== '');
  const claims = pairs.map((pair) => {
    const end = pair.indexOf('=');
    if (end < 1) throw new UsageError('--claims is a list such as groups=support,tenant=t1.');
    return [pair.slice(0, end), pair.slice(end + 1)] as const;
  });
  const grouped = Map.groupBy(claims, ([name]) => name);
  return Object.fromEntries([...grouped].map(([name, own]) => [name, own.map(([, value]) => value)]));
}

const targetSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictObject({
    id: v.exactOptional(v.string()),
    external_id: v.exactOptional(v.string()),
    email_addresses: v.exactOptional(v.array(v.string())),
    private_metadata: v.exactOptional(v.record(v.string(), v.unknown())),
  }),
);

/** @throws UsageError */
function targetFrom(text: string): CaseInput['target'] {
  const result = v.safeParse(targetSchema, text);
  if (result.success) return result.output;
  throw new UsageError(
    '--target is not a user: write JSON such as {"external_id":"customer_1","private_metadata":{}}.',
  );
}

/** @throws CommandError for a user of nobody */
async function readTarget(named: string, choice: Parameters<typeof findTarget>[0]): Promise<CaseInput['target']> {
  const { name, instance } = await findTarget(choice);
  const id = await findUserId(instance, named);
  const user = id && (await getUser(instance, id));
  if (!user) throw new CommandError(`${capitalize(name)} has no user ${named}.`);
  return {
    id: user.id,
    ...(user.externalId !== null && { external_id: user.externalId }),
    email_addresses: user.emailAddresses.map(({ value }) => value),
    private_metadata: { ...user.privateMetadata },
  };
}

/** @throws UsageError */
function secondsFrom(text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,9}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UsageError('--auth-age is not a number of seconds: write one such as 3600.');
}

/** Prints what the policy decides in one case, and why. */
async function explainCase(args: readonly string[]): Promise<number> {
  const values = readOptions(args, {
    ...options,
    actor: { type: 'string' },
    claims: { type: 'string' },
    'secret-key': { type: 'boolean' },
    user: { type: 'string' },
    target: { type: 'string' },
    reason: { type: 'string' },
    'auth-age': { type: 'string' },
  });
  const { actor: sub, user, target: given, reason } = values;
  if (!sub) throw new UsageError('Missing actor: write --actor <sub>.');
  if ((user === undefined) === (given === undefined)) throw new UsageError('Write one of --user and --target.');
  const authAge = secondsFrom(values['auth-age']);
  const input: CaseInput = {
    actor: { sub, ...claimsFrom(values.claims) },
    verified: values['secret-key'] !== true,
    target: user === undefined ? targetFrom(given ?? '') : await readTarget(user, values),
    ...(reason !== undefined && { reason }),
    ...(authAge !== undefined && { auth_age: authAge }),
  };
  const { policy } = readChosenPolicy(values);
  const question = questionOf(input);
  const decision = decide(policy, question);
  const decided = explain(policy, question, decision);
  printLine(values.json ? JSON.stringify({ version: policy.version, decided }) : `${capitalize(decided)}.`);
  return decision.isAllowed ? 0 : 1;
}

export const policy: Command = { name: 'policy', help, verbs: { check, test, explain: explainCase } };

if (import.meta.main) await runCommand(policy);
