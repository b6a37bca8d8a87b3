/** `npm run signing-keys`: replaces the KMS keys of tickets and of session tokens, step by step. See docs/rotate.md. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { limits } from '../../shared/base/limits.ts';
import { type EpochMs, epochMs } from '../../shared/base/time.ts';
import { type ConfigFile, readConfigFile } from '../config/config-file.ts';
import { deploymentConfig } from '../config/deployment.ts';
import { ConfigError } from '../config/error.ts';
import type { KeyName } from '../signing-key.ts';
import { CommandError, print, printTable, runCommand, tell, UsageError } from './command.ts';
import { withMember } from './signing-keys/config-edit.ts';
import { type DeployedKey, deployedAt, deployedKeys, servedKids } from './signing-keys/deployed.ts';
import { afterStep, type KeyNumbers, phaseOf, type Step, spelled } from './signing-keys/lists.ts';
import { listAfter, type PlannedStep, type Situation } from './signing-keys/plan.ts';
import { duration, VERIFIER_CACHE_IN_SECONDS, waitsOf } from './signing-keys/waits.ts';
import { type Target, target, targetOptions } from './target.ts';

const costs: Readonly<Record<KeyName, string>> = {
  session:
    'Every session token signed until then stops verifying as soon as a verifier reads the JWKS anew; a browser that is open ' +
    'gets its next one within a minute. Tokens that somebody else signs with the old key are accepted by verifiers that ' +
    `hold it for up to ${duration(limits.jwksMaxAgeInSeconds + VERIFIER_CACHE_IN_SECONDS)} more, and by @clerk/backend for as ` +
    'long as it is asked about unknown keys: restart your verifiers after the deployment.',
  ticket: 'Every pending actor token dies: its ticket is refused, and has to be made anew.',
};

const help = `Replaces the KMS keys that sign session tokens and actor tokens (tickets). Each step checks that it may be taken,
changes actor-tokens.json, and prints what to run next. It deploys nothing by itself.

  npm run signing-keys -- status                               what signs, what verifies, what to do next
  npm run signing-keys -- publish session|ticket               add a new key, which only verifies
  npm run signing-keys -- sign session|ticket                  let the new key sign
  npm run signing-keys -- retire session|ticket                take the old key away
  npm run signing-keys -- replace session|ticket --emergency   a new key alone, at once: for a key that others could use

  --signing-since <ISO time>   retire: when the deployment that let the new key sign ended, such as 2026-05-03T09:12:40Z, if
                      there was another one since (default: the last deployment)
  --stack <name>      the deployed stack of that name (default: the one that actor-tokens.json configures)
  --stage dev|prod    the stack that the file configures for that stage
  --config <file>     another file in place of actor-tokens.json
  --region <region>   its AWS Region (default: AWS_REGION, or the profile's)

Exit code 0: done; 1: not now, or not possible; 2: called in a wrong way.`;

const { stack, stage, config, region } = targetOptions;
const options = { stack, stage, config, region } as const;

type Options = {
  readonly stack?: string;
  readonly stage?: string;
  readonly config?: string;
  readonly region?: string;
};

const memberOf: Readonly<Record<KeyName, 'ticketKeys' | 'sessionKeys'>> = {
  ticket: 'ticketKeys',
  session: 'sessionKeys',
};
const kinds = ['session', 'ticket'] as const satisfies readonly KeyName[];

interface Configured {
  readonly file: ConfigFile;
  readonly keys: Readonly<Record<KeyName, KeyNumbers>>;
  /** The name that `cdk deploy` would choose. */
  readonly stackName: string;
}

function configuration({ config, stage }: Pick<Options, 'config' | 'stage'>): Configured {
  try {
    const { ticketKeys, sessionKeys, stackName } = deploymentConfig({ config, stage });
    return { file: readConfigFile(config), keys: { ticket: ticketKeys, session: sessionKeys }, stackName };
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
}

interface Deployment {
  readonly name: string;
  readonly stackName: string;
  readonly stage: string;
  readonly keys: Readonly<Record<KeyName, readonly DeployedKey[]>>;
  readonly jwksUrl: string;
  /** In seconds. */
  readonly maxTicketLifeInSeconds: number;
  readonly now: () => EpochMs;
}

/** The local run has no deployments, and no option here names it. */
function stackOf({ stackName, stage, name }: Target): { readonly stackName: string; readonly stage: string } {
  if (stackName === undefined || stage === undefined) throw new UsageError(`${name} is no deployed stack.`);
  return { stackName, stage };
}

async function deployment(options: Options): Promise<Deployment> {
  const found = await target(options);
  const { stackName, stage } = stackOf(found);
  const {
    TICKET_KEY_IDS: ticketIds = '',
    SESSION_KEY_IDS: sessionIds = '',
    MAX_TICKET_LIFE_IN_SECONDS,
  } = found.environment;
  const [ticket, session] = await Promise.all([
    deployedKeys('ticket', stackName, ticketIds),
    deployedKeys('session', stackName, sessionIds),
  ]);
  const jwksUrl = `${found.frontendApiUrl}/.well-known/jwks.json`;
  return {
    name: found.name,
    stackName,
    stage,
    keys: { ticket, session },
    jwksUrl,
    maxTicketLifeInSeconds: Number(MAX_TICKET_LIFE_IN_SECONDS),
    now: found.now,
  };
}

async function situationOf(
  kind: KeyName,
  { keys }: Configured,
  found: Deployment,
  signingSince?: EpochMs,
): Promise<Situation> {
  const kids = kind === 'session' ? await servedKids(found.jwksUrl) : undefined;
  const at = await deployedAt(found.stackName);
  return {
    kind,
    configured: keys[kind],
    deployed: found.keys[kind].map(({ number }) => number),
    deployedAt: at,
    signingSince,
    served: kids && found.keys[kind].filter(({ kid = '' }) => kids.includes(kid)).map(({ number }) => number),
    waits: waitsOf(kind, found),
    now: found.now(),
  };
}

function kindOf(positionals: readonly string[], verb: string): KeyName {
  const [name, ...rest] = positionals;
  const kind = kinds.find((each) => each === name);
  if (!kind || rest.length > 0) throw new UsageError(`Say which kind of key: "${verb} session" or "${verb} ticket".`);
  return kind;
}

/**
 * `cdk deploy` of this very stack. Always with the stage that is deployed: with another one it would lose its protection, or
 * be another stack.
 */
function deployCommand(options: Options, { stackName, stage }: Deployment): string {
  const { stack, config, region } = options;
  const isNamed = stack !== undefined || configuration({ ...options, stage }).stackName !== stackName;
  const where = region ? `AWS_REGION=${region} ` : '';
  const file = config === undefined ? '' : ` -c config=${config}`;
  return `${where}npm run deploy --${file} -c stage=${stage}${isNamed ? ` -c stackName=${stackName}` : ''}`;
}

/** The hint for the step after the deployment of the changed file. */
function sequel(step: Step, kind: KeyName, maxTicketLifeInSeconds: number): string {
  const { beforeSign, beforeRetire } = waitsOf(kind, { maxTicketLifeInSeconds });
  switch (step) {
    case 'publish':
      return beforeSign === 0 ? `then at once: sign ${kind}` : `then wait ${duration(beforeSign)}, then: sign ${kind}`;
    case 'sign':
      return `then wait ${duration(beforeRetire)}, then: retire ${kind}`;
    case 'retire':
    case 'replace':
      return 'then see to the old KMS key: docs/rotate.md says how to disable and delete it';
  }
}

function oldKeys(step: Step, keys: readonly DeployedKey[], list: KeyNumbers): readonly string[] {
  const dropped = step === 'retire' || step === 'replace' ? keys.filter(({ number }) => !list.includes(number)) : [];
  return dropped.map(({ number, keyId, state }) => `The old key ${number} is the KMS key ${keyId} (${state}).`);
}

/** A number that neither the file nor the stack has, because others may be able to sign with the keys of both. */
function replacement([first, ...others]: KeyNumbers, keys: readonly DeployedKey[]): KeyNumbers {
  return afterStep.replace([first, ...others, ...keys.map(({ number }) => number)]);
}

async function take(step: Step, kind: KeyName, options: Options, signingSince?: EpochMs): Promise<number> {
  const [configured, found] = [configuration(options), await deployment(options)];
  const list =
    step === 'replace'
      ? replacement(configured.keys[kind], found.keys[kind])
      : listAfter(step, await situationOf(kind, configured, found, signingSince));
  const deploy = deployCommand(options, found);
  await writeFile(configured.file.path, withMember(configured.file.text, memberOf[kind], list));
  print(`${configured.file.name}: ${memberOf[kind]} was ${spelled(configured.keys[kind])} and is ${spelled(list)}.`);
  print(`Next, for ${found.name}: ${deploy}`);
  print(`${sequel(step, kind, found.maxTicketLifeInSeconds)}.`);
  for (const line of oldKeys(step, found.keys[kind], list)) print(line);
  return 0;
}

function stepVerb(step: Exclude<PlannedStep, 'retire'>) {
  return async (args: readonly string[]): Promise<number> => {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return take(step, kindOf(positionals, step), values);
  };
}

const isoTime = v.pipe(v.string(), v.isoTimestamp());

/** An instant with its time zone, not in the future. */
function pastTime(text: string): EpochMs {
  const at = Date.parse(text);
  // A day that its month does not have would be taken for one of the next month.
  const day = text.slice(0, 10);
  const isDay = new Date(Date.parse(day)).toJSON()?.startsWith(day) ?? false;
  if (!v.is(isoTime, text) || Number.isNaN(at) || !isDay)
    throw new UsageError('--signing-since is no time: write one with its time zone, such as 2026-05-03T09:12:40Z.');
  if (at > Date.now())
    throw new UsageError(
      '--signing-since is in the future: write when the deployment that let the new key sign ended, or leave it out.',
    );
  return epochMs(at);
}

async function retire(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...options, 'signing-since': { type: 'string' } },
    allowPositionals: true,
  });
  const { 'signing-since': since, ...named } = values;
  const kind = kindOf(positionals, 'retire');
  return take('retire', kind, named, since === undefined ? undefined : pastTime(since));
}

async function replace(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...options, emergency: { type: 'boolean' } },
    allowPositionals: true,
  });
  const { emergency = false, ...named } = values;
  const kind = kindOf(positionals, 'replace');
  tell(costs[kind]);
  if (!emergency)
    throw new UsageError(`If that is meant: "replace ${kind} --emergency". Without haste: publish ${kind}.`);
  return take('replace', kind, named);
}

const nextSteps = { one: 'publish', published: 'sign', signing: 'retire' } as const;

/** The next step of a kind, or why it cannot be taken now. */
function outlook(situation: Situation): string {
  const step = nextSteps[phaseOf(situation.configured)];
  try {
    listAfter(step, situation);
    return step === 'publish' ? 'No rotation is under way.' : `Next: ${step} ${situation.kind}`;
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

async function status(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options });
  const [configured, found] = [configuration(values), await deployment(values)];
  for (const kind of kinds) {
    const situation = await situationOf(kind, configured, found);
    const rows = found.keys[kind].map(({ number, keyId, state }, index) => {
      const published = situation.served && (situation.served.includes(number) ? 'in the JWKS' : 'not in the JWKS');
      return [kind, String(number), index === 0 ? 'signs' : 'verifies', published ?? '', state, keyId];
    });
    printTable(rows);
    print(outlook(situation));
  }
  return 0;
}

const verbs = { status, publish: stepVerb('publish'), sign: stepVerb('sign'), retire, replace };

await runCommand({ name: 'npm run signing-keys', help, verbs });
