import type * as v from 'valibot';
import { backendApi } from '../../shared/http/backend-api.ts';
import { countUsers } from '../../shared/users/list-users.ts';
import { parseUserFilter } from '../../shared/users/list-users-schema.ts';
import type { totalCountAnswer } from '../../shared/users/user-answer.ts';

export const CountUsers = backendApi('CountUsers', async ({ query, instance }) => {
  const total_count = await countUsers(instance, parseUserFilter(query));
  return { body: { object: 'total_count', total_count } satisfies v.InferOutput<typeof totalCountAnswer> };
});
