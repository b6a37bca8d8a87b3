import type * as v from 'valibot';
import { backendApi } from '../../shared/http/backend-api.ts';
import { deleteUser } from '../../shared/sign-ins/delete-user.ts';
import { requireUserId } from '../../shared/users/read-users.ts';
import type { deletedUserAnswer } from '../../shared/users/user-answer.ts';

export const DeleteUser = backendApi('DeleteUser', async (request) => {
  const id = await deleteUser(await requireUserId(request.instance, request.pathParameter('user_id')), request);
  return { body: { object: 'user', id, deleted: true } satisfies v.InferOutput<typeof deletedUserAnswer> };
});
