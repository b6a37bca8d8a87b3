// POST /v1/users
import { backendApi } from '../../shared/http/backend-api.ts';
import * as users from '../../shared/users/create-user.ts';
import { parseCreateUser, userJson } from '../../shared/users/user-wire.ts';

export const createUser = backendApi('CreateUser', async ({ json, now }) => {
  return { body: userJson(await users.createUser(parseCreateUser(json()), now)) };
});
