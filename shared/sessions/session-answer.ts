// Sessions as they are answered.
import * as v from 'valibot';
import { actorAnswer } from '../actor-tokens/actor-token-answer.ts';
import { idOf, jwt, resource, timestamp, wholeNumber } from '../base/answer-schema.ts';
import { publicUserAnswer, publicUserDataAnswer } from '../users/user-answer.ts';

/** The common members of a session for servers and for its browser. */
export const commonSessionAnswer = v.strictObject({
  object: v.literal('session'),
  id: idOf('sess'),
  status: v.picklist(['active', 'ended', 'expired', 'removed', 'revoked']),
  expire_at: timestamp,
  abandon_at: timestamp,
  last_active_at: timestamp,
  last_active_organization_id: v.null(),
  actor: actorAnswer,
  created_at: timestamp,
  updated_at: timestamp,
});

/** The browser that asks, as its request names itself. What the request does not name is absent. */
export const sessionActivityAnswer = resource('session_activity', {
  id: idOf('sact'),
  device_type: v.exactOptional(v.string()),
  is_mobile: v.boolean(),
  browser_name: v.exactOptional(v.string()),
  browser_version: v.exactOptional(v.string()),
  ip_address: v.string(),
});

/** A session as servers see it. */
export const sessionAnswer = v.strictObject({
  ...commonSessionAnswer.entries,
  user_id: idOf('user'),
  client_id: idOf('client'),
  latest_activity: v.null(),
});

/** A session in the list of those that are active. */
export const activeSessionAnswer = v.strictObject({
  ...sessionAnswer.entries,
  latest_activity: sessionActivityAnswer,
});

export const sessionPageAnswer = v.strictObject({ data: v.array(sessionAnswer), total_count: wholeNumber });

export const tokenAnswer = resource('token', { jwt: v.pipe(jwt, v.description('A session token.')) });

/** A session as its browser sees it. */
export const clientSessionAnswer = v.strictObject({
  ...commonSessionAnswer.entries,
  tasks: v.null(),
  user: v.nullable(publicUserAnswer),
  public_user_data: v.nullable(publicUserDataAnswer),
  factor_verification_age: v.pipe(
    v.strictTuple([wholeNumber, v.literal(-1)]),
    // Generators of clients do not know tuples.
    v.metadata({ prefixItems: undefined, items: { type: 'integer' }, minItems: 2, maxItems: 2, examples: [[0, -1]] }),
    v.description('Minutes since the first and the second factor; the ticket stands for the first.'),
  ),
  last_active_token: v.nullable(tokenAnswer),
});

/** A session in the list of a browser's own sessions. */
export const ownSessionAnswer = v.strictObject({
  ...clientSessionAnswer.entries,
  latest_activity: sessionActivityAnswer,
});
