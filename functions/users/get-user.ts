import { backendApi } from '../../shared/http/backend-api.ts';
import { requireUser, requireUserId } from '../../shared/users/read-users.ts';
import { userJson } from '../../shared/users/user-schema.ts';

export const GetUser = backendApi('GetUser', async ({ pathParameter, instance }) => {
  const id = await requireUserId(instance, pathParameter('user_id'));
  return { body: userJson(await requireUser(instance, id)) };
});
