import { blocklistIdentifierJson, parseListBlocks } from '../../shared/blocklist/blocklist-schema.ts';
import { listBlocks } from '../../shared/blocklist/list-blocks.ts';
import { backendApi } from '../../shared/http/backend-api.ts';

export const ListBlocklistIdentifiers = backendApi('ListBlocklistIdentifiers', async ({ instance, query }) => {
  const { limit, offset } = parseListBlocks(query);
  const blocks = await listBlocks(instance);
  const data = blocks.slice(offset, offset + limit).map((block) => blocklistIdentifierJson(block, instance));
  return { body: { data, total_count: blocks.length } };
});
