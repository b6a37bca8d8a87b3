import { randomUUID } from 'node:crypto';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Caller } from '../base/caller.ts';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import { type ActorTokenId, isId, type SecretKeyId } from '../base/ids.ts';
import { count, note } from '../base/metrics.ts';
import type { EpochMs } from '../base/time.ts';
import { write } from '../storage/write.ts';
import type { ActorToken } from './actor-token.ts';
import { actorTokenFrom, getActorToken } from './actor-token-record.ts';

/** What a token that is not ours to revoke means for the caller. A live session it was redeemed for lives on. */
function refusal(token: ActorToken | undefined): ApiError {
  if (!token || token.generation !== config.generation) return new ApiError('resource_not_found');
  const sentence = `Actor token cannot be revoked because its status is ${token.status}. Only pending tokens can be revoked.`;
  const meta = token.sessionId && { session_id: token.sessionId };
  return new ApiError({ code: 'actor_token_cannot_be_revoked_code', sentence, ...(meta ? { meta } : {}) });
}

/**
 * After a write failed, the table knows whether it arrived all the same: an answer can be lost, and its repetition meet a
 * conflict or a throttle.
 *
 * @throws `failure`
 */
async function outcomeInTable(id: ActorTokenId, attempt: string, failure: unknown): Promise<ActorToken> {
  const token = await getActorToken(id).catch(() => undefined);
  if (token?.attempt === attempt) return token;
  throw token && token.status !== 'pending' ? refusal(token) : failure;
}

/** Sends the revocation that `attempt` names, and answers the token it revoked. */
async function revoked(id: ActorTokenId, attempt: string, revocation: UpdateItemCommand): Promise<ActorToken> {
  const outcome = await write(revocation).catch(async (error: unknown) => outcomeInTable(id, attempt, error));
  if (!('committed' in outcome)) return outcome;
  if (outcome.committed) return actorTokenFrom(outcome.item);
  const current = outcome.current && actorTokenFrom(outcome.current);
  // The SDK repeats an update whose answer was lost; the repeat then finds our own revocation in its way.
  if (current?.attempt === attempt) return current;
  throw refusal(current);
}

/**
 * Takes back a pending actor token: once this has answered, its ticket never signs anyone in. Works on expired tokens too.
 *
 * @throws `resource_not_found`; `actor_token_cannot_be_revoked_code` (with `meta.session_id` when it was redeemed)
 */
export async function revokeActorToken(
  id: string,
  caller: Caller & { readonly secretKeyId: SecretKeyId },
  now: EpochMs,
): Promise<ActorToken> {
  if (!isId('act', id)) throw new ApiError('resource_not_found');
  note({ actor_token_id: id });
  const attempt = randomUUID();
  const values = {
    ':revoked': 'revoked',
    ':pending': 'pending',
    ':now': now,
    ':attempt': attempt,
    ':generation': config.generation,
    ':by': caller.secretKeyId,
    ':from': caller.sourceIp,
    ':with': caller.userAgent ?? null,
  };
  const revocation = new UpdateItemCommand({
    TableName: config.tables.actorTokens,
    Key: marshall({ id }),
    UpdateExpression:
      'SET #status = :revoked, updated_at = :now, attempt = :attempt, revoked_by = :by, revoked_from = :from, revoked_with = :with',
    ConditionExpression: '#status = :pending AND generation = :generation',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: marshall(values),
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });

  const token = await revoked(id, attempt, revocation);
  count('Revoked');
  return token;
}
