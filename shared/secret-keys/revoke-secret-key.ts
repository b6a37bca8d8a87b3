import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import type { SecretKeyId } from '../base/ids.ts';
import type { EpochMs } from '../base/time.ts';
import { write } from '../storage/write.ts';
import type { SecretKey } from './secret-key.ts';
import { secretKeyFrom } from './secret-key-record.ts';
import { storedSecretKeys } from './stored-secret-keys.ts';

/**
 * Revokes a secret key: it is refused from the next request on. The first revocation stands, and a later one answers with it.
 *
 * @throws `resource_not_found`
 */
export async function revokeSecretKey(id: SecretKeyId, now: EpochMs): Promise<SecretKey> {
  const stored = (await storedSecretKeys()).find((item) => item.id === id);
  if (!stored) throw new ApiError('resource_not_found');
  const outcome = await write(
    new UpdateItemCommand({
      TableName: config.tables.secretKeys,
      Key: marshall({ hash: stored.hash }),
      UpdateExpression: 'SET revoked_at = :now',
      ConditionExpression: 'id = :id AND attribute_not_exists(revoked_at)',
      ExpressionAttributeValues: marshall({ ':id': id, ':now': now }),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
  const current = outcome.committed ? outcome.item : outcome.current;
  // Somebody deleted the item meanwhile.
  if (!current) throw new ApiError('resource_not_found');
  return secretKeyFrom(current);
}
