/** `npm run secret-key`: the keys with which the customer's servers authenticate to the Backend API. */
import { ApiError } from '../../shared/base/errors.ts';
import { isId } from '../../shared/base/ids.ts';
import type { Instance } from '../../shared/base/instance.ts';
import { newestFirst } from '../../shared/base/newest-first.ts';
import { createSecretKey } from '../../shared/secret-keys/create-secret-key.ts';
import { revokeSecretKey } from '../../shared/secret-keys/revoke-secret-key.ts';
import { type SecretKey, type SecretKeyStatus, statusOf } from '../../shared/secret-keys/secret-key.ts';
import { scanSecretKeys, secretKeyFrom } from '../../shared/secret-keys/secret-key-record.ts';
import { LAST_USE_QUERY, savedQueryName } from '../saved-query-name.ts';
import { readArgument, readOptions } from './arguments.ts';
import { type Command, runCommand } from './command.ts';
import { apiSentences } from './error-sentence.ts';
import { CommandError, UsageError } from './errors.ts';
import { formatTime } from './format-time.ts';
import { capitalize, printLine, printMessage, printTable } from './output.ts';
import { readItem } from './read-item.ts';
import { parseExpiry, parseScopes } from './secret-key/options.ts';
import { warningOf } from './secret-key/warning.ts';
import { type DeployedTarget, findTarget, type Target, targetHelp, targetOptions } from './target.ts';

const help = `Manages the secret keys with which your servers call the Backend API.

  npm run secret-key -- create --name backend   create a secret key and print it, only this once
  npm run secret-key -- create --name support --may create,revoke --expires-in 90d
  npm run secret-key -- list                    list all secret keys, newest first, without the keys themselves
  npm run secret-key -- revoke <key id>         revoke a secret key: the next request with it is refused

Several keys can be active. To replace one, create another, configure it in your servers, then revoke the old one.

  --name <name>       create: the purpose of the key, 1 to 64 characters
  --may <scopes>      create: what the key may do, separated by commas (default: everything)
                        create   create actor tokens and session tokens
                        revoke   revoke actor tokens and sessions
                        read     read users and sessions
                        users    create, ban, unban and delete users
  --expires-in <days> create: refuse the key after so many days or hours, such as 90d or 12h (default: never)
  --expires-at <time> create: refuse the key from this time on, such as 2027-05-03T09:12:40Z
  --json              print JSON, one object per line

${targetHelp}`;

const options = { ...targetOptions, json: { type: 'boolean' } } as const;

function keyJson(key: SecretKey, status: SecretKeyStatus) {
  const { id, name, scopes, createdAt, expiresAt, generation, revokedAt } = key;
  return {
    id,
    name,
    scopes,
    created_at: formatTime(createdAt),
    ...(expiresAt !== undefined && { expires_at: formatTime(expiresAt) }),
    generation,
    status,
    ...(revokedAt !== undefined && { revoked_at: formatTime(revokedAt) }),
  };
}

function statusText({ generation, revokedAt }: SecretKey, status: SecretKeyStatus): string {
  if (revokedAt !== undefined) return `revoked since ${formatTime(revokedAt)}`;
  return status === 'invalid' ? `invalid: of generation ${generation}` : status;
}

function keyRow(key: SecretKey, status: SecretKeyStatus): readonly string[] {
  const expiry = key.expiresAt === undefined ? 'does not expire' : `expires ${formatTime(key.expiresAt)}`;
  return [key.id, key.name, formatTime(key.createdAt), key.scopes.join(','), expiry, statusText(key, status)];
}

async function create(args: readonly string[]): Promise<number> {
  const values = readOptions(args, {
    ...options,
    name: { type: 'string' },
    may: { type: 'string' },
    'expires-in': { type: 'string' },
    'expires-at': { type: 'string' },
  });
  if (values.name === undefined)
    throw new UsageError('Missing name: write the purpose of the key, as in --name backend.');
  const scopes = parseScopes(values.may);
  const expiryFor = parseExpiry(values);
  const target = await findTarget(values);
  const { name, instance, secretKeyKind: kind } = target;
  const now = target.now();
  const choices = { name: values.name, kind, scopes, expiresAt: expiryFor(now) };
  const { key, secret } = await createSecretKey(choices, { instance, now }).catch((error: unknown) => {
    const isAboutName = error instanceof ApiError && error.items[0].meta?.param_name === 'name';
    throw isAboutName ? new UsageError(apiSentences(error)) : error;
  });
  printLine(values.json ? JSON.stringify({ ...keyJson(key, 'active'), secret_key: secret }) : secret);
  printMessage(
    `${key.id} (${key.name}) of ${name} is accepted from now on. Store the secret key: it is not shown again.`,
  );
  return 0;
}

/** The functions write no secret key, so the last use of a key is in the log only. */
function lastUseSentence(target: Target | DeployedTarget): string {
  return 'stackName' in target
    ? `The last use of each key: CloudWatch, Logs Insights, Saved queries, "${savedQueryName(target.namePrefix, LAST_USE_QUERY)}".`
    : 'The last use of each key: secret_key_id in functions.log of the local run.';
}

/** Every secret key that was ever created, newest first. */
async function readSecretKeys(instance: Instance): Promise<readonly SecretKey[]> {
  const read = (await scanSecretKeys(instance)).map((item) => readItem(item, secretKeyFrom, printMessage));
  const keys = read.filter((key) => key !== undefined);
  return keys.sort(newestFirst);
}

async function list(args: readonly string[]): Promise<number> {
  const values = readOptions(args, options);
  const target = await findTarget(values);
  const { name, instance } = target;
  const now = target.now();
  const { generation } = instance;
  const keys = (await readSecretKeys(instance)).map((key) => [key, statusOf(key, { generation, now })] as const);
  if (values.json) for (const [key, status] of keys) printLine(JSON.stringify(keyJson(key, status)));
  else printTable(keys.map(([key, status]) => keyRow(key, status)));
  for (const [key, status] of keys) {
    const warning = warningOf(key, { status, now });
    if (warning !== undefined) printMessage(warning);
  }
  if (keys.length === 0)
    printMessage(`${capitalize(name)} has no secret keys: create one with "create --name backend".`);
  else printMessage(lastUseSentence(target));
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

export const secretKey: Command = { name: 'secret-key', help, verbs: { create, list, revoke } };

if (import.meta.main) await runCommand(secretKey);
