/** `npm run smoke`: the HTTP tests of the official client, against a deployed stack. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClerkClient } from '@clerk/backend';
import type { Call } from '../../shared/base/call.ts';
import type { SecretKeyId } from '../../shared/base/ids.ts';
import { DAY_IN_SECONDS, plusSeconds } from '../../shared/base/time.ts';
import { createSecretKey } from '../../shared/secret-keys/create-secret-key.ts';
import { revokeSecretKey } from '../../shared/secret-keys/revoke-secret-key.ts';
import { project } from '../project.ts';
import { abortOnInterruption } from './abort-on-interruption.ts';
import { readArguments } from './arguments.ts';
import { type Command, runCommand } from './command.ts';
import { errorSentence } from './error-sentence.ts';
import { CommandError } from './errors.ts';
import { capitalize, printMessage } from './output.ts';
import { showProgress } from './progress.ts';
import { describeStackUnderTest, fetchTicketKeyPem, ticketKeyFileIn } from './smoke/stack-under-test.ts';
import { findTarget, type Target, targetHelp, targetOptions } from './target.ts';

const help = `Runs the tests of the official @clerk/backend over HTTP against a deployed stack.

  npm run smoke -- --stage dev
  npm run smoke -- --stage dev users sessions   run only the test files whose names contain one of these words

It creates a secret key and users of its own. At the end, also after Ctrl-C, it deletes the users and revokes the key. Another
Ctrl-C leaves the users; the key is still revoked. The actor tokens and sessions that the tests create cannot be deleted: they
stay stored for auditRetentionDays.

A stage that requires operators, or has a policy, is not tested: the secret key of the tests could create no actor tokens there.

Your AWS credentials must allow it to describe the stack, to read and write its tables, and to read its public ticket key.

${targetHelp}`;

/** The first Ctrl-C ends the tests. Another one kills them if they still run, and ends the deletion of users. */
interface Interruptions {
  readonly first: AbortSignal;
  readonly another: AbortSignal;
}

interface TestRun {
  /** Words in the names of the test files to run; all files by default. */
  readonly files: readonly string[];
  /** The directory from which the tests read the stack under test. */
  readonly dir: string;
  readonly region: string | undefined;
}

/** Runs the tests. Resolves after they have ended, with their exit code, or 1 when they were interrupted. */
async function runTests({ files, dir, region }: TestRun, { first, another }: Interruptions): Promise<number> {
  const vitest = join(project, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--config', 'test/smoke/vitest.config.ts', ...files];
  const child = spawn(process.execPath, args, {
    cwd: project,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...(region !== undefined && { AWS_REGION: region }), SMOKE_DIRECTORY: dir },
    signal: first,
  });
  const kill = () => child.kill('SIGKILL');
  another.addEventListener('abort', kill);
  return new Promise<number>((resolve, reject) => {
    child.once('error', (error) => first.aborted || reject(error));
    child.once('close', (code) => resolve(first.aborted ? 1 : (code ?? 1)));
  }).finally(() => another.removeEventListener('abort', kill));
}

interface Deletion {
  readonly apiUrl: string;
  readonly secretKey: string;
  /** The directory in which the tests list the users that they create. */
  readonly dir: string;
}

/** Deletes the users of the tests, one after the other, because a burst would be throttled. Never throws. */
async function deleteUsers({ apiUrl, secretKey, dir }: Deletion, stop: AbortSignal): Promise<void> {
  const { users } = createClerkClient({ apiUrl, secretKey, telemetry: { disabled: true } });
  const ids = (await readFile(join(dir, 'users'), 'utf8').catch(() => '')).split('\n').filter((id) => id !== '');
  const left: string[] = [];
  let done = 0;
  printMessage(`Deleting ${ids.length} users …`);
  const progress = showProgress(() => `deleted ${done} of ${ids.length} users`);
  for (const id of ids) {
    try {
      stop.throwIfAborted();
      await users.deleteUser(id);
    } catch (error) {
      // The tests themselves delete some users.
      if (!/not found/i.test(String(error))) left.push(id);
    }
    done += 1;
  }
  progress.stop();
  if (left.length > 0) printMessage(`Could not delete ${left.join(', ')}: use DELETE /v1/users/{user_id}.`);
  else printMessage(`Deleted ${done} users.`);
}

/** @throws CommandError when the key may still be active */
async function revokeKey(id: SecretKeyId, call: Call): Promise<void> {
  await revokeSecretKey(id, call).catch((error: unknown) => {
    const reason = errorSentence(error, 'DynamoDB');
    throw new CommandError(`${id} is still active. ${reason} Then run: npm run secret-key -- revoke ${id}`);
  });
  printMessage(`Revoked ${id}.`);
}

/** Runs the tests with a secret key of their own, and always revokes it. */
async function testTarget(
  target: Target,
  { files, dir, region }: TestRun,
  interruptions: Interruptions,
): Promise<number> {
  const { instance, apiUrl, now, secretKeyKind: kind } = target;
  const createdAt = now();
  // Should the revocation fail at the end, the key does not stay valid.
  const choices = { name: 'smoke', kind, expiresAt: plusSeconds(createdAt, DAY_IN_SECONDS) };
  const { key, secret } = await createSecretKey(choices, { instance, now: createdAt });
  printMessage(`${capitalize(target.name)}: testing with the secret key ${key.id}.`);
  try {
    await writeFile(ticketKeyFileIn(dir), await fetchTicketKeyPem(target));
    const stack = describeStackUnderTest(target, secret, dir);
    await writeFile(join(dir, 'stack.json'), JSON.stringify(stack), { mode: 0o600 });
    return await runTests({ files, dir, region }, interruptions);
  } finally {
    await deleteUsers({ apiUrl, secretKey: secret, dir }, interruptions.another);
    await revokeKey(key.id, { instance, now: now() });
  }
}

async function runSmokeTest(args: readonly string[]): Promise<number> {
  const { values, positionals: files } = readArguments(args, targetOptions);
  const target = await findTarget(values);
  if ('isRestricted' in target && target.isRestricted)
    throw new CommandError(
      `${capitalize(target.name)} requires operators or has a policy, so the secret key of the tests cannot create the actor ` +
        'tokens that they need: run them against a stage with the same configuration but for these two.',
    );
  const another = new AbortController();
  // From here on no signal ends the process before the key is revoked.
  const interruptions = { first: abortOnInterruption(() => another.abort()), another: another.signal };
  const dir = await mkdtemp(join(tmpdir(), 'actor-tokens-smoke-'));
  try {
    return await testTarget(target, { files, dir, region: target.instance.aws.region }, interruptions);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export const smoke: Command = { name: 'smoke', help, verbs: runSmokeTest };

if (import.meta.main) await runCommand(smoke);
