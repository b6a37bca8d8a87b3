// The users who can be impersonated.
import { dispatch } from './dispatch.ts';
import { banUser } from './users/ban-user.ts';
import { countUsers } from './users/count-users.ts';
import { createUser } from './users/create-user.ts';
import { deleteUser } from './users/delete-user.ts';
import { getUser } from './users/get-user.ts';
import { listUsers } from './users/list-users.ts';
import { unbanUser } from './users/unban-user.ts';

export const handler = dispatch('users', {
  CreateUser: createUser,
  ListUsers: listUsers,
  CountUsers: countUsers,
  GetUser: getUser,
  DeleteUser: deleteUser,
  BanUser: banUser,
  UnbanUser: unbanUser,
});
