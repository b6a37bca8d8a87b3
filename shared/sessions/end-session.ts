import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Caller } from '../base/caller.ts';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import { isId, type SecretKeyId, type UserId } from '../base/ids.ts';
import { count, note } from '../base/metrics.ts';
import type { EpochMs } from '../base/time.ts';
import type { PresentedClient } from '../clients/client.ts';
import { itemsByIndex } from '../storage/read.ts';
import { type WriteOutcome, write } from '../storage/write.ts';
import { type EndCause, oldestLive, type Session, statusAt, whyNotUsable } from './session.ts';
import { hasEnd, type SessionEnd, sessionEndUpdate, sessionFrom } from './session-record.ts';

/** Writes an end, and counts it unless an earlier one stands. */
async function writeEnd(update: ReturnType<typeof sessionEndUpdate>, end: SessionEnd): Promise<WriteOutcome> {
  const outcome = await write(
    new UpdateItemCommand({
      ...update,
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
  if (outcome.committed && hasEnd(outcome.item, end)) count('SessionsEnded', { end_cause: end.cause });
  return outcome;
}

/**
 * Ends a session of this browser. Repeating it is harmless: the first end stands.
 *
 * @throws `resource_not_found` for a session of another browser or of none; `authentication_invalid` for a replaced one
 */
export async function endSession(id: string, client: PresentedClient, end: SessionEnd): Promise<Session> {
  if (!isId('sess', id)) throw new ApiError('resource_not_found');
  note({ session_id: id });
  const isThisBrowsers = 'client_id = :client AND client_secret_hash = :secret';
  // A tab that another tab has signed out of this session must not go on to sign out of the next one.
  const isNotReplaced = '(attribute_not_exists(end_cause) OR end_cause <> :sign_in)';
  const usable = {
    condition: `${isThisBrowsers} AND ${isNotReplaced}`,
    values: { ':client': client.id, ':secret': client.secretHash, ':sign_in': 'sign_in' satisfies EndCause },
  };
  const outcome = await writeEnd(sessionEndUpdate(id, end, usable), end);
  if (outcome.committed) return sessionFrom(outcome.item);
  const current = outcome.current && sessionFrom(outcome.current);
  const refusal = whyNotUsable(current, { client, generation: config.generation, now: end.at });
  throw new ApiError(refusal ?? 'authentication_invalid');
}

/**
 * Ends a session by order of the backend, whoever's it is. A session that was over keeps the end it had.
 *
 * @throws `resource_not_found`
 */
export async function revokeSession(
  id: string,
  caller: Caller & { readonly secretKeyId: SecretKeyId },
  now: EpochMs,
): Promise<Session> {
  if (!isId('sess', id)) throw new ApiError('resource_not_found');
  note({ session_id: id });
  const end: SessionEnd = { status: 'revoked', cause: 'backend_revoke', at: now, by: caller };
  const outcome = await writeEnd(sessionEndUpdate(id, end), end);
  if (!outcome.committed) throw new ApiError('resource_not_found');
  return sessionFrom(outcome.item);
}

/**
 * Ends every live session of a user who was banned or deleted. Tidying: what keeps such a user out is that minting a session
 * token reads the user, so a session the index does not show yet is as dead.
 */
export async function revokeSessionsOfUser(userId: UserId, end: SessionEnd): Promise<void> {
  const sessions = itemsByIndex({
    table: config.tables.sessions,
    index: 'byUser',
    partition: ['user_id', userId],
    after: ['created_at', oldestLive(end.at)],
  });
  for await (const item of sessions) {
    const session = sessionFrom(item);
    if (statusAt(session, end.at) === 'active') await writeEnd(sessionEndUpdate(session.id, end), end);
  }
}

/** Ends a session whose user turned out to be banned or deleted while it was used. */
export async function revokeSessionOfUser(session: Session, cause: EndCause, now: EpochMs): Promise<void> {
  const end: SessionEnd = { status: 'revoked', cause, at: now, by: {} };
  await writeEnd(sessionEndUpdate(session.id, end), end);
}
