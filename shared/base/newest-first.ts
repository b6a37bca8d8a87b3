import type { EpochMs } from './time.ts';

interface Created {
  readonly id: string;
  readonly createdAt: EpochMs;
}

/** Compares for a list with the newest first. Those of the same instant are in the order of their ids, the last one first. */
export function newestFirst(one: Created, other: Created): number {
  return other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1);
}
