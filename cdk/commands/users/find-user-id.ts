import { isId, type UserId } from '../../../shared/base/ids.ts';
import type { Instance } from '../../../shared/base/instance.ts';
import { getItem } from '../../../shared/storage/read.ts';
import { getUser } from '../../../shared/users/read-users.ts';
import { externalIdGuardKey, guardedUserId } from '../../../shared/users/user-record.ts';

/** Returns the user of an id or, if there is none, of an external id, which may look like an id. Strongly consistent. */
export async function findUserId(instance: Instance, idOrExternalId: string): Promise<UserId | undefined> {
  const user = isId('user', idOrExternalId) ? await getUser(instance, idOrExternalId) : undefined;
  if (user) return user.id;
  const guard = await getItem(instance, instance.tables.users, externalIdGuardKey(idOrExternalId));
  return guard && guardedUserId(guard);
}
