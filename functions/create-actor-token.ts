import {
  actorTokenJson,
  parseCreateActorToken,
  parseCreateOwnActorToken,
} from '../shared/actor-tokens/actor-token-schema.ts';
import { createActorToken } from '../shared/actor-tokens/create-actor-token.ts';
import { operatorApi } from '../shared/http/backend-api.ts';
import { ownInstance } from './own-instance.ts';
import { single } from './single.ts';

const CreateActorToken = operatorApi('CreateActorToken', async (request) => {
  const { json, caller, instance } = request;
  const params =
    'operator' in caller
      ? parseCreateOwnActorToken(json(), caller.operator, instance)
      : parseCreateActorToken(json(), instance);
  const { actorToken, ticket } = await createActorToken(params, request);
  return { body: actorTokenJson({ ...actorToken, status: 'pending' }, instance, ticket) };
});

export const lambda = single(ROUTES_OF_CREATE_ACTOR_TOKEN, CreateActorToken);
export const handler = lambda(ownInstance);
