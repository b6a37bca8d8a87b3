import { isId } from '../../../shared/base/ids.ts';
import type { Instance } from '../../../shared/base/instance.ts';
import { type ErasedPerson, type Erasure, eraseRecords } from '../../../shared/sessions/erase-records.ts';
import { getUser } from '../../../shared/users/read-users.ts';
import { quote, readArguments } from '../arguments.ts';
import { CommandError, UsageError } from '../errors.ts';
import { formatCount } from '../format-count.ts';
import { printLine, printMessage } from '../output.ts';
import { findTarget, targetOptions } from '../target.ts';

const options = { ...targetOptions, json: { type: 'boolean' }, actor: { type: 'string' } } as const;

/** @throws UsageError */
function personFrom(actorSub: string | undefined, [id, ...more]: readonly string[]): ErasedPerson {
  const isOne = more.length === 0 && (id === undefined) !== (actorSub === undefined || actorSub === '');
  if (!isOne)
    throw new UsageError('Write one person to erase: the id of a user, such as user_…, or --actor and its sub.');
  if (id === undefined) return { actorSub: actorSub ?? '' };
  if (!isId('user', id))
    throw new UsageError(
      `${quote(id)} is not the id of a user: write one such as user_…. An external id goes with its user.`,
    );
  return { userId: id };
}

/** @throws CommandError for a user who still exists: new records of them could follow */
async function checkDeleted(person: ErasedPerson, instance: Instance): Promise<void> {
  if (!('userId' in person) || !(await getUser(instance, person.userId))) return;
  const { userId } = person;
  throw new CommandError(
    `${userId} still exists: delete the user first (DELETE /v1/users/${userId}), then erase the records.`,
  );
}

function summary({ actorTokens, sessions }: Erasure): string {
  return `erased ${formatCount(actorTokens, 'actor token')}, ${formatCount(sessions, 'session')}`;
}

function printRest({ live, unreadable }: Erasure): void {
  for (const id of unreadable)
    printMessage(`${quote(String(id))} is not erased: its record cannot be read. Look who wrote it.`);
  if (live === 0) return;
  const text = `${live === 1 ? '1 record is' : `${live} records are`} not erased, because a session or an actor token has not ended yet`;
  printMessage(`${text}: end it with "npm run impersonate -- end", or wait, and run the same command again.`);
}

/** `erase`: the exit code is 1 when records are left. */
export async function erase(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, options);
  const person = personFrom(values.actor, positionals);
  const { now, instance } = await findTarget(values);
  await checkDeleted(person, instance);
  const erasure = await eraseRecords(person, { instance, now: now() });
  const { actorTokens, sessions, live, unreadable } = erasure;
  const json = { actor_tokens: actorTokens, sessions, live, unreadable: unreadable.length };
  printLine(values.json ? JSON.stringify(json) : summary(erasure));
  printRest(erasure);
  printMessage('Logs and backups keep what they have until they expire: docs/privacy.md.');
  return live > 0 || unreadable.length > 0 ? 1 : 0;
}
