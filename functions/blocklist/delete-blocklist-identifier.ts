import type * as v from 'valibot';
import type { deletedBlockAnswer } from '../../shared/blocklist/blocklist-answer.ts';
import { liftBlock } from '../../shared/blocklist/lift-block.ts';
import { backendApi } from '../../shared/http/backend-api.ts';

export const DeleteBlocklistIdentifier = backendApi('DeleteBlocklistIdentifier', async (request) => {
  request.checkNoParams();
  const id = request.pathId('blid', 'identifier_id');
  await liftBlock(id, request);
  return {
    body: { object: 'blocklist_identifier', id, deleted: true } satisfies v.InferOutput<typeof deletedBlockAnswer>,
  };
});
