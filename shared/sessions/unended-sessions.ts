import type { Call } from '../base/call.ts';
import type { Item } from '../storage/item.ts';
import { scanTable } from '../storage/read.ts';

/**
 * The items of all sessions that nobody has ended and whose fixed end lies ahead (strongly consistent). Some of them may have expired
 * for lack of activity. The whole table is scanned, for an administrator's command.
 */
export function unendedSessionItems({ instance, now }: Call): AsyncGenerator<Item> {
  return scanTable(instance, instance.tables.sessions, {
    expression: 'attribute_not_exists(end_status) AND expire_at > :now AND generation = :generation',
    values: { now, generation: instance.generation },
  });
}
