import type { ActorToken } from '../../../shared/actor-tokens/actor-token.ts';
import { revokeActorToken } from '../../../shared/actor-tokens/revoke-actor-token.ts';
import { ApiError } from '../../../shared/base/errors.ts';
import { type ActorTokenId, isId, type SessionId } from '../../../shared/base/ids.ts';
import { revokeSession } from '../../../shared/sessions/end-session.ts';
import { type Session, statusAt } from '../../../shared/sessions/session.ts';
import { quote, readArguments } from '../arguments.ts';
import { apiSentences, errorSentence } from '../error-sentence.ts';
import { CommandError, UsageError } from '../errors.ts';
import { formatCount } from '../format-count.ts';
import { capitalize, printLine, printMessage, printTable } from '../output.ts';
import { showProgress } from '../progress.ts';
import { findTarget, type Target } from '../target.ts';
import { CALLER } from './caller.ts';
import { actorTokenJson, rowOf, sessionJson } from './rows.ts';
import {
  activeSessions,
  type Choice,
  checkChoice,
  matcherOf,
  pendingActorTokens,
  type Selection,
  selectionOptions,
} from './selection.ts';

const ACCEPTED_FOR = 'Apps accept a session token that was created before for up to 60 seconds.';

/** Ends a session now, and returns it with whether this call ended it. */
async function endNow(id: SessionId, { instance, now }: Target) {
  const at = now();
  const session = await revokeSession(id, { instance, now: at, caller: CALLER }, 'command_revoke');
  const status = statusAt(session, { instance, now: at });
  return { session, status, isEndedNow: session.endedAt === at && status === 'revoked' };
}

async function endOneSession(id: SessionId, target: Target, json: boolean): Promise<number> {
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
    throw new CommandError(`${apiSentences(error)} Its session is ${sessionId}: write "end ${sessionId}".`);
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
async function endSelected(
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

async function endChosen(choice: Choice, target: Target, json: boolean): Promise<number> {
  const matches = await matcherOf(choice, target);
  const tally: Tally = { sessions: 0, actorTokens: 0, failures: [] };
  const rows: (readonly string[])[] = [];
  const progress = showProgress(() => summary(tally));
  await endSelected({ target, matches, report: progress.printMessage }, tally, (row, asJson) => {
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

/** Ends one session or actor token by its id, or all that the options choose. */
export async function end(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { ...selectionOptions, all: { type: 'boolean' } });
  const { user, actor, all, json = false } = values;
  checkChoice(values);
  const [id, ...more] = positionals;
  const wanted = 'write the id of a session, such as sess_…, or of an actor token, such as act_…';
  const choosesSeveral = user !== undefined || actor !== undefined;
  if (id === undefined && !choosesSeveral && !all)
    throw new UsageError(`Missing session: ${wanted}, or choose several with --user, --actor or --all.`);
  if (id !== undefined && (choosesSeveral || all))
    throw new UsageError('An id chooses one session, --user, --actor and --all choose several: omit one of them.');
  if (all && choosesSeveral) throw new UsageError('--all chooses every session: omit --user and --actor, or --all.');
  if (more.length > 0) throw new UsageError(`Unexpected argument: ${quote(more.join(' '))}. Write one id.`);
  if (id === undefined) return endChosen({ user, actor }, await findTarget(values), json);
  if (isId('sess', id)) return endOneSession(id, await findTarget(values), json);
  if (isId('act', id)) return revokeOneActorToken(id, await findTarget(values), json);
  throw new UsageError(`${quote(id)} is not the id of a session: ${wanted}.`);
}
