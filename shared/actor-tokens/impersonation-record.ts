// The attributes of an impersonation. Actor tokens and sessions store the same ones.
import * as v from 'valibot';
import { isId, type UserId } from '../base/ids.ts';
import type { Actor, Impersonation } from './actor-token.ts';

/** The attributes in the schema of a record. */
export const impersonationEntries = {
  user_id: v.custom<UserId>((id) => isId('user', id)),
  actor: v.pipe(
    v.string(),
    v.parseJson(),
    v.custom<Actor>((actor) => typeof actor === 'object' && actor !== null),
  ),
};

/** The impersonation that an item stores. */
export function impersonationFrom(stored: { readonly user_id: UserId; readonly actor: Actor }): Impersonation {
  return { userId: stored.user_id, actor: stored.actor };
}

/** The actor is stored as JSON text, so that it comes back exactly as it was given. */
export function impersonationAttributes({ userId, actor }: Impersonation) {
  return { user_id: userId, actor: JSON.stringify(actor) };
}
