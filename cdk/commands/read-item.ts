import type { Item } from '../../shared/storage/item.ts';
import { quote } from './arguments.ts';

/**
 * Returns what an item holds, or undefined for an item that cannot be read, and reports it: no function accepts it, and it must not keep
 * an administrator from the others.
 */
export function readItem<Noun>(
  item: Item,
  from: (item: Item) => Noun,
  report: (message: string) => void,
): Noun | undefined {
  try {
    return from(item);
  } catch {
    const name = typeof item.id === 'string' ? quote(item.id) : 'An item without an id';
    report(`${name} is skipped: its item cannot be read, so no function accepts it. Look who wrote it.`);
    return undefined;
  }
}
