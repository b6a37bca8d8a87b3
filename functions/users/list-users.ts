// GET /v1/users
import { checkAnswerSize } from '../../shared/http/answer.ts';
import { backendApi } from '../../shared/http/backend-api.ts';
import * as users from '../../shared/users/list-users.ts';
import { parseListUsers, userJson } from '../../shared/users/user-wire.ts';

export const listUsers = backendApi('ListUsers', async ({ query }) => {
  const found = await users.listUsers(parseListUsers(query));
  return { body: checkAnswerSize(found.map(userJson)) };
});
