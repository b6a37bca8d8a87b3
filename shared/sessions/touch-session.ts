import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { note } from '../base/metrics.ts';
import { type EpochMs, plusSeconds } from '../base/time.ts';
import type { PresentedClient } from '../clients/client.ts';
import { write } from '../storage/write.ts';
import { type Session, whyNotUsable } from './session.ts';
import { getSession, sessionFrom } from './session-record.ts';

/**
 * Records activity on a live session of this browser, which moves its inactivity limit and nothing else. A session that is
 * over stays over: the condition holds the same rules as `whyNotUsable`, at the moment of the write.
 *
 * @throws `resource_not_found` for a session of another browser or of none; `authentication_invalid` for a dead or replaced one
 */
export async function touchSession(id: string, client: PresentedClient, now: EpochMs): Promise<Session> {
  if (!isId('sess', id)) throw new ApiError('resource_not_found');
  note({ session_id: id });
  const isThisBrowsers = 'client_id = :client AND client_secret_hash = :secret AND generation = :generation';
  const isNotEnded = 'attribute_not_exists(end_status)';
  const isWithinLimits = 'expire_at > :now AND last_active_at > :inactive';
  const outcome = await write(
    new UpdateItemCommand({
      TableName: config.tables.sessions,
      Key: marshall({ id }),
      UpdateExpression: 'SET last_active_at = :now',
      ConditionExpression: `${isThisBrowsers} AND ${isNotEnded} AND ${isWithinLimits}`,
      ExpressionAttributeValues: marshall({
        ':client': client.id,
        ':secret': client.secretHash,
        ':generation': config.generation,
        ':now': now,
        ':inactive': plusSeconds(now, -limits.inactivityInSeconds),
      }),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
  if (outcome.committed) return sessionFrom(outcome.item);
  const current = outcome.current && sessionFrom(outcome.current);
  throw new ApiError(whyNotUsable(current, { client, generation: config.generation, now }) ?? 'authentication_invalid');
}

/**
 * A live session of this browser, without counting as activity.
 *
 * @throws as `touchSession`
 */
export async function getLiveSession(id: string, client: PresentedClient, now: EpochMs): Promise<Session> {
  const session = isId('sess', id) ? await getSession(id) : undefined;
  if (session) note({ session_id: session.id });
  const refusal = whyNotUsable(session, { client, generation: config.generation, now });
  if (!session || refusal) throw new ApiError(refusal ?? 'resource_not_found');
  return session;
}
