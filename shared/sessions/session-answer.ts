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
  tasks: v.null(),
  created_at: timestamp,
  updated_at: timestamp,
});

export const sessionActivityAnswer = resource('session_activity', { id: idOf('sact'), is_mobile: v.literal(false) });

/** A session as servers see it. */
export const sessionAnswer = v.strictObject({
  ...commonSessionAnswer.entries,
  user_id: idOf('user'),
  client_id: idOf('client'),
  latest_activity: v.nullable(sessionActivityAnswer),
});

export const sessionPageAnswer = v.strictObject({ data: v.array(sessionAnswer), total_count: wholeNumber });

export const tokenAnswer = resource('token', { jwt: v.pipe(jwt, v.description('A session token.')) });

/** A session as its browser sees it. */
export const clientSessionAnswer = v.strictObject({
  ...commonSessionAnswer.entries,
  user: v.nullable(publicUserAnswer),
  public_user_data: v.nullable(publicUserDataAnswer),
  factor_verification_age: v.pipe(
    v.strictTuple([wholeNumber, v.literal(-1)]),
    v.metadata({ minItems: 2, maxItems: 2 }),
    v.description('Minutes since the first and the second factor; the ticket stands for the first.'),
  ),
  last_active_token: v.nullable(tokenAnswer),
});
