// The sessions and actor tokens that a command chooses, from the tables themselves.
import type { ActorToken, Impersonation } from '../../../shared/actor-tokens/actor-token.ts';
import { actorTokenFrom } from '../../../shared/actor-tokens/actor-token-record.ts';
import { pendingActorTokenItems } from '../../../shared/actor-tokens/pending-actor-tokens.ts';
import { type Session, statusAt } from '../../../shared/sessions/session.ts';
import { sessionFrom } from '../../../shared/sessions/session-record.ts';
import { unendedSessionItems } from '../../../shared/sessions/unended-sessions.ts';
import { findUserId } from '../../../shared/users/read-users.ts';
import { quote } from '../arguments.ts';
import { CommandError, UsageError } from '../errors.ts';
import { capitalize } from '../output.ts';
import { readItem } from '../read-item.ts';
import { type Target, targetOptions } from '../target.ts';

/** The options of the commands that choose sessions. */
export const selectionOptions = {
  ...targetOptions,
  json: { type: 'boolean' },
  user: { type: 'string' },
  actor: { type: 'string' },
} as const;

export interface Choice {
  readonly user?: string | undefined;
  readonly actor?: string | undefined;
}

/** @throws UsageError */
export function checkChoice(choice: Choice): void {
  if (choice.user === '')
    throw new UsageError('--user is empty: write the id of a user, such as user_…, or the external id.');
  if (choice.actor === '') throw new UsageError('--actor is empty: write the sub of an actor, such as support_7.');
}

/** Returns what belongs to the chosen user and the chosen actor. A deleted user is found by id only. */
export async function matcherOf({ user, actor }: Choice, { name, instance }: Target) {
  const userId = user === undefined ? undefined : await findUserId(instance, user);
  if (user !== undefined && userId === undefined)
    throw new CommandError(
      `${capitalize(name)} has no user ${quote(user)}: "npm run users -- list" shows the ids of its users.`,
    );
  return (each: Impersonation) =>
    (userId === undefined || each.userId === userId) && (actor === undefined || each.actor.sub === actor);
}

/** The target of a command, the records that it chooses, and the place where it reports those that it skips. */
export interface Selection {
  readonly target: Target;
  readonly matches: (each: Impersonation) => boolean;
  readonly report: (message: string) => void;
}

/**
 * The active sessions that are chosen. The table is scanned (strongly consistent), so nothing that was created a moment ago is missing, as
 * it can be in an index.
 */
export async function* activeSessions(selection: Selection): AsyncGenerator<Session> {
  const { target, matches } = selection;
  const call = { instance: target.instance, now: target.now() };
  for await (const item of unendedSessionItems(call)) {
    const session = readItem(item, sessionFrom, selection.report);
    if (session && matches(session) && statusAt(session, call) === 'active') yield session;
  }
}

/** The pending actor tokens that are chosen, from a scan as for `activeSessions`. */
export async function* pendingActorTokens(selection: Selection): AsyncGenerator<ActorToken> {
  const { target, matches } = selection;
  for await (const item of pendingActorTokenItems({ instance: target.instance, now: target.now() })) {
    const token = readItem(item, actorTokenFrom, selection.report);
    if (token && matches(token)) yield token;
  }
}
