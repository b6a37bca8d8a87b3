/** `npm run secret-key`: the keys with which the customer's servers authenticate to the Backend API. */
import { ApiError } from '../../shared/base/errors.ts';
import { isId } from '../../shared/base/ids.ts';
import { createSecretKey } from '../../shared/secret-keys/create-secret-key.ts';
import { listSecretKeys } from '../../shared/secret-keys/list-secret-keys.ts';
import { revokeSecretKey } from '../../shared/secret-keys/revoke-secret-key.ts';
import { type SecretKey, type SecretKeyStatus, statusOf } from '../../shared/secret-keys/secret-key.ts';
import { readArgument, readOptions } from './arguments.ts';
import { type Command, runCommand } from './command.ts';
import { apiSentences } from './error-sentence.ts';
import { CommandError, UsageError } from './errors.ts';
import { capitalize, printLine, printMessage, printTable } from './output.ts';
import { findTarget, targetHelp, targetOptions } from './target.ts';

const help = `Manages the secret keys with which your servers call the Backend API.

  npm run secret-key -- create --name backend   create a secret key and print it, only this once
  npm run secret-key -- list                    list all secret keys, newest first, without the keys themselves
  npm run secret-key -- revoke <key id>         revoke a secret key: the next request with it is refused

Several keys can be active. To replace one, create another, configure it in your servers, then revoke the old one.

  --name <name>       create: the purpose of the key, 1 to 64 characters
  --json              print JSON, one object per line

${targetHelp}`;

const options = { ...targetOptions, json: { type: 'boolean' } } as const;

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

function keyJson(key: SecretKey, status: SecretKeyStatus) {
  const { id, name, createdAt, generation, revokedAt } = key;
  const revoked = revokedAt === undefined ? {} : { revoked_at: isoTime(revokedAt) };
  return { id, name, created_at: isoTime(createdAt), generation, status, ...revoked };
}

function statusText({ generation, revokedAt }: SecretKey, status: SecretKeyStatus): string {
  if (revokedAt !== undefined) return `revoked since ${isoTime(revokedAt)}`;
  return status === 'invalid' ? `invalid: of generation ${generation}` : status;
}

function keyRow(key: SecretKey, status: SecretKeyStatus): readonly string[] {
  return [key.id, key.name, isoTime(key.createdAt), statusText(key, status)];
}

async function create(args: readonly string[]): Promise<number> {
  const values = readOptions(args, { ...options, name: { type: 'string' } });
  if (values.name === undefined)
    throw new UsageError('Missing name: write the purpose of the key, as in --name backend.');
  const { name, now, instance } = await findTarget(values);
  const { key, secret } = await createSecretKey(values.name, { instance, now: now() }).catch((error: unknown) => {
    const isAboutName = error instanceof ApiError && error.items[0].meta?.param_name === 'name';
    throw isAboutName ? new UsageError(apiSentences(error)) : error;
  });
  printLine(values.json ? JSON.stringify({ ...keyJson(key, 'active'), secret_key: secret }) : secret);
  printMessage(
    `${key.id} (${key.name}) of ${name} is accepted from now on. Store the secret key: it is not shown again.`,
  );
  return 0;
}

async function list(args: readonly string[]): Promise<number> {
  const values = readOptions(args, options);
  const { name, instance } = await findTarget(values);
  const keys = (await listSecretKeys(instance)).map((key) => [key, statusOf(key, instance.generation)] as const);
  if (values.json) for (const [key, status] of keys) printLine(JSON.stringify(keyJson(key, status)));
  else printTable(keys.map(([key, status]) => keyRow(key, status)));
  if (keys.length === 0)
    printMessage(`${capitalize(name)} has no secret keys: create one with "create --name backend".`);
  return 0;
}

async function revoke(args: readonly string[]): Promise<number> {
  const wanted = 'write its id, such as key_2Zwn4c4SnN4HHeTb8EK7pe29iof. "list" shows the ids.';
  const { values, argument: id } = readArgument(args, options, `Missing key: ${wanted}`);
  if (!isId('key', id)) throw new UsageError(`This is not the id of a key: ${wanted}`);
  const { name, now, instance } = await findTarget(values);
  const at = now();
  const key = await revokeSecretKey(id, { instance, now: at }).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== 'resource_not_found') throw error;
    throw new CommandError(`${capitalize(name)} has no secret key ${id}: "list" shows its secret keys.`);
  });
  if (values.json) printLine(JSON.stringify(keyJson(key, 'revoked')));
  else printTable([keyRow(key, 'revoked')]);
  printMessage(key.revokedAt === at ? `${id} is refused from now on.` : `${id} was already revoked.`);
  return 0;
}

export const secretKey: Command = { name: 'npm run secret-key', help, verbs: { create, list, revoke } };

if (import.meta.main) await runCommand(secretKey);
