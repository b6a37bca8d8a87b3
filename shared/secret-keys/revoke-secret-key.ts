import type { Call } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import type { SecretKeyId } from '../base/ids.ts';
import { writeChange } from '../storage/update.ts';
import type { SecretKey } from './secret-key.ts';
import { revocationAttributes, scanSecretKeys, secretKeyFrom } from './secret-key-record.ts';

/**
 * Revokes a secret key: it is refused from the next request on. A later revocation changes nothing, and returns the first.
 *
 * @throws `resource_not_found`
 */
export async function revokeSecretKey(id: SecretKeyId, { instance, now }: Call): Promise<SecretKey> {
  const stored = (await scanSecretKeys(instance)).find((item) => item.id === id);
  if (!stored) throw new ApiError('resource_not_found');
  const outcome = await writeChange(instance, {
    table: instance.tables.secretKeys,
    key: { hash: stored.hash },
    set: revocationAttributes(now),
    condition: 'id = :id AND attribute_not_exists(revoked_at)',
    values: { id },
  });
  const current = outcome.committed ? outcome.item : outcome.current;
  // The item was deleted meanwhile.
  if (!current) throw new ApiError('resource_not_found');
  return secretKeyFrom(current);
}
