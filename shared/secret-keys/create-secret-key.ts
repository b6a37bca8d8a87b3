import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { config } from '../base/config.ts';
import { ApiError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { parseParams, printableString } from '../base/params.ts';
import type { EpochMs } from '../base/time.ts';
import { write } from '../storage/write.ts';
import { newSecretKey, secretKeyHash } from './secret.ts';
import type { SecretKey } from './secret-key.ts';
import { secretKeyItem } from './secret-key-record.ts';

const params = v.strictObject({ name: printableString({ max: limits.secretKeyNameLength }) });

/**
 * Makes a secret key, which works from the next request on. `secret` is the key itself: it can never be had again.
 *
 * @throws the `form_param_…` codes of `parseParams`; NoAnswerError, after which a key may be stored that nobody knows
 */
export async function createSecretKey(
  name: string,
  now: EpochMs,
): Promise<{ readonly key: SecretKey; readonly secret: string }> {
  const secret = newSecretKey();
  const key: SecretKey = {
    id: newId('key', now),
    name: parseParams(params, { name }).name,
    createdAt: now,
    generation: config.generation,
    revokedAt: undefined,
  };
  const outcome = await write(
    new PutItemCommand({
      TableName: config.tables.secretKeys,
      Item: secretKeyItem(secretKeyHash(secret), key),
      ConditionExpression: 'attribute_not_exists(#hash)',
      ExpressionAttributeNames: { '#hash': 'hash' },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
  // The SDK repeats a write whose answer was lost: then what stands against it is this very key.
  if (!outcome.committed && outcome.current?.id !== key.id) throw new ApiError('internal_clerk_error');
  return { key, secret };
}
