import { fullNameOf, type User } from '../../../shared/users/user.ts';

/** Returns what `--json` prints of a user. */
export function userJson(user: User) {
  const { id, externalId, emailAddresses, banned } = user;
  return {
    id,
    external_id: externalId,
    name: fullNameOf(user) || null,
    email_address: emailAddresses[0]?.value ?? null,
    banned,
  };
}

/** Returns the row of a user in a table. */
export function userRow(user: User): readonly string[] {
  const { id, external_id, name, email_address, banned } = userJson(user);
  return [id, external_id ?? '-', name ?? '-', email_address ?? '-', banned ? 'banned' : ''];
}
