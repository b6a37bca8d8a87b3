import type { Instance } from '../base/instance.ts';
import { queryIndex } from '../storage/read.ts';
import { type Block, isStanding } from './block.ts';
import { BLOCK_KIND, blockFrom } from './block-record.ts';

/** All blocks that stand, newest first. The list can lack one that was made a moment ago. */
export async function listBlocks(instance: Instance): Promise<readonly Block[]> {
  const query = {
    table: instance.tables.blocklist,
    index: 'byBlocked',
    partition: ['kind', BLOCK_KIND],
  } as const;
  const blocks: Block[] = [];
  for await (const page of queryIndex(instance, query)) blocks.push(...page.map(blockFrom));
  return blocks.filter(isStanding);
}
