import { parseNoParams } from '../../shared/base/params.ts';
import { backendApi } from '../../shared/http/backend-api.ts';
import { banUser } from '../../shared/sign-ins/ban-user.ts';
import { userJson } from '../../shared/users/user-schema.ts';

export const BanUser = backendApi('BanUser', async (request) => {
  parseNoParams(request.json());
  return { body: userJson(await banUser(request.pathId('user', 'user_id'), request)) };
});
