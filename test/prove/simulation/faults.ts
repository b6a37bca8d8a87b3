// The faults that a call to AWS can have.

/** The ways in which one request to AWS fails. */
export const faultKinds = [
  /** The service refuses it with an error of its own. It has no effect. */
  'refuse',
  /** It takes effect, and the connection breaks in place of an answer. */
  'lose',
  /** Its caller no longer waits when it takes effect, at some time later. */
  'time-out',
  'throttle',
  /** Another transaction holds an item. */
  'conflict',
  /** A transaction with the same token is still going on. */
  'in-progress',
  /** It takes effect, and a copy of it arrives later. */
  'repeat',
  /** It takes effect, and the function that sent it ends before the answer. */
  'crash',
  /** Some keys of a batch are not read. */
  'unread',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** A fault of one call of a step. `times`: it also hurts the next requests with the same body, which are repetitions of this one. */
export interface Fault {
  readonly step: number;
  readonly call: number;
  readonly kind: FaultKind;
  readonly times: number;
}

/** A call that was made in a history, as a place for faults. */
export interface Site {
  readonly step: number;
  readonly call: number;
  readonly operation: string;
}

/** The number of requests by which the SDK and the product repeat a call at most. A fault that lasts as long is answered. */
const REPETITIONS: { readonly [Kind in FaultKind]?: number } = {
  refuse: 3,
  lose: 3,
  'time-out': 3,
  throttle: 3,
  conflict: 5,
  'in-progress': 5,
  unread: 5,
};

const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems'];

/** Returns whether a request can have this fault. */
export function canHave(kind: FaultKind, operation: string): boolean {
  switch (kind) {
    case 'conflict':
      return WRITES.includes(operation);
    case 'in-progress':
      return operation === 'TransactWriteItems';
    case 'repeat':
      return WRITES.includes(operation);
    case 'unread':
      return operation === 'BatchGetItem';
    default:
      return true;
  }
}

/** Returns every fault that a call can have, for one request and for all its repetitions. */
export function faultsAt({ step, call, operation }: Site): readonly Fault[] {
  return faultKinds
    .filter((kind) => canHave(kind, operation))
    .flatMap((kind) => [...new Set([1, REPETITIONS[kind] ?? 1])].map((times) => ({ step, call, kind, times })));
}
