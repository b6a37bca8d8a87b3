// Reads the parameters of `GET /v1/users` and `/v1/users/count`.
import * as v from 'valibot';
import { ApiError } from '../base/errors.ts';
import { parseParams } from '../base/params.ts';
import { pageParams, queryBoolean, queryInstant, queryObject } from '../base/url-params.ts';
import type { ListUsers } from './list-users.ts';
import type { UserFilter } from './user-filter.ts';
import { ORDERS } from './user-order.ts';

/** Source: Clerk's public OpenAPI document. */
const MOST_VALUES = 100;

function listed(description: string) {
  const list = v.pipe(
    v.array(v.string()),
    v.maxLength(MOST_VALUES, `form_param_array_size_exceeded must have at most ${MOST_VALUES} values`),
    v.description(description),
  );
  return v.optional(list, []);
}

const SIGNED = 'A value behind `-` is excluded; `+` changes nothing.';

/** Filters that can be repeated. */
const lists = {
  user_id: listed(`The ids of users. ${SIGNED}`),
  external_id: listed(`The external ids of users. ${SIGNED}`),
  email_address: listed('Whole e-mail addresses, in upper or lower case.'),
  phone_number: listed('Whole phone numbers.'),
  username: listed('Whole user names.'),
};

function part(of: string) {
  return v.optional(v.pipe(v.string(), v.description(`A part of ${of}, in upper or lower case.`)));
}

const orders = ORDERS.flatMap((property) => [property, `+${property}`, `-${property}`] as const);

export const listUsersQuery = v.strictObject({
  ...lists,
  query: part('an id, the name, the user name, an e-mail address or a phone number'),
  email_address_query: part('an e-mail address'),
  phone_number_query: part('a phone number'),
  username_query: part('the user name'),
  name_query: part('the name'),
  banned: v.optional(v.pipe(queryBoolean, v.description('True for banned users only, false for all others.'))),
  created_at_before: v.optional(
    v.pipe(queryInstant, v.description('Users created before then, in milliseconds since 1970.')),
  ),
  created_at_after: v.optional(
    v.pipe(queryInstant, v.description('Users created after then, in milliseconds since 1970.')),
  ),
  order_by: v.optional(
    v.pipe(
      v.picklist(orders, `must be one of ${ORDERS.join(', ')}, alone or behind + or -`),
      v.description('The order. Behind `-` it is reversed.'),
    ),
    '-created_at',
  ),
  starting_after: v.optional(
    v.pipe(
      v.string(),
      v.description('The id of the user before the first, in place of `offset`. The order must be that of creation.'),
    ),
  ),
  ...pageParams,
});

const NO_ACTIVITY = 'acting as a user changes nothing in the user';

const reasons = {
  organization_id: 'this instance has no organizations',
  web3_wallet: 'this instance has no wallets',
  provider: 'this instance has no external accounts',
  provider_user_id: 'this instance has no external accounts',
  last_active_at_before: NO_ACTIVITY,
  last_active_at_after: NO_ACTIVITY,
  last_active_at_since: NO_ACTIVITY,
  last_sign_in_at_before: NO_ACTIVITY,
  last_sign_in_at_after: NO_ACTIVITY,
} as const;

/** The values to include, with or without `+` before them, and the values to exclude, with `-` before them. */
function signed(values: readonly string[]) {
  return {
    included: values.filter((value) => !value.startsWith('-')).map((value) => value.replace(/^\+/, '')),
    excluded: values.filter((value) => value.startsWith('-')).map((value) => value.slice(1)),
  };
}

function refuse(param_name: string, sentence: string): never {
  throw new ApiError({ code: 'form_param_value_invalid', meta: { param_name }, sentence });
}

/**
 * Reads the query of `GET /v1/users`. An unknown filter is refused, not ignored.
 *
 * @throws the `form_param_…` codes of `parseParams`
 */
export function parseListUsers(query: URLSearchParams): ListUsers {
  const params = parseParams(listUsersQuery, queryObject(query, Object.keys(lists)), reasons);
  const order = ORDERS.find((property) => params.order_by.replace(/^[+-]/, '') === property) ?? 'created_at';
  if (params.starting_after !== undefined) {
    if (order !== 'created_at') refuse('order_by', 'order_by must be created_at with starting_after.');
    if (params.offset > 0) refuse('offset', 'offset must be 0 with starting_after.');
  }
  return {
    userIds: signed(params.user_id),
    externalIds: signed(params.external_id),
    emailAddresses: params.email_address,
    phoneNumbers: params.phone_number,
    usernames: params.username,
    query: params.query,
    emailAddressQuery: params.email_address_query,
    phoneNumberQuery: params.phone_number_query,
    usernameQuery: params.username_query,
    nameQuery: params.name_query,
    banned: params.banned,
    createdBefore: params.created_at_before,
    createdAfter: params.created_at_after,
    order,
    isAscending: !params.order_by.startsWith('-'),
    startingAfter: params.starting_after,
    limit: params.limit,
    offset: params.offset,
  };
}

/** Reads the query of `GET /v1/users/count`, which has the parameters of the list. Order and page have no effect. */
export function parseUserFilter(query: URLSearchParams): UserFilter {
  const {
    limit: _limit,
    offset: _offset,
    order: _order,
    isAscending: _direction,
    startingAfter: _cursor,
    ...filter
  } = parseListUsers(query);
  return filter;
}
