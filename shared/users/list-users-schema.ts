// Reads the parameters of `GET /v1/users` and `/v1/users/count`.
import * as v from 'valibot';
import { ApiError } from '../base/errors.ts';
import { parseParams } from '../base/params.ts';
import { pageParams, queryInstant, queryObject } from '../base/url-params.ts';
import type { ListUsers } from './list-users.ts';
import type { UserFilter } from './user-filter.ts';
import { ORDERS } from './user-order.ts';

/** Source: Clerk's public OpenAPI document. */
const MOST_VALUES = 100;

const listed = v.optional(
  v.pipe(
    v.array(v.string()),
    v.maxLength(MOST_VALUES, `form_param_array_size_exceeded must have at most ${MOST_VALUES} values`),
  ),
  [],
);
/** Filters that can be repeated. */
const lists = { user_id: listed, external_id: listed, email_address: listed, phone_number: listed, username: listed };

const part = v.optional(v.string());

const orders = ORDERS.flatMap((property) => [property, `+${property}`, `-${property}`] as const);

export const listUsersQuery = v.strictObject({
  ...lists,
  query: part,
  email_address_query: part,
  phone_number_query: part,
  username_query: part,
  name_query: part,
  banned: v.optional(v.picklist(['true', 'false'], 'must be true or false')),
  created_at_before: v.optional(queryInstant),
  created_at_after: v.optional(queryInstant),
  order_by: v.optional(
    v.picklist(orders, `must be one of ${ORDERS.join(', ')}, alone or behind + or -`),
    '-created_at',
  ),
  starting_after: v.optional(v.string()),
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
    banned: params.banned === undefined ? undefined : params.banned === 'true',
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
