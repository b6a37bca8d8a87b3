// GET /v1/users/count
import { backendApi } from '../../shared/http/backend-api.ts';
import * as users from '../../shared/users/list-users.ts';
import { parseUserFilter } from '../../shared/users/user-wire.ts';

export const countUsers = backendApi('CountUsers', async ({ query }) => {
  return { body: { object: 'total_count', total_count: await users.countUsers(parseUserFilter(query)) } };
});
