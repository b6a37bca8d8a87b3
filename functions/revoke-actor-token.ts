import { actorTokenJson } from '../shared/actor-tokens/actor-token-schema.ts';
import { revokeActorToken } from '../shared/actor-tokens/revoke-actor-token.ts';
import { operatorApi } from '../shared/http/backend-api.ts';
import { ownInstance } from './own-instance.ts';
import { single } from './single.ts';

const RevokeActorToken = operatorApi('RevokeActorToken', async (request) => {
  request.checkNoParams();
  const actorToken = await revokeActorToken(request.pathId('act', 'actor_token_id'), request);
  return { body: actorTokenJson({ ...actorToken, status: 'revoked' }, request.instance) };
});

export const lambda = single(ROUTES_OF_REVOKE_ACTOR_TOKEN, RevokeActorToken);
export const handler = lambda(ownInstance);
