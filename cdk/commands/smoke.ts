/** `npm run smoke`: the HTTP tests of the official client, against a deployed stage. */
import { spawn } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { createClerkClient } from '@clerk/backend';
import type { Call } from '../../shared/base/call.ts';
import type { SecretKeyId } from '../../shared/base/ids.ts';
import { publishableKeyOf } from '../../shared/base/publishable-key.ts';
import type { RunningStack } from '../../test/support/running-stack.ts';
import { CommandError, capitalized, runCommand, tell } from './command.ts';
import { explained } from './explain.ts';
import { interruption } from './interruption.ts';
import { showProgress } from './progress.ts';
import { type Target, target, targetHelp, targetOptions } from './target.ts';

const help = `Runs the tests of the official @clerk/backend over HTTP against a deployed stage: about two minutes.

  npm run smoke -- --stage dev
  npm run smoke -- --stage dev users sessions   only the files of those names

It makes a secret key and users for itself and takes both back at the end, also after Ctrl-C; another Ctrl-C leaves the users
and revokes the key all the same. What it cannot take back are the about 150 actor tokens and sessions it makes, which stay on
the record (auditRetentionDays).

Your AWS credentials need to describe the stack, to read and write its tables, and to read the public half of its ticket key.

${targetHelp}`;

const project = fileURLToPath(new URL('../..', import.meta.url));

/** The public half of the key that signs tickets, which no endpoint publishes. */
async function ticketKeyPem({ name, environment }: Target): Promise<string> {
  const [KeyId] = environment.TICKET_KEY_IDS?.split(',') ?? [];
  const { PublicKey } = await new KMSClient({}).send(new GetPublicKeyCommand({ KeyId }));
  if (!PublicKey) throw new CommandError(`KMS has no ticket key of ${name}: deploy the stack again.`);
  const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** What the tests are told, as a local run would tell them. */
function stackOf({ apiUrl, frontendApiUrl, environment }: Target, secretKey: string, dir: string): RunningStack {
  const url = new URL(frontendApiUrl);
  return {
    baseUrl: apiUrl,
    frontendApiUrl,
    secretKey,
    publishableKey: publishableKeyOf(url),
    instanceId: environment.INSTANCE_ID ?? '',
    // The Frontend API's own origin may always ask it.
    allowedOrigin: url.origin,
    ticketKeyPem: join(dir, 'ticket-key.pem'),
    dynamodbEndpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '',
    logFile: '',
    dir,
    environment,
  };
}

/** Signals that end the work: the first Ctrl-C the tests, another one what waits for them or tidies up after them. */
interface Interruptions {
  readonly first: AbortSignal;
  readonly another: AbortSignal;
}

/**
 * Runs the tests, which read what they are told of the stack from the directory; answers with their exit code, or 1 when they
 * were interrupted. They have ended by then.
 */
async function runTests(files: readonly string[], dir: string, { first, another }: Interruptions): Promise<number> {
  const vitest = join(project, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--config', 'test/smoke/vitest.config.ts', ...files];
  const child = spawn(process.execPath, args, {
    cwd: project,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, SMOKE_DIRECTORY: dir },
    signal: first,
  });
  const kill = () => child.kill('SIGKILL');
  another.addEventListener('abort', kill);
  return new Promise<number>((resolve, reject) => {
    child.once('error', (error) => first.aborted || reject(error));
    child.once('close', (code) => resolve(first.aborted ? 1 : (code ?? 1)));
  }).finally(() => another.removeEventListener('abort', kill));
}

/** Deletes the users the tests have made, one after the other: all at once they would be throttled. Never throws. */
async function deleteUsers(apiUrl: string, secretKey: string, dir: string, stop: AbortSignal): Promise<void> {
  const { users } = createClerkClient({ apiUrl, secretKey, telemetry: { disabled: true } });
  const ids = (await readFile(join(dir, 'users'), 'utf8').catch(() => '')).split('\n').filter((id) => id !== '');
  const left: string[] = [];
  let done = 0;
  tell(`Deleting ${ids.length} users …`);
  const progress = showProgress(() => `deleted ${done} of ${ids.length} users`);
  for (const id of ids) {
    try {
      stop.throwIfAborted();
      await users.deleteUser(id);
    } catch (error) {
      // The tests themselves have deleted some.
      if (!/not found/i.test(String(error))) left.push(id);
    }
    done += 1;
  }
  progress.stop();
  if (left.length > 0) tell(`Could not delete ${left.join(', ')}: delete them with DELETE /v1/users/{user_id}.`);
  else tell(`Deleted ${done} users.`);
}

async function revoke(id: SecretKeyId, call: Call): Promise<void> {
  const { revokeSecretKey } = await import('../../shared/secret-keys/revoke-secret-key.ts');
  await revokeSecretKey(id, call).catch((error: unknown) => {
    throw new CommandError(`${id} still works. ${explained(error)} Then: npm run secret-key -- revoke ${id}`);
  });
  tell(`Revoked ${id}.`);
}

async function smoke(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: targetOptions, allowPositionals: true });
  const stage = await target(values);
  const { createSecretKey } = await import('../../shared/secret-keys/create-secret-key.ts');
  const another = new AbortController();
  // From here on no signal ends the process before the key is revoked.
  const interruptions: Interruptions = { first: interruption(() => another.abort()), another: another.signal };

  const dir = await mkdtemp(join(tmpdir(), 'actor-tokens-smoke-'));
  try {
    const { key, secret } = await createSecretKey('smoke', { instance: stage.instance, now: stage.now() });
    tell(`${capitalized(stage.name)}: testing with the secret key ${key.id}.`);
    try {
      await writeFile(join(dir, 'ticket-key.pem'), await ticketKeyPem(stage));
      await writeFile(join(dir, 'stack.json'), JSON.stringify(stackOf(stage, secret, dir)), { mode: 0o600 });
      return await runTests(positionals, dir, interruptions);
    } finally {
      await deleteUsers(stage.apiUrl, secret, dir, interruptions.another);
      await revoke(key.id, { instance: stage.instance, now: stage.now() });
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

await runCommand({ name: 'npm run smoke', help, verbs: smoke });
