// POST /v1/actor_tokens
// Makes a single-use token with which `actor` may sign in as the user `user_id`.
import { actorTokenJson, parseCreateActorToken } from '../shared/actor-tokens/actor-token-wire.ts';
import { createActorToken } from '../shared/actor-tokens/create-actor-token.ts';
import { backendApi } from '../shared/http/backend-api.ts';

export const handler = backendApi('CreateActorToken', async ({ json, caller, now }) => {
  const { actorToken, ticket } = await createActorToken(parseCreateActorToken(json()), caller, now);
  return { body: actorTokenJson(actorToken, ticket) };
});
