import type * as v from 'valibot';
import { backendApi } from '../../shared/http/backend-api.ts';
import { deleteUser } from '../../shared/sign-ins/delete-user.ts';
import type { deletedUserAnswer } from '../../shared/users/user-schema.ts';

export const DeleteUser = backendApi('DeleteUser', async (request) => {
  const id = await deleteUser(request.pathId('user', 'user_id'), request);
  return { body: { object: 'user', id, deleted: true } satisfies v.InferOutput<typeof deletedUserAnswer> };
});
