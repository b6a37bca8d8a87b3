/** The history of a state, as far as the invariants need it: the answers that callers have got, and so the facts on which they rely. */
import { callOf, isStanding, type Request, type Worker } from './product.ts';
import { type Place, places, type Records, type Standing } from './records.ts';

/** Values of the two places. */
export type Pair<Value> = readonly [Value, Value];

export const both = <Value>(value: Value): Pair<Value> => [value, value];

export function put<Value>(pair: Pair<Value>, place: Place, value: Value): Pair<Value> {
  return place === 0 ? [value, pair[1]] : [pair[0], value];
}

export interface Heard {
  /** Tickets that somebody has. */
  readonly tickets: Pair<boolean>;
  readonly redeemed: Pair<boolean>;
  /** Tickets with which a browser was told that it is signed in. A restore of the tables takes `redeemed` back, but not this. */
  readonly used: Pair<boolean>;
  readonly revoked: Pair<boolean>;
  readonly ended: Pair<boolean>;
  /** The request that took the right away for ever. */
  readonly lostBy: Pair<string | undefined>;
  /** True from the acknowledgement until a request begins that takes it back. */
  readonly isBanned: boolean;
  readonly isBlocked: boolean;
  readonly isStaff: boolean;
}

/** A write that was sent, that nobody waits for any more, and that is yet to arrive. */
export interface Copy {
  readonly worker: Worker;
  readonly call: string;
}

const GIVEN_BY: Partial<Record<Request['does'], Standing>> = {
  ban: 'isBanned',
  block: 'isBlocked',
  promote: 'isStaff',
};
const TAKEN_BACK_BY: Partial<Record<Request['does'], Standing>> = {
  unban: 'isBanned',
  lift: 'isBlocked',
  demote: 'isStaff',
};

const standings: readonly Standing[] = ['isBanned', 'isBlocked', 'isStaff'];

const stands: Record<Standing, (records: Records) => boolean> = {
  isBanned: ({ user }) => user.isBanned,
  isBlocked: ({ block }) => block !== undefined && isStanding(block),
  isStaff: ({ user }) => user.isStaff,
};

/** Returns the reasons for which a right is lost now. */
export function lostNow(heard: Heard, place: Place): Pick<Worker, 'lostBy' | 'suspendedBy'> {
  const suspendedBy = standings.filter((each) => heard[each]);
  return { lostBy: heard.lostBy[place], suspendedBy };
}

/** Returns the history when a request begins. One that takes something back may take effect before those that are going on. */
export function atBeginning(
  { heard, workers }: { readonly heard: Heard; readonly workers: readonly (Worker | undefined)[] },
  { does }: Request,
): { readonly heard: Heard; readonly workers: readonly (Worker | undefined)[] } {
  const takenBack = TAKEN_BACK_BY[does];
  if (!takenBack) return { heard, workers };
  const relieved = (worker: Worker | undefined) =>
    worker && { ...worker, suspendedBy: worker.suspendedBy.filter((each) => each !== takenBack) };
  return { heard: { ...heard, [takenBack]: false }, workers: workers.map(relieved) };
}

/** The state in which a request is answered. */
export interface Situation {
  readonly heard: Heard;
  readonly records: Records;
  /** The other workers. */
  readonly workers: readonly (Worker | undefined)[];
  readonly copies: readonly Copy[];
  /** Seconds by which two clocks can differ. */
  readonly tolerance: number;
}

/** True when another request takes this back at the same time: one that is going on, or one whose late copy is meant for it. */
function isTakenBackMeanwhile(standing: Standing, { records, workers, copies }: Situation): boolean {
  const isGoingOn = workers.some((worker) => worker && TAKEN_BACK_BY[worker.request.does] === standing);
  const isMeant = ({ worker, call }: Copy) =>
    TAKEN_BACK_BY[worker.request.does] === standing &&
    !stands[standing](callOf(worker, call).run({ worker, records, lacks: () => false }).records);
  return isGoingOn || copies.some(isMeant);
}

/** Returns the history once a request has been answered with success. */
export function hear(situation: Situation, { request: { does, place }, sentAt, cookie }: Worker): Heard {
  const { heard, records, tolerance } = situation;
  const lose = (isLost: (each: Place) => boolean): Heard['lostBy'] => [
    heard.lostBy[0] ?? (isLost(0) ? does : undefined),
    heard.lostBy[1] ?? (isLost(1) ? does : undefined),
  ];
  const isThis = (each: Place) => each === place;
  const isOlder = (each: Place) => (records.tokens[each]?.createdAt ?? Number.POSITIVE_INFINITY) + tolerance < sentAt;
  const standing = GIVEN_BY[does];
  if (standing) {
    const isKept = !isTakenBackMeanwhile(standing, situation);
    // Only the policy of the moment decides about staff; a ban and a block take older tokens away for ever.
    return { ...heard, [standing]: isKept, lostBy: does === 'promote' ? heard.lostBy : lose(isOlder) };
  }
  switch (does) {
    case 'create':
      return { ...heard, tickets: put(heard.tickets, place, true) };
    case 'redeem': {
      const client = cookie?.client ?? place;
      const isReplaced = (each: Place) => each !== place && records.sessions[each]?.client === client;
      const redeemed = put(heard.redeemed, place, true);
      return { ...heard, redeemed, used: put(heard.used, place, true), lostBy: lose(isReplaced) };
    }
    case 'revoke':
      return { ...heard, revoked: put(heard.revoked, place, true), lostBy: lose(isThis) };
    case 'end':
    case 'endByServer':
      return { ...heard, ended: put(heard.ended, place, true), lostBy: lose(isThis) };
    default:
      return heard;
  }
}

/** The promise of an acknowledged request that the records do not keep. */
export function brokenPromise(heard: Heard, records: Records): string | undefined {
  const { tokens, sessions } = records;
  for (const place of places) {
    const status = tokens[place]?.status;
    if (heard.redeemed[place] && status !== 'accepted') return `token ${place} is not accepted`;
    if (heard.revoked[place] && status !== 'revoked') return `token ${place} is not revoked`;
    if (heard.ended[place] && sessions[place]?.endedBy === undefined) return `session ${place} is not ended`;
  }
  if (heard.isBanned && !stands.isBanned(records)) return 'the user is not banned';
  if (heard.isBlocked && !stands.isBlocked(records)) return 'the block does not stand';
  return heard.isStaff && !stands.isStaff(records) ? 'the user is not staff' : undefined;
}
