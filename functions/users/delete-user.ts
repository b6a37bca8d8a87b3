// DELETE /v1/users/{user_id}
import { backendApi } from '../../shared/http/backend-api.ts';
import * as users from '../../shared/users/delete-user.ts';

export const deleteUser = backendApi('DeleteUser', async ({ pathParameter, caller, now }) => {
  const id = await users.deleteUser(pathParameter('user_id'), caller, now);
  return { body: { object: 'user', id, deleted: true } };
});
