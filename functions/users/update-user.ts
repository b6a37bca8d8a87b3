import { backendApi } from '../../shared/http/backend-api.ts';
import { requireUserId } from '../../shared/users/read-users.ts';
import { updateUser } from '../../shared/users/update-user.ts';
import { parseUpdateUser } from '../../shared/users/update-user-schema.ts';
import { userJson } from '../../shared/users/user-schema.ts';

export const UpdateUser = backendApi('UpdateUser', async (request) => {
  const change = parseUpdateUser(request.json());
  const id = await requireUserId(request.instance, request.pathParameter('user_id'));
  return { body: userJson(await updateUser(id, change, request)) };
});
