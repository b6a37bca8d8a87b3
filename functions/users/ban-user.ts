import { backendApi } from '../../shared/http/backend-api.ts';
import { banUser } from '../../shared/sign-ins/ban-user.ts';
import { requireUserId } from '../../shared/users/read-users.ts';
import { userJson } from '../../shared/users/user-schema.ts';

export const BanUser = backendApi('BanUser', async (request) => {
  request.checkNoParams();
  const id = await requireUserId(request.instance, request.pathParameter('user_id'));
  return { body: userJson(await banUser(id, request)) };
});
