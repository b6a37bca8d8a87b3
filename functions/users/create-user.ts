import { backendApi } from '../../shared/http/backend-api.ts';
import { createUser } from '../../shared/users/create-user.ts';
import { parseCreateUser } from '../../shared/users/create-user-schema.ts';
import { userJson } from '../../shared/users/user-schema.ts';

export const CreateUser = backendApi('CreateUser', async (request) => {
  return { body: userJson(await createUser(parseCreateUser(request.json()), request)) };
});
