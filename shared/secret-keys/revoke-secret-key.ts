import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import type { SecretKeyId } from '../base/ids.ts';
import { updateInput } from '../storage/update.ts';
import { write } from '../storage/write.ts';
import type { SecretKey } from './secret-key.ts';
import { scanSecretKeys, secretKeyFrom } from './secret-key-record.ts';

/**
 * Revokes a secret key: it is refused from the next request on. The first revocation stands, and a later one returns it.
 *
 * @throws `resource_not_found`
 */
export async function revokeSecretKey(id: SecretKeyId, { instance, now }: Call): Promise<SecretKey> {
  const stored = (await scanSecretKeys(instance)).find((item) => item.id === id);
  if (!stored) throw new ApiError('resource_not_found');
  const revocation = new UpdateItemCommand({
    ...updateInput({
      table: instance.tables.secretKeys,
      key: { hash: stored.hash },
      set: { revoked_at: now },
      condition: 'id = :id AND attribute_not_exists(revoked_at)',
      values: { id },
    }),
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const outcome = await write(instance, revocation);
  const current = outcome.committed ? outcome.item : outcome.current;
  // Somebody deleted the item meanwhile.
  if (!current) throw new ApiError('resource_not_found');
  return secretKeyFrom(current);
}
