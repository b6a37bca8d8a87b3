/** `npm run sessions`: shows and ends sessions on the tables themselves, so it also works while the API is flooded. */
import type { ActorToken, Impersonation } from '../../shared/actor-tokens/actor-token.ts';
import { actorTokenFrom } from '../../shared/actor-tokens/actor-token-record.ts';
import { pendingActorTokenItems } from '../../shared/actor-tokens/pending-actor-tokens.ts';
import { revokeActorToken } from '../../shared/actor-tokens/revoke-actor-token.ts';
import { ApiError } from '../../shared/base/errors.ts';
import { type ActorTokenId, isId, type SessionId } from '../../shared/base/ids.ts';
import { revokeSession } from '../../shared/sessions/end-session.ts';
import { type Session, statusAt } from '../../shared/sessions/session.ts';
import { sessionFrom } from '../../shared/sessions/session-record.ts';
import { unendedSessionItems } from '../../shared/sessions/unended-sessions.ts';
import { findUserId } from '../../shared/users/read-users.ts';
import { quote, readArguments, readOptions } from './arguments.ts';
import { type Command, runCommand } from './command.ts';
import { apiSentences, errorSentence } from './error-sentence.ts';
import { CommandError, UsageError } from './errors.ts';
import { formatCount } from './format-count.ts';
import { capitalize, printLine, printMessage, printTable } from './output.ts';
import { showProgress } from './progress.ts';
import { readItem } from './read-item.ts';
import { actorTokenJson, rowOf, sessionJson } from './sessions/rows.ts';
import { findTarget, type Target, targetHelp, targetOptions } from './target.ts';

const help = `Shows and ends sessions on the tables themselves: it also works while the API is flooded.

  npm run sessions -- list                     list all active sessions
  npm run sessions -- revoke <session id>      end one session
  npm run sessions -- revoke <actor token id>  revoke one pending actor token
  npm run sessions -- revoke --user <user>     end all sessions as this user, and revoke the pending actor tokens for the user
  npm run sessions -- revoke --actor <sub>     end all sessions of this agent, and revoke the agent's pending actor tokens

  --user <user>       list, revoke: the id or the external id of the user whom the sessions are signed in as
  --actor <sub>       list, revoke: the sub of the actor, the agent who acts
  --json              print JSON, one object per line

A session or an actor token that has ended stays as it is, so a command that failed can be run again.

${targetHelp}`;

const options = {
  ...targetOptions,
  json: { type: 'boolean' },
  user: { type: 'string' },
  actor: { type: 'string' },
} as const;

/** The caller that is recorded on what this command ends. */
const CALLER = { userAgent: 'npm run sessions' };

const ACCEPTED_FOR = 'Apps accept a session token that was created before for up to 60 seconds.';

interface Choice {
  readonly user?: string | undefined;
  readonly actor?: string | undefined;
}

function checkChoice(choice: Choice): void {
  if (choice.user === '')
    throw new UsageError('--user is empty: write the id of a user, such as user_…, or the external id.');
  if (choice.actor === '') throw new UsageError('--actor is empty: write the sub of an actor, such as support_7.');
}

/** Returns what belongs to the chosen user and the chosen actor. A deleted user is found by id only. */
async function matcherOf({ user, actor }: Choice, { name, instance }: Target) {
  const userId = user === undefined ? undefined : await findUserId(instance, user);
  if (user !== undefined && userId === undefined)
    throw new CommandError(
      `${capitalize(name)} has no user ${quote(user)}: "npm run users -- list" shows the ids of its users.`,
    );
  return (each: Impersonation) =>
    (userId === undefined || each.userId === userId) && (actor === undefined || each.actor.sub === actor);
}

/** The target of a command, the records that it chooses, and the place where it reports those that it skips. */
interface Selection {
  readonly target: Target;
  readonly matches: (each: Impersonation) => boolean;
  readonly report: (message: string) => void;
}

async function* activeSessions(selection: Selection): AsyncGenerator<Session> {
  const { target, matches } = selection;
  const call = { instance: target.instance, now: target.now() };
  for await (const item of unendedSessionItems(call)) {
    const session = readItem(item, sessionFrom, selection.report);
    if (session && matches(session) && statusAt(session, call) === 'active') yield session;
  }
}

async function* pendingActorTokens(selection: Selection): AsyncGenerator<ActorToken> {
  const { target, matches } = selection;
  for await (const item of pendingActorTokenItems({ instance: target.instance, now: target.now() })) {
    const token = readItem(item, actorTokenFrom, selection.report);
    if (token && matches(token)) yield token;
  }
}

async function list(args: readonly string[]): Promise<number> {
  const values = readOptions(args, options);
  checkChoice(values);
  const target = await findTarget(values);
  const matches = await matcherOf(values, target);
  const rows: (readonly string[])[] = [];
  let count = 0;
  const progress = showProgress(() => `found ${count}`);
  try {
    for await (const session of activeSessions({ target, matches, report: progress.printMessage })) {
      if (values.json) printLine(JSON.stringify(sessionJson(session, 'active')));
      else rows.push(rowOf(session));
      count += 1;
    }
  } finally {
    progress.stop();
  }
  printTable(rows);
  if (count === 0) printMessage(`${capitalize(target.name)} has no such session that is active.`);
  return 0;
}

/** Ends a session now, and returns it with whether this call ended it. */
async function endNow(id: SessionId, { instance, now }: Target) {
  const at = now();
  const session = await revokeSession(id, { instance, now: at, caller: CALLER }, 'command_revoke');
  const status = statusAt(session, { instance, now: at });
  return { session, status, isEndedNow: session.endedAt === at && status === 'revoked' };
}

async function revokeOneSession(id: SessionId, target: Target, json: boolean): Promise<number> {
  const { session, status, isEndedNow } = await endNow(id, target).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== 'resource_not_found') throw error;
    throw new CommandError(`${capitalize(target.name)} has no session ${id}: "list" shows its active sessions.`);
  });
  if (json) printLine(JSON.stringify(sessionJson(session, status)));
  else printTable([rowOf(session)]);
  printMessage(isEndedNow ? `${id} has ended. ${ACCEPTED_FOR}` : `${id} had already ended.`);
  return 0;
}

async function revokeOneActorToken(id: ActorTokenId, target: Target, json: boolean): Promise<number> {
  const { instance, now } = target;
  const token = await revokeActorToken(id, { instance, now: now(), caller: CALLER }).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'resource_not_found')
      throw new CommandError(`${capitalize(target.name)} has no actor token ${id}.`);
    const sessionId = error.items[0].meta?.session_id;
    if (sessionId === undefined) throw error;
    throw new CommandError(`${apiSentences(error)} Its session is ${sessionId}: write "revoke ${sessionId}".`);
  });
  if (json) printLine(JSON.stringify(actorTokenJson(token)));
  else printTable([rowOf(token)]);
  printMessage(`${id} is revoked: its ticket signs nobody in.`);
  return 0;
}

interface Tally {
  sessions: number;
  actorTokens: number;
  /** The error of each write that failed. */
  readonly failures: unknown[];
}

/** A redemption or a revocation that came first leaves nothing to revoke. A session that it started is found afterwards. */
function isTooLate(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.code === 'actor_token_cannot_be_revoked_code' || error.code === 'resource_not_found')
  );
}

/**
 * Revokes the actor tokens first: a ticket that is redeemed meanwhile starts a session, which the scan of the sessions then finds. A
 * write that fails does not stop the others.
 */
async function revokeSelected(
  selection: Selection,
  tally: Tally,
  print: (row: Session | ActorToken, json: object) => void,
): Promise<void> {
  const { target } = selection;
  const { instance, now } = target;
  for await (const { id } of pendingActorTokens(selection))
    try {
      const token = await revokeActorToken(id, { instance, now: now(), caller: CALLER });
      tally.actorTokens += 1;
      print(token, actorTokenJson(token));
    } catch (error) {
      if (!isTooLate(error)) tally.failures.push(error);
    }
  for await (const { id } of activeSessions(selection))
    try {
      const { session, status, isEndedNow } = await endNow(id, target);
      if (!isEndedNow) continue;
      tally.sessions += 1;
      print(session, sessionJson(session, status));
    } catch (error) {
      if (!isTooLate(error)) tally.failures.push(error);
    }
}

function summary({ sessions, actorTokens }: Tally): string {
  return `ended ${formatCount(sessions, 'session')}, revoked ${formatCount(actorTokens, 'pending actor token')}`;
}

async function revokeChosen(choice: Choice, target: Target, json: boolean): Promise<number> {
  const matches = await matcherOf(choice, target);
  const tally: Tally = { sessions: 0, actorTokens: 0, failures: [] };
  const rows: (readonly string[])[] = [];
  const progress = showProgress(() => summary(tally));
  await revokeSelected({ target, matches, report: progress.printMessage }, tally, (row, asJson) => {
    if (json) printLine(JSON.stringify(asJson));
    else rows.push(rowOf(row));
  }).finally(() => {
    progress.stop();
    printTable(rows);
  });
  printMessage(`${capitalize(summary(tally))}. ${ACCEPTED_FOR}`);
  if (tally.failures.length === 0) return 0;
  const reason = errorSentence(tally.failures[0], 'DynamoDB');
  printMessage(`${tally.failures.length} could not be ended: ${reason} Then run the same command again.`);
  return 1;
}

async function revoke(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, options);
  const { user, actor, json = false } = values;
  checkChoice(values);
  const [id, ...more] = positionals;
  const wanted = 'write the id of a session, such as sess_…, or of an actor token, such as act_…';
  if (id === undefined && user === undefined && actor === undefined)
    throw new UsageError(`Missing session: ${wanted}, or choose several with --user or --actor.`);
  if (id !== undefined && (user !== undefined || actor !== undefined))
    throw new UsageError('An id chooses one session, --user and --actor choose several: omit one of them.');
  if (more.length > 0) throw new UsageError(`Unexpected argument: ${quote(more.join(' '))}. Write one id.`);
  if (id === undefined) return revokeChosen({ user, actor }, await findTarget(values), json);
  if (isId('sess', id)) return revokeOneSession(id, await findTarget(values), json);
  if (isId('act', id)) return revokeOneActorToken(id, await findTarget(values), json);
  throw new UsageError(`${quote(id)} is not the id of a session: ${wanted}.`);
}

export const sessions: Command = { name: 'npm run sessions', help, verbs: { list, revoke } };

if (import.meta.main) await runCommand(sessions);
