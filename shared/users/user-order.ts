// The orders that a list of users can have.
import type { User } from './user.ts';

/** The values by which users can be ordered. */
const VALUE_BY_ORDER = {
  created_at: (user: User) => user.createdAt,
  updated_at: (user: User) => user.updatedAt,
  email_address: (user: User) => user.emailAddresses[0]?.value.toLowerCase(),
  phone_number: (user: User) => user.phoneNumbers[0]?.value,
  username: (user: User) => user.username?.toLowerCase(),
  first_name: (user: User) => user.firstName?.toLowerCase(),
  last_name: (user: User) => user.lastName?.toLowerCase(),
} as const;

export type Order = keyof typeof VALUE_BY_ORDER;
export const ORDERS = Object.keys(VALUE_BY_ORDER) as readonly Order[];

export type Comparison = (one: User, other: User) => number;

/** Users without the value come last, whatever the direction. Users with the same value are ordered by creation and id. */
export function comparisonBy(order: Order, isAscending: boolean): Comparison {
  const sortValueOf = VALUE_BY_ORDER[order];
  const direction = isAscending ? 1 : -1;
  const compareKeys = (one: User, other: User) =>
    one.createdAt - other.createdAt || (one.id < other.id ? -1 : Number(one.id > other.id));
  return (one, other) => {
    const [own, others] = [sortValueOf(one), sortValueOf(other)];
    if (own === others) return direction * compareKeys(one, other);
    if (own === undefined || others === undefined) return own === undefined ? 1 : -1;
    return own < others ? -direction : direction;
  };
}
