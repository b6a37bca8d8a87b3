import { blocklistIdentifierJson, parseBlockIdentifier } from '../../shared/blocklist/blocklist-schema.ts';
import { backendApi } from '../../shared/http/backend-api.ts';
import { blockActor } from '../../shared/sign-ins/block-actor.ts';

export const CreateBlocklistIdentifier = backendApi('CreateBlocklistIdentifier', async (request) => {
  const block = await blockActor(parseBlockIdentifier(request.json()), request);
  return { body: blocklistIdentifierJson(block, request.instance) };
});
