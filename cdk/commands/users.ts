/** `npm run users`: the users who can be impersonated, from the customer's own directory. */
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { Call } from '../../shared/base/call.ts';
import { ApiError } from '../../shared/base/errors.ts';
import type { UserId } from '../../shared/base/ids.ts';
import type { Instance } from '../../shared/base/instance.ts';
import { banUser, unbanUser } from '../../shared/sign-ins/ban-user.ts';
import { type CreateUser, createUser } from '../../shared/users/create-user.ts';
import type { ImportedUser } from '../../shared/users/imported-user.ts';
import { findUserId, getUser, usersByCreation } from '../../shared/users/read-users.ts';
import { updateUser } from '../../shared/users/update-user.ts';
import type { User } from '../../shared/users/user.ts';
import { abortOnInterruption } from './abort-on-interruption.ts';
import { readArgument, readOptions } from './arguments.ts';
import { type Command, runCommand } from './command.ts';
import { errorSentence } from './error-sentence.ts';
import { CommandError, UsageError } from './errors.ts';
import { capitalize, printLine, printMessage, printTable } from './output.ts';
import { showProgress } from './progress.ts';
import { findTarget, type Target, targetHelp, targetOptions } from './target.ts';
import { erase } from './users/erase.ts';
import { emptyTally, type ImportOptions, importUsers, type Outcome, type Tally } from './users/import-users.ts';
import { userJson, userRow } from './users/user-json.ts';

const help = `Manages the users who can be impersonated.

  npm run users -- import users.ndjson             store the users of a file ("-" for standard input)
  npm run users -- list                            list users, newest first
  npm run users -- ban <user id or external id>    end the user's sessions, and let nobody sign in as the user
  npm run users -- unban <user id or external id>  lift the ban
  npm run users -- erase <user id>                 erase a deleted user from the record of who acted as whom
  npm run users -- erase --actor <sub>             erase an actor from it

Each line of the file is one user, as a body of POST /v1/users. Its external_id is your own id of the user. It can also have an id, which
the user has at Clerk, such as user_…:

  {"external_id":"customer_1","first_name":"Ada","last_name":"Lovelace","email_address":["ada@example.com"]}

An import that stopped continues when you run it again: users who exist are skipped. With --update they get the values that their line
gives; what it does not give stays, and so does a ban. While DynamoDB throttles, an import waits and goes on by itself.

Erasing cannot be undone. Of each actor token and session that has ended it keeps ids, times, statuses and causes, and removes the actor,
the addresses, the browsers and the page's origin. It reads both tables completely.

  --dry-run           import: check the file only; no instance is needed
  --update            import: change users who exist
  --limit <number>    list: the number of users (default: 20)
  --json              print JSON, one object per line

${targetHelp}`;

const options = { ...targetOptions, json: { type: 'boolean' } } as const;

/** The caller that is recorded on the sessions that a ban ends. */
const CALLER = { userAgent: 'npm run users' };

/** @throws CommandError when the file cannot be read */
async function openSource(path: string): Promise<Readable> {
  if (path === '-') return process.stdin;
  const file = await open(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new CommandError(`${path} cannot be read${code}: name a file with one user per line.`);
  });
  if ((await file.stat()).isDirectory()) {
    await file.close();
    throw new CommandError(`${path} is a directory: name a file with one user per line.`);
  }
  return file.createReadStream();
}

/** The user whom a line names: by its id, or without one by its external id. */
async function findImported({ id, externalId }: CreateUser, instance: Instance): Promise<User | undefined> {
  const userId = id ?? (externalId === null ? undefined : await findUserId(instance, externalId));
  return userId && getUser(instance, userId);
}

async function updateImported(user: User, { change }: ImportedUser, call: Call): Promise<Outcome> {
  if (isDeepStrictEqual(change(user, call.now), user)) return 'unchanged';
  await updateUser(user.id, change, call);
  return 'updated';
}

function openStore({ name, now, instance }: Target, isUpdating: boolean): ImportOptions['store'] {
  printMessage(`Importing into ${name} …`);
  return async (imported) => {
    const call = { instance, now: now() };
    try {
      await createUser(imported.user, call);
      return 'imported';
    } catch (error) {
      const isTaken = error instanceof ApiError && error.code === 'form_identifier_exists';
      const user = isTaken ? await findImported(imported.user, instance) : undefined;
      if (user && isUpdating) return updateImported(user, imported, call);
      const { externalId } = imported.user;
      if (user && (externalId === null || externalId === user.externalId)) return 'alreadyThere';
      throw error;
    }
  };
}

interface ImportMode {
  readonly isDryRun: boolean;
  readonly isUpdating: boolean;
}

function summary({ imported, updated, unchanged, alreadyThere, bad }: Tally, mode: ImportMode): string {
  if (mode.isDryRun) return `good ${imported}, bad ${bad}`;
  return mode.isUpdating
    ? `imported ${imported}, updated ${updated}, unchanged ${unchanged}, bad ${bad}`
    : `imported ${imported}, already there ${alreadyThere}, bad ${bad}`;
}

function summaryJson({ imported, updated, unchanged, alreadyThere, bad }: Tally, mode: ImportMode) {
  if (mode.isDryRun) return { good: imported, bad };
  return mode.isUpdating ? { imported, updated, unchanged, bad } : { imported, already_there: alreadyThere, bad };
}

function progressText(tally: Tally, mode: ImportMode, elapsedInMs: number): string {
  const { imported, updated, unchanged, alreadyThere, bad, waiting } = tally;
  const done = imported + updated + unchanged + alreadyThere + bad;
  const throttled = waiting === 0 ? '' : `, ${waiting} waiting because DynamoDB throttles`;
  return `${summary(tally, mode)} (${Math.round((done * 1000) / elapsedInMs)} per second${throttled})`;
}

async function importFile(args: readonly string[]): Promise<number> {
  const { values, argument } = readArgument(
    args,
    { ...options, 'dry-run': { type: 'boolean' }, update: { type: 'boolean' } },
    'Missing file: write import users.ndjson, or import - for standard input.',
  );
  const mode = { isDryRun: values['dry-run'] ?? false, isUpdating: values.update ?? false };
  const target = mode.isDryRun ? undefined : await findTarget(values);
  const source = await openSource(argument);
  const store = target ? openStore(target, mode.isUpdating) : async () => 'imported' as const;

  const tally = emptyTally();
  const startedAt = performance.now();
  const progress = showProgress(() => progressText(tally, mode, performance.now() - startedAt));
  const onBadLine = (line: number, reason: string) => progress.printMessage(`line ${line}: ${reason}`);
  const signal = abortOnInterruption();
  const stop = await importUsers({ source, store, tally, onBadLine, signal }).finally(progress.stop);

  if (stop) {
    const reason = stop.error === undefined ? 'Interrupted.' : errorSentence(stop.error, 'DynamoDB');
    printMessage(`The import stopped at line ${stop.line}. ${reason} Run the same command again to continue.`);
  }
  printLine(values.json ? JSON.stringify(summaryJson(tally, mode)) : summary(tally, mode));
  return stop || tally.bad > 0 ? 1 : 0;
}

async function list(args: readonly string[]): Promise<number> {
  const values = readOptions(args, { ...options, limit: { type: 'string', default: '20' } });
  if (!/^[1-9]\d{0,8}$/.test(values.limit))
    throw new UsageError('--limit is not a positive number: write one such as 20.');
  const { name, instance } = await findTarget(values);
  const rows: (readonly string[])[] = [];
  let count = 0;
  for await (const user of usersByCreation(instance, { oldestFirst: false })) {
    if (values.json) printLine(JSON.stringify(userJson(user)));
    else rows.push(userRow(user));
    count += 1;
    if (count === Number(values.limit)) break;
  }
  printTable(rows);
  if (count === 0) printMessage(`${capitalize(name)} has no users: store some with "import users.ndjson".`);
  return 0;
}

interface Change {
  readonly user: User;
  readonly message: string;
  /** False when a part of the work failed. */
  readonly isComplete: boolean;
}

async function changeBan(
  args: readonly string[],
  change: (id: UserId, call: Call) => Promise<Change>,
): Promise<number> {
  const missing = 'Missing user: write the id, such as user_…, or the external id.';
  const { values, argument } = readArgument(args, options, missing);
  const { name, now, instance } = await findTarget(values);
  const notFound = new CommandError(`${capitalize(name)} has no user ${argument}: "list" shows the ids of its users.`);
  const id = await findUserId(instance, argument);
  if (!id) throw notFound;
  const { user, message, isComplete } = await change(id, { instance, now: now() }).catch((error: unknown) => {
    throw error instanceof ApiError && error.code === 'resource_not_found' ? notFound : error;
  });
  if (values.json) printLine(JSON.stringify(userJson(user)));
  else printTable([userRow(user)]);
  printMessage(message);
  return isComplete ? 0 : 1;
}

async function ban(args: readonly string[]): Promise<number> {
  return changeBan(args, async (id, call) => {
    const failures: unknown[] = [];
    const user = await banUser(id, { ...call, caller: CALLER }, (error) => void failures.push(error));
    if (failures.length === 0) {
      const message = `${id} is banned: their sessions have ended, and no ticket signs anyone in as them.`;
      return { user, message, isComplete: true };
    }
    const message =
      `${id} is banned: no ticket signs anyone in as them, and no session of theirs gets another session token. Some of ` +
      `their sessions are not marked as ended: ${errorSentence(failures[0], 'DynamoDB')} Then run the same command again.`;
    return { user, message, isComplete: false };
  });
}

async function unban(args: readonly string[]): Promise<number> {
  return changeBan(args, async (id, call) => {
    const user = await unbanUser(id, call);
    return { user, message: `${id} is not banned. Sessions that a ban ended stay ended.`, isComplete: true };
  });
}

export const users: Command = { name: 'users', help, verbs: { import: importFile, list, ban, unban, erase } };

if (import.meta.main) await runCommand(users);
