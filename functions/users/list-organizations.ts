// There are no organizations. Apps that use Clerk ask for those of a user, so each list is empty.
import type * as v from 'valibot';
import type { emptyPageAnswer } from '../../shared/base/answer-schema.ts';
import { type BackendRequest, backendApi } from '../../shared/http/backend-api.ts';
import { requireUser, requireUserId } from '../../shared/users/read-users.ts';

const NONE: v.InferOutput<typeof emptyPageAnswer> = { data: [], total_count: 0 };

async function answerNoneOfUser({ pathParameter, instance }: BackendRequest) {
  await requireUser(instance, await requireUserId(instance, pathParameter('user_id')));
  return { body: NONE };
}

export const ListOrganizations = backendApi('ListOrganizations', async () => ({ body: NONE }));
export const ListUserOrganizationMemberships = backendApi('ListUserOrganizationMemberships', answerNoneOfUser);
export const ListUserOrganizationInvitations = backendApi('ListUserOrganizationInvitations', answerNoneOfUser);
