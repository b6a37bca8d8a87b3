import { backendApi } from '../../shared/http/backend-api.ts';
import { unbanUser } from '../../shared/sign-ins/ban-user.ts';
import { requireUserId } from '../../shared/users/read-users.ts';
import { userJson } from '../../shared/users/user-schema.ts';

export const UnbanUser = backendApi('UnbanUser', async (request) => {
  request.checkNoParams();
  const id = await requireUserId(request.instance, request.pathParameter('user_id'));
  return { body: userJson(await unbanUser(id, request)) };
});
