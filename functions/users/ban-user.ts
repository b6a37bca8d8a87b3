// POST /v1/users/{user_id}/ban

import { parseNoParams } from '../../shared/base/params.ts';
import { backendApi } from '../../shared/http/backend-api.ts';
import * as users from '../../shared/users/ban-user.ts';
import { userJson } from '../../shared/users/user-wire.ts';

export const banUser = backendApi('BanUser', async ({ pathParameter, json, caller, now }) => {
  parseNoParams(json());
  return { body: userJson(await users.banUser(pathParameter('user_id'), caller, now)) };
});
