import * as v from 'valibot';
import { noParams } from '../../shared/base/params.ts';
import { createUserBody } from '../../shared/users/create-user-schema.ts';
import { listUsersQuery } from '../../shared/users/list-users-schema.ts';
import { updateUserBody, updateUserMetadataBody } from '../../shared/users/update-user-schema.ts';
import { deletedUserAnswer, totalCountAnswer, userAnswer } from '../../shared/users/user-answer.ts';
import { codes } from '../codes.ts';
import { jsonAnswer, type Route } from '../route.ts';

const lambda = 'users';
const audience = 'backend';
const user = jsonAnswer('The user.', userAnswer);

/** The routes of the Lambda `users`. */
export const usersRoutes = [
  {
    operation: 'CreateUser',
    lambda,
    audience,
    scope: 'users',
    method: 'POST',
    path: '/v1/users',
    summary: 'creates a user who can be impersonated',
    json: createUserBody,
    answers: user,
    codes: [
      ...codes.json,
      'form_identifier_exists',
      'form_param_array_size_exceeded',
      'form_param_duplicate',
      'form_param_exceeds_allowed_size',
      'form_param_format_invalid',
      'form_param_value_invalid',
    ],
  },
  {
    operation: 'ListUsers',
    lambda,
    audience,
    scope: 'read',
    method: 'GET',
    path: '/v1/users',
    summary: 'lists users, newest first',
    query: listUsersQuery,
    answers: jsonAnswer('The users.', v.array(userAnswer)),
    codes: [...codes.query, 'form_param_array_size_exceeded'],
  },
  {
    operation: 'CountUsers',
    lambda,
    audience,
    scope: 'read',
    method: 'GET',
    path: '/v1/users/count',
    summary: 'counts the users that match',
    query: listUsersQuery,
    answers: jsonAnswer('The number of users.', totalCountAnswer),
    codes: [...codes.query, 'form_param_array_size_exceeded'],
  },
  {
    operation: 'GetUser',
    lambda,
    audience,
    scope: 'read',
    method: 'GET',
    path: '/v1/users/{user_id}',
    summary: 'returns a user',
    answers: user,
    codes: ['resource_not_found'],
  },
  {
    operation: 'UpdateUser',
    lambda,
    audience,
    scope: 'users',
    method: 'PATCH',
    path: '/v1/users/{user_id}',
    summary: 'changes a user; what is not given stays',
    json: updateUserBody,
    answers: user,
    codes: [
      ...codes.json,
      'form_identifier_exists',
      'form_param_exceeds_allowed_size',
      'form_param_format_invalid',
      'form_param_value_invalid',
      'resource_not_found',
    ],
  },
  {
    operation: 'UpdateUserMetadata',
    lambda,
    audience,
    scope: 'users',
    method: 'PATCH',
    path: '/v1/users/{user_id}/metadata',
    summary: 'merges into the metadata of a user; null removes a member',
    json: updateUserMetadataBody,
    answers: user,
    codes: [...codes.json, 'form_param_exceeds_allowed_size', 'form_param_value_invalid', 'resource_not_found'],
  },
  {
    operation: 'DeleteUser',
    lambda,
    audience,
    scope: 'users',
    method: 'DELETE',
    path: '/v1/users/{user_id}',
    summary: 'deletes a user and ends their sessions',
    answers: jsonAnswer('The id of the deleted user.', deletedUserAnswer),
    codes: ['resource_not_found'],
  },
  {
    operation: 'BanUser',
    lambda,
    audience,
    scope: 'users',
    method: 'POST',
    path: '/v1/users/{user_id}/ban',
    summary: 'bans a user and ends their sessions',
    json: noParams,
    answers: user,
    codes: [...codes.json, 'resource_not_found'],
  },
  {
    operation: 'UnbanUser',
    lambda,
    audience,
    scope: 'users',
    method: 'POST',
    path: '/v1/users/{user_id}/unban',
    summary: 'lifts a ban',
    json: noParams,
    answers: user,
    codes: [...codes.json, 'resource_not_found'],
  },
] as const satisfies readonly Route[];
