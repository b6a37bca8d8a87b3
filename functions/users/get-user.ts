import { backendApi } from '../../shared/http/backend-api.ts';
import { requireUser } from '../../shared/users/read-users.ts';
import { userJson } from '../../shared/users/user-schema.ts';

export const GetUser = backendApi('GetUser', async ({ pathId, instance }) => {
  return { body: userJson(await requireUser(instance, pathId('user', 'user_id'))) };
});
