// POST /v1/users/{user_id}/unban

import { parseNoParams } from '../../shared/base/params.ts';
import { backendApi } from '../../shared/http/backend-api.ts';
import * as users from '../../shared/users/ban-user.ts';
import { userJson } from '../../shared/users/user-wire.ts';

export const unbanUser = backendApi('UnbanUser', async ({ pathParameter, json, now }) => {
  parseNoParams(json());
  return { body: userJson(await users.unbanUser(pathParameter('user_id'), now)) };
});
