/** `npm run signing-keys`: replaces the KMS keys of tickets and of session tokens, step by step. See docs/rotate.md. */
import { writeFile } from 'node:fs/promises';
import { limits } from '../../shared/base/limits.ts';
import { type EpochMs, epochMs } from '../../shared/base/time.ts';
import type { KeyName } from '../signing-key.ts';
import { readArgument, readOptions } from './arguments.ts';
import { type Command, runCommand } from './command.ts';
import { UsageError } from './errors.ts';
import { formatDuration } from './format-duration.ts';
import { printLine, printMessage, printTable } from './output.ts';
import { isPackage } from './own-app.ts';
import { withMember } from './signing-keys/config-edit.ts';
import { fetchSessionKeys } from './signing-keys/deployed-keys.ts';
import { deployCommand, droppedKeyLines, hintAfter, nextStepHint } from './signing-keys/hints.ts';
import { afterStep, formatList, type KeyNumbers, type Step } from './signing-keys/lists.ts';
import { parsePastTime } from './signing-keys/past-time.ts';
import { listAfter, type PlannedStep, type Situation } from './signing-keys/plan.ts';
import { type Rotation, readRotation, readSituation } from './signing-keys/rotation.ts';
import { VERIFIER_CACHE_IN_SECONDS } from './signing-keys/waits.ts';
import { findTarget, type StackChoice, stackOptions, targetHelp, targetOptions } from './target.ts';

const help = `Replaces the KMS keys that sign session tokens and actor tokens (tickets). Each step checks that it is allowed now, 
${isPackage ? 'says which prop to change' : 'changes actor-tokens.json'}, and prints what to run next. It deploys nothing.

  npm run signing-keys -- status                               show which keys sign and verify, and the next step
  npm run signing-keys -- pem                                  print the public keys of session tokens, for verifiers that take a key
                                                               (jwtKey, jwt_key, CLERK_JWT_KEY) and do not read our JWKS
  npm run signing-keys -- publish session|ticket               add a new key, which only verifies
  npm run signing-keys -- sign session|ticket                  let the new key sign
  npm run signing-keys -- retire session|ticket                remove the old key
  npm run signing-keys -- replace session|ticket --emergency   at once use a new key alone, when others may use the old one

  --signing-since <ISO time>   retire: the end of the deployment that let the new key sign, such as 2026-05-03T09:12:40Z, if
                               there was another deployment since (default: the end of the last deployment)

${targetHelp}${isPackage ? '' : '\nOnly pem works on a local run.'}`;

/** The costs of a replacement, which the administrator has to accept. */
const costs: Readonly<Record<KeyName, string>> = {
  session:
    'Every session token that was signed until now stops verifying as soon as a verifier reads the JWKS again; an open browser ' +
    'gets its next one within a minute. Verifiers that cached the old key accept tokens that somebody else signs with it for ' +
    `up to ${formatDuration(limits.jwksMaxAgeInSeconds + VERIFIER_CACHE_IN_SECONDS)} more, and @clerk/backend does so for as ` +
    'long as it receives tokens with unknown keys: restart your verifiers after the deployment.',
  ticket: 'Every pending actor token becomes invalid: its ticket is refused, and it has to be created again.',
};

const members = { ticket: 'ticketKeys', session: 'sessionKeys' } as const satisfies Record<KeyName, string>;

const KINDS = ['session', 'ticket'] as const satisfies readonly KeyName[];

function parseKind(step: Step, argument: string): KeyName {
  const kind = KINDS.find((each) => each === argument);
  if (!kind) throw new UsageError(missingKind(step));
  return kind;
}

function missingKind(step: Step): string {
  return `Name the kind of key: write "${step} session" or "${step} ticket".`;
}

/** Returns a number that neither the file nor the stack has, because others may be able to sign with any of those keys. */
function replacementFor(kind: KeyName, { configured, deployed }: Rotation): KeyNumbers {
  const [first, ...others] = configured[kind];
  return afterStep.replace([first, ...others, ...deployed[kind].map(({ number }) => number)]);
}

interface Change {
  readonly step: Step;
  readonly kind: KeyName;
  readonly list: KeyNumbers;
}

/** Writes the list after a step into the configuration file, or prints the prop of a construct; then prints what to do next. */
async function writeList({ step, kind, list }: Change, rotation: Rotation, choice: StackChoice): Promise<void> {
  const { file, configured, target, deployed } = rotation;
  // The emergency drops the key that signs, which a deployment refuses otherwise.
  const deploy = deployCommand(choice, target, step === 'replace' ? members[kind] : undefined);
  if (file) await writeFile(file.path, withMember(file.text, members[kind], list));
  printLine(
    file
      ? `${file.name}: ${members[kind]} was ${formatList(configured[kind])} and is ${formatList(list)}.`
      : `In your app, change the props of ActorTokens "${target.construct}": ${members[kind]}: ${formatList(list)}, which is ${formatList(configured[kind])} in the stack.`,
  );
  printLine(`Next, deploy ${target.name}: ${deploy}`);
  printLine(hintAfter(step, kind, target.instance));
  for (const line of droppedKeyLines(deployed[kind], list)) printLine(line);
}

interface Request {
  readonly step: PlannedStep;
  readonly kind: KeyName;
  readonly signingSince?: EpochMs | undefined;
}

async function takeStep({ step, kind, signingSince }: Request, choice: StackChoice): Promise<number> {
  const rotation = await readRotation(choice);
  const list = listAfter(step, await readSituation(kind, rotation, signingSince));
  await writeList({ step, kind, list }, rotation, choice);
  return 0;
}

async function publish(args: readonly string[]): Promise<number> {
  const { values, argument } = readArgument(args, stackOptions, missingKind('publish'));
  return takeStep({ step: 'publish', kind: parseKind('publish', argument) }, values);
}

async function sign(args: readonly string[]): Promise<number> {
  const { values, argument } = readArgument(args, stackOptions, missingKind('sign'));
  return takeStep({ step: 'sign', kind: parseKind('sign', argument) }, values);
}

async function retire(args: readonly string[]): Promise<number> {
  const options = { ...stackOptions, 'signing-since': { type: 'string' } } as const;
  const { values, argument } = readArgument(args, options, missingKind('retire'));
  const { 'signing-since': since, ...choice } = values;
  const kind = parseKind('retire', argument);
  const signingSince = since === undefined ? undefined : parsePastTime(since, epochMs(Date.now()));
  return takeStep({ step: 'retire', kind, signingSince }, choice);
}

async function replace(args: readonly string[]): Promise<number> {
  const options = { ...stackOptions, emergency: { type: 'boolean' } } as const;
  const { values, argument } = readArgument(args, options, missingKind('replace'));
  const { emergency = false, ...choice } = values;
  const kind = parseKind('replace', argument);
  printMessage(costs[kind]);
  if (!emergency)
    throw new UsageError(
      `To do so, run "replace ${kind} --emergency". Without an emergency, start with "publish ${kind}".`,
    );
  const rotation = await readRotation(choice);
  await writeList({ step: 'replace', kind, list: replacementFor(kind, rotation) }, rotation, choice);
  return 0;
}

function statusRows({ kind, served }: Situation, { deployed }: Rotation): readonly (readonly string[])[] {
  return deployed[kind].map(({ number, keyId, state }, index) => {
    const published = served && (served.includes(number) ? 'in the JWKS' : 'not in the JWKS');
    return [kind, String(number), index === 0 ? 'signs' : 'verifies', published ?? '', state, keyId];
  });
}

async function status(args: readonly string[]): Promise<number> {
  const rotation = await readRotation(readOptions(args, stackOptions));
  for (const kind of KINDS) {
    const situation = await readSituation(kind, rotation);
    printTable(statusRows(situation, rotation));
    printLine(nextStepHint(situation));
  }
  return 0;
}

/** Prints the public keys in PEM (RFC 7468 section 13), the one that signs first. */
async function pem(args: readonly string[]): Promise<number> {
  const { name, instance } = await findTarget(readOptions(args, targetOptions));
  const keys = await fetchSessionKeys(instance);
  for (const { key } of keys) printLine(key.export({ type: 'spki', format: 'pem' }).toString().trimEnd());
  printMessage(
    keys.length === 1
      ? `The public key of the session tokens of ${name}. A verifier that has it must get the next one before the key is replaced.`
      : `The ${keys.length} public keys of the session tokens of ${name}: the first one signs, all verify. A verifier that takes ` +
          'one key only refuses the tokens of the others.',
  );
  return 0;
}

const verbs = { status, pem, publish, sign, retire, replace };

export const signingKeys: Command = { name: 'signing-keys', help, verbs };

if (import.meta.main) await runCommand(signingKeys);
