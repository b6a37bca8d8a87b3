// GET /v1/users/{user_id}
import { ApiError } from '../../shared/base/errors.ts';
import { isId } from '../../shared/base/ids.ts';
import { backendApi } from '../../shared/http/backend-api.ts';
import * as users from '../../shared/users/get-user.ts';
import { userJson } from '../../shared/users/user-wire.ts';

export const getUser = backendApi('GetUser', async ({ pathParameter }) => {
  const id = pathParameter('user_id');
  const user = isId('user', id) ? await users.getUser(id) : undefined;
  if (!user) throw new ApiError('resource_not_found');
  return { body: userJson(user) };
});
