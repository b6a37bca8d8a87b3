/** `npm run users`: the users who can be impersonated, from the customer's own directory. */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import type { Call } from '../../shared/base/call.ts';
import { ApiError } from '../../shared/base/errors.ts';
import { isId, type UserId } from '../../shared/base/ids.ts';
import type { Instance } from '../../shared/base/instance.ts';
import type { User } from '../../shared/users/user.ts';
import { CommandError, capitalized, print, printTable, runCommand, tell, UsageError } from './command.ts';
import { explained } from './explain.ts';
import { type ImportOptions, importUsers, type Tally } from './import-users.ts';
import { interruption } from './interruption.ts';
import { showProgress } from './progress.ts';
import { target, targetHelp, targetOptions } from './target.ts';

const help = `The users who can be impersonated.

  npm run users -- import users.ndjson             store those of a file ("-" for standard input)
  npm run users -- list                            newest first
  npm run users -- ban <user id or external id>    end their sessions and let nobody sign in as them
  npm run users -- unban <user id or external id>

A line of the file is one user, as a body of POST /v1/users, with your own id of the user as external_id:

  {"external_id":"customer_1","first_name":"Ada","last_name":"Lovelace","email_address":["ada@example.com"]}

Run an import again and it goes on where it stopped: users who are already there are passed over.

  --dry-run           import: only check the file, without any instance
  --limit <number>    list: how many (default: 20)
  --json              print JSON, one object a line

${targetHelp}`;

const options = { ...targetOptions, json: { type: 'boolean' } } as const;

/** How a ban from here is recorded on the sessions that it ends. */
const CALLER = { userAgent: 'npm run users' };

function onlyArgument(positionals: readonly string[], missing: string): string {
  const [only, ...more] = positionals;
  if (only === undefined || only === '') throw new UsageError(missing);
  if (more.length > 0) throw new UsageError('There are too many arguments: name one.');
  return only;
}

async function readable(path: string): Promise<Readable> {
  if (path === '-') return process.stdin;
  const file = await open(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new CommandError(`${path} cannot be read${code}: name a file with one user a line.`);
  });
  if ((await file.stat()).isDirectory())
    throw new CommandError(`${path} is a directory: name a file with one user a line.`);
  return file.createReadStream();
}

async function storeInto(choice: Parameters<typeof target>[0]): Promise<ImportOptions['store']> {
  const { name, now, instance } = await target(choice);
  const { createUser } = await import('../../shared/users/create-user.ts');
  tell(`Into ${name}.`);
  return async (user) => {
    try {
      await createUser(user, { instance, now: now() });
      return 'imported';
    } catch (error) {
      if (error instanceof ApiError && error.code === 'form_identifier_exists') return 'alreadyThere';
      throw error;
    }
  };
}

function summary({ imported, alreadyThere, bad }: Tally, isDryRun: boolean): string {
  return isDryRun ? `good ${imported}, bad ${bad}` : `imported ${imported}, already there ${alreadyThere}, bad ${bad}`;
}

function summaryJson({ imported, alreadyThere, bad }: Tally, isDryRun: boolean) {
  return isDryRun ? { good: imported, bad } : { imported, already_there: alreadyThere, bad };
}

async function importFile(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...options, 'dry-run': { type: 'boolean' } },
    allowPositionals: true,
  });
  const path = onlyArgument(positionals, 'Name the file: import users.ndjson, or "-" for standard input.');
  const isDryRun = values['dry-run'] ?? false;
  const source = await readable(path);
  const store = isDryRun ? async () => 'imported' as const : await storeInto(values);

  const tally: Tally = { imported: 0, alreadyThere: 0, bad: 0 };
  const startedAt = performance.now();
  const progress = showProgress(() => {
    const done = tally.imported + tally.alreadyThere + tally.bad;
    const rate = Math.round((done * 1000) / (performance.now() - startedAt));
    return `${summary(tally, isDryRun)} (${rate} a second)`;
  });
  const onBadLine = (line: number, reason: string) => progress.tell(`line ${line}: ${reason}`);
  const stop = await importUsers({ source, store, tally, onBadLine, signal: interruption() }).finally(progress.stop);

  if (stop) {
    const why = stop.error === undefined ? 'Interrupted.' : explained(stop.error);
    tell(`line ${stop.line}: stopped here. ${why} Run the same command again: it goes on where this one stopped.`);
  }
  print(values.json ? JSON.stringify(summaryJson(tally, isDryRun)) : summary(tally, isDryRun));
  return stop || tally.bad > 0 ? 1 : 0;
}

function userJson({ id, externalId, firstName, lastName, emailAddresses, banned }: User) {
  const name = [firstName, lastName].filter((part) => part).join(' ');
  return {
    id,
    external_id: externalId,
    name: name || null,
    email_address: emailAddresses[0]?.value ?? null,
    banned,
  };
}

function userRow(user: User): readonly string[] {
  const { id, external_id, name, email_address, banned } = userJson(user);
  return [id, external_id ?? '-', name ?? '-', email_address ?? '-', banned ? 'banned' : ''];
}

async function list(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...options, limit: { type: 'string', default: '20' } },
    allowPositionals: true,
  });
  if (positionals.length > 0) throw new UsageError('There are too many arguments: "list" takes options only.');
  if (!/^[1-9]\d{0,8}$/.test(values.limit))
    throw new UsageError('--limit is not a number from 1: give one such as 20.');
  const { name, instance } = await target(values);
  const { usersByCreation } = await import('../../shared/users/read-users.ts');
  const rows: (readonly string[])[] = [];
  let count = 0;
  for await (const user of usersByCreation(instance, false)) {
    if (values.json) print(JSON.stringify(userJson(user)));
    else rows.push(userRow(user));
    count += 1;
    if (count === Number(values.limit)) break;
  }
  printTable(rows);
  if (count === 0) tell(`${capitalized(name)} has no users: store some with "import users.ndjson".`);
  return 0;
}

/** The user of that id or, where there is none, of that external id, which may look like one. Strongly consistent. */
async function userIdOf(instance: Instance, idOrExternalId: string): Promise<UserId | undefined> {
  const { getUser } = await import('../../shared/users/read-users.ts');
  const { getItem } = await import('../../shared/storage/read.ts');
  const { externalIdGuardKey, guardedUserId } = await import('../../shared/users/user-record.ts');
  const user = isId('user', idOrExternalId) ? await getUser(instance, idOrExternalId) : undefined;
  if (user) return user.id;
  const guard = await getItem(instance, instance.tables.users, externalIdGuardKey(idOrExternalId));
  return guard && guardedUserId(guard);
}

interface Changed {
  readonly user: User;
  readonly sentence: string;
  /** Whether all that was asked for is done. */
  readonly isWhole: boolean;
}

async function changeBan(
  args: readonly string[],
  change: (id: UserId, call: Call) => Promise<Changed>,
): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const named = onlyArgument(positionals, 'Name the user: by the id, such as user_…, or by your own id of them.');
  const { name, now, instance } = await target(values);
  const id = await userIdOf(instance, named);
  if (!id)
    throw new CommandError(`${capitalized(name)} has no user ${named}: "list" shows the ids of those there are.`);
  const { user, sentence, isWhole } = await change(id, { instance, now: now() });
  if (values.json) print(JSON.stringify(userJson(user)));
  else printTable([userRow(user)]);
  tell(sentence);
  return isWhole ? 0 : 1;
}

async function ban(args: readonly string[]): Promise<number> {
  return changeBan(args, async (id, call) => {
    const { banUser } = await import('../../shared/sign-ins/ban-user.ts');
    const failures: unknown[] = [];
    const user = await banUser(id, { ...call, caller: CALLER }, (error) => void failures.push(error));
    const [failure] = failures;
    const sentence =
      failures.length === 0
        ? `${id} is banned: their sessions are over, and no ticket signs anyone in as them.`
        : `${id} is banned, and no ticket signs anyone in as them. Not all of their sessions are marked as ended, though ` +
          `none gets another token: ${explained(failure)} Ban them again.`;
    return { user, sentence, isWhole: failures.length === 0 };
  });
}

async function unban(args: readonly string[]): Promise<number> {
  return changeBan(args, async (id, call) => {
    const { unbanUser } = await import('../../shared/sign-ins/ban-user.ts');
    const user = await unbanUser(id, call);
    return { user, sentence: `${id} is not banned. Sessions from before a ban stay over.`, isWhole: true };
  });
}

await runCommand({ name: 'npm run users', help, verbs: { import: importFile, list, ban, unban } });
