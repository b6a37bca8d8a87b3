// POST /v1/actor_tokens/{actor_token_id}/revoke
// Takes back a pending actor token; its ticket never signs anyone in afterwards.
import { actorTokenJson } from '../shared/actor-tokens/actor-token-wire.ts';
import { revokeActorToken } from '../shared/actor-tokens/revoke-actor-token.ts';
import { parseNoParams } from '../shared/base/params.ts';
import { backendApi } from '../shared/http/backend-api.ts';

export const handler = backendApi('RevokeActorToken', async ({ pathParameter, json, caller, now }) => {
  parseNoParams(json());
  return { body: actorTokenJson(await revokeActorToken(pathParameter('actor_token_id'), caller, now)) };
});
