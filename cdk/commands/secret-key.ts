/** `npm run secret-key`: the keys with which your servers prove themselves to the Backend API. */
import { parseArgs } from 'node:util';
import { ApiError } from '../../shared/base/errors.ts';
import { isId } from '../../shared/base/ids.ts';
import type { SecretKey, SecretKeyStatus } from '../../shared/secret-keys/secret-key.ts';
import { CommandError, capitalized, print, printTable, runCommand, tell, UsageError } from './command.ts';
import { explained } from './explain.ts';
import { target, targetHelp, targetOptions } from './target.ts';

const help = `The secret keys with which your servers call the Backend API.

  npm run secret-key -- create --name backend   make one and show it, this once
  npm run secret-key -- list                    all there are, newest first; never the keys themselves
  npm run secret-key -- revoke <key id>         refuse it from the next request on

Several can be active: to replace one, create another, let your servers use it, then revoke the old one.

  --name <name>       of 1 to 64 characters: what the key is for
  --json              print JSON, one object a line

${targetHelp}`;

const options = { ...targetOptions, json: { type: 'boolean' } } as const;

function iso(at: number): string {
  return new Date(at).toISOString();
}

function keyJson(key: SecretKey, status: SecretKeyStatus) {
  const { id, name, createdAt, generation, revokedAt } = key;
  const revoked = revokedAt === undefined ? {} : { revoked_at: iso(revokedAt) };
  return { id, name, created_at: iso(createdAt), generation, status, ...revoked };
}

function stateOf({ generation, revokedAt }: SecretKey, status: SecretKeyStatus): string {
  if (revokedAt !== undefined) return `revoked since ${iso(revokedAt)}`;
  return status === 'invalid' ? `invalid: of generation ${generation}` : status;
}

function noMoreThan(positionals: readonly string[], count: number): void {
  if (positionals.length > count)
    throw new UsageError(`There are ${positionals.length - count} arguments too many: put quotes around a name.`);
}

async function create(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...options, name: { type: 'string' } },
    allowPositionals: true,
  });
  noMoreThan(positionals, 0);
  if (values.name === undefined) throw new UsageError('Say what the key is for: --name backend.');
  const { name, now, instance } = await target(values);
  const { createSecretKey } = await import('../../shared/secret-keys/create-secret-key.ts');
  const { key, secret } = await createSecretKey(values.name, { instance, now: now() }).catch((error: unknown) => {
    if (error instanceof ApiError && error.items[0].meta?.param_name === 'name') throw new UsageError(explained(error));
    throw error;
  });
  print(values.json ? JSON.stringify({ ...keyJson(key, 'active'), secret_key: secret }) : secret);
  tell(`${key.id} (${key.name}) of ${name} works from now on. Keep the key: it will not be shown again.`);
  return 0;
}

async function list(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  noMoreThan(positionals, 0);
  const { name, instance } = await target(values);
  const { listSecretKeys } = await import('../../shared/secret-keys/list-secret-keys.ts');
  const { statusOf } = await import('../../shared/secret-keys/secret-key.ts');
  const keys = (await listSecretKeys(instance)).map((key) => [key, statusOf(key, instance.generation)] as const);
  if (values.json) for (const [key, status] of keys) print(JSON.stringify(keyJson(key, status)));
  else printTable(keys.map(([key, status]) => [key.id, key.name, iso(key.createdAt), stateOf(key, status)]));
  if (keys.length === 0) tell(`${capitalized(name)} has no secret keys: make one with "create --name backend".`);
  return 0;
}

async function revoke(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [id] = positionals;
  noMoreThan(positionals, 1);
  if (!isId('key', id))
    throw new UsageError('Name the key by its id, such as key_2Zwn4c4SnN4HHeTb8EK7pe29iof: "list" shows the ids.');
  const { name, now, instance } = await target(values);
  const { revokeSecretKey } = await import('../../shared/secret-keys/revoke-secret-key.ts');
  const at = now();
  const key = await revokeSecretKey(id, { instance, now: at }).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== 'resource_not_found') throw error;
    throw new CommandError(`${capitalized(name)} has no secret key ${id}: "list" shows those there are.`);
  });
  if (values.json) print(JSON.stringify(keyJson(key, 'revoked')));
  else printTable([[key.id, key.name, iso(key.createdAt), stateOf(key, 'revoked')]]);
  tell(key.revokedAt === at ? `${id} is refused from now on.` : `${id} had been revoked before.`);
  return 0;
}

await runCommand({ name: 'npm run secret-key', help, verbs: { create, list, revoke } });
