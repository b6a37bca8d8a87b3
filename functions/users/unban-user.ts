import { parseNoParams } from '../../shared/base/params.ts';
import { backendApi } from '../../shared/http/backend-api.ts';
import { unbanUser } from '../../shared/sign-ins/ban-user.ts';
import { userJson } from '../../shared/users/user-schema.ts';

export const UnbanUser = backendApi('UnbanUser', async (request) => {
  parseNoParams(request.json());
  return { body: userJson(await unbanUser(request.pathId('user', 'user_id'), request)) };
});
