// Actor tokens as they are answered.
import * as v from 'valibot';
import { idOf, jwt, resource, timestamp, url } from '../base/answer-schema.ts';
import { epochMs } from '../base/time.ts';

export const actorAnswer = v.pipe(
  v.looseObject({ sub: v.string() }),
  v.examples([{ sub: 'user_support' }]),
  v.description('The actor as given when the actor token was created. Becomes the claim `act` of session tokens.'),
);

export const actorTokenAnswer = v.pipe(
  resource('actor_token', {
    id: idOf('act'),
    status: v.picklist(['pending', 'accepted', 'revoked']),
    user_id: idOf('user'),
    actor: actorAnswer,
    token: v.exactOptional(v.pipe(jwt, v.description('The ticket. Answered once, when the actor token is created.'))),
    url: v.exactOptional(v.pipe(url, v.description('A link that carries the ticket. Answered once, as `token`.'))),
    created_at: timestamp,
    updated_at: timestamp,
  }),
  v.examples([
    {
      object: 'actor_token',
      id: 'act_2Zwn4c4SnN4HHeTb8EK7pe29iof',
      status: 'revoked',
      user_id: 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof',
      actor: { sub: 'user_support' },
      created_at: epochMs(1_767_225_600_000),
      updated_at: epochMs(1_767_225_660_000),
    },
  ]),
);
