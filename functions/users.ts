// The users who can be impersonated.
import { dispatch } from './dispatch.ts';
import { ownInstance } from './own-instance.ts';
import { BanUser } from './users/ban-user.ts';
import { CountUsers } from './users/count-users.ts';
import { CreateUser } from './users/create-user.ts';
import { DeleteUser } from './users/delete-user.ts';
import { GetUser } from './users/get-user.ts';
import {
  ListOrganizations,
  ListUserOrganizationInvitations,
  ListUserOrganizationMemberships,
} from './users/list-organizations.ts';
import { ListUsers } from './users/list-users.ts';
import { UnbanUser } from './users/unban-user.ts';
import { UpdateUser } from './users/update-user.ts';
import { UpdateUserMetadata } from './users/update-user-metadata.ts';

export const lambda = dispatch(ROUTES_OF_USERS, {
  CreateUser,
  ListUsers,
  CountUsers,
  GetUser,
  UpdateUser,
  UpdateUserMetadata,
  DeleteUser,
  BanUser,
  UnbanUser,
  ListUserOrganizationMemberships,
  ListUserOrganizationInvitations,
  ListOrganizations,
});
export const handler = lambda(ownInstance);
