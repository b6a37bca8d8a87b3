import type { Call } from '../base/call.ts';
import type { Item } from '../storage/item.ts';
import { scanTable } from '../storage/read.ts';

/**
 * The items of all actor tokens whose tickets could sign somebody in now (strongly consistent). The whole table is scanned, for an
 * administrator's command.
 */
export function pendingActorTokenItems({ instance, now }: Call): AsyncGenerator<Item> {
  return scanTable(instance, instance.tables.actorTokens, {
    expression: '#status = :pending AND expire_at > :now AND generation = :generation',
    names: ['status'],
    values: { pending: 'pending', now, generation: instance.generation },
  });
}
