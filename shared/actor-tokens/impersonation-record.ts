// The attributes of an impersonation. Actor tokens and sessions store the same ones.
import * as v from 'valibot';
import { idSchema, type UserId } from '../base/ids.ts';
import { jsonText } from '../storage/attributes.ts';
import type { Actor, Impersonation } from './actor-token.ts';

/** An actor that names nobody would make a session token look like one of the user. */
function namesSomebody({ sub }: Actor): boolean {
  return typeof sub === 'string' && sub !== '';
}

/** The attributes in the schema of a record. */
export const impersonationEntries = {
  user_id: idSchema('user'),
  actor: v.pipe(jsonText<Actor>(), v.check(namesSomebody)),
};

/** The impersonation that an item stores. */
export function impersonationFrom(stored: { readonly user_id: UserId; readonly actor: Actor }): Impersonation {
  return { userId: stored.user_id, actor: stored.actor };
}

/** The actor is stored as JSON text, so that it comes back exactly as it was given. */
export function impersonationAttributes({ userId, actor }: Impersonation) {
  return { user_id: userId, actor: JSON.stringify(actor) };
}
