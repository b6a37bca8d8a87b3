import { backendApi } from '../../shared/http/backend-api.ts';
import { listUsers } from '../../shared/users/list-users.ts';
import { parseListUsers } from '../../shared/users/list-users-schema.ts';
import { userListJson } from '../../shared/users/user-schema.ts';

export const ListUsers = backendApi('ListUsers', async ({ query, instance }) => {
  return { body: userListJson(await listUsers(instance, parseListUsers(query))) };
});
