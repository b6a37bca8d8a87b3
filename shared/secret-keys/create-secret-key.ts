import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Call } from '../base/call.ts';
import { newId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { parseParams, printableString } from '../base/params.ts';
import { write } from '../storage/write.ts';
import { newSecretKey, type SecretKey, type SecretKeyKind, secretKeyHash, secretKeyScopes } from './secret-key.ts';
import { secretKeyItem } from './secret-key-record.ts';

const params = v.strictObject({ name: printableString({ max: limits.secretKeyNameLength }) });

/** The choices for a new secret key: by default it is live, has every scope and does not expire. */
interface NewSecretKey extends Pick<SecretKey, 'name'>, Partial<Pick<SecretKey, 'scopes' | 'expiresAt'>> {
  readonly kind?: SecretKeyKind;
}

/**
 * Creates a secret key. It is accepted from the next request on. `secret` is the plaintext key; it cannot be retrieved again.
 *
 * @throws the `form_param_…` codes of `parseParams`; NoAnswerError, after which a key may be stored whose plaintext nobody has
 */
export async function createSecretKey(
  // The scopes are stored even if they are all: a scope of a later version is then none of this key's.
  { name, kind = 'live', scopes = secretKeyScopes, expiresAt }: NewSecretKey,
  { instance, now }: Call,
): Promise<{ readonly key: SecretKey; readonly secret: string }> {
  const secret = newSecretKey(kind);
  const key: SecretKey = {
    id: newId('key', now),
    name: parseParams(params, { name }).name,
    scopes,
    createdAt: now,
    expiresAt,
    generation: instance.generation,
    revokedAt: undefined,
  };
  const put = new PutItemCommand({
    TableName: instance.tables.secretKeys,
    Item: secretKeyItem(secretKeyHash(secret), key),
    ConditionExpression: 'attribute_not_exists(#hash)',
    ExpressionAttributeNames: { '#hash': 'hash' },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const outcome = await write(instance, put);
  // The SDK repeats a write whose answer was lost. The repetition then finds this same key.
  const isOurs = outcome.committed || outcome.current?.id === key.id;
  if (!isOurs) throw new Error('A secret key with this hash exists already.');
  return { key, secret };
}
