import { actorTokenJson, parseCreateActorToken } from '../shared/actor-tokens/actor-token-schema.ts';
import { createActorToken } from '../shared/actor-tokens/create-actor-token.ts';
import { backendApi } from '../shared/http/backend-api.ts';
import { ownInstance } from './own-instance.ts';
import { single } from './single.ts';

const CreateActorToken = backendApi('CreateActorToken', async (request) => {
  const { json, instance } = request;
  const { actorToken, ticket } = await createActorToken(parseCreateActorToken(json(), instance), request);
  return { body: actorTokenJson({ ...actorToken, status: 'pending' }, instance, ticket) };
});

export const lambda = single('create-actor-token', CreateActorToken);
export const handler = lambda(ownInstance);
