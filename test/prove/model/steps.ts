/** The states of the model, and every step that leads from one to the next: one call of one worker, or an accident between two calls. */
import type { Minted } from '../invariants.ts';
import { atBeginning, both, type Copy, type Heard, hear, lostNow, type Pair, put } from './heard.ts';
import {
  type Answer,
  type Context,
  type Cookie,
  callOf,
  type Effect,
  firstCallOf,
  type Request,
  unknown,
  type Worker,
} from './product.ts';
import { ACTOR, type Place, places, type Records, TICKET_LIFE, USER_ID } from './records.ts';

/** The part of all histories that an exploration visits. */
export interface Scope {
  readonly requests: readonly Request[];
  /** The number of requests of a history, at most. */
  readonly most: number;
  readonly workers: number;
  /** The number of calls that get no answer, arrive late or end with their worker, at most. */
  readonly faults: number;
  /** How often minutes can pass while no worker is busy. */
  readonly pauses?: number;
  /** The seconds by which the clock of each worker is wrong. */
  readonly skews?: readonly number[];
  /** Once, somebody prolongs a session in its table, or the tables are restored as they were at the beginning. */
  readonly accident?: 'prolonged' | 'restored';
  /** True when the second actor token is yet to be created. */
  readonly isSecondAbsent?: boolean;
  /** True when the first browser has the cookie of a session that is over. */
  readonly hasCookie?: boolean;
}

export interface State {
  readonly records: Records;
  readonly browsers: Pair<Cookie | undefined>;
  readonly workers: readonly (Worker | undefined)[];
  readonly copies: readonly Copy[];
  readonly heard: Heard;
  readonly time: number;
  readonly begun: number;
  readonly faults: number;
  readonly pauses: number;
  readonly generation: number;
  readonly hadAccident: boolean;
}

/** A step to a next state. */
export interface Successor {
  readonly label: string;
  readonly state: State;
  /** The actor token with which a browser was told that it is signed in. */
  readonly signedIn?: Place | undefined;
  readonly minted?: Minted | undefined;
  /** True for an accident, which changes records as no request does. */
  readonly isAccident?: boolean;
}

const BEGINNING = 10;
/** Less than the longest inactivity. Two of them are more than it, and more than a session or a ticket lives. */
const PAUSE = 500;
const EARLIER: Cookie = { client: 2, secret: 0, session: 0 };

/** The seconds by which two clocks can differ. */
export function toleranceOf({ skews = [0] }: Scope): number {
  return Math.max(...skews) - Math.min(...skews);
}

export function initialState({ workers, isSecondAbsent = false, hasCookie = false }: Scope): State {
  const token = { status: 'pending', createdAt: 0, expireAt: TICKET_LIFE, generation: 0 } as const;
  const client = { secret: EARLIER.secret, session: EARLIER.session, sessionExpireAt: 0, generation: 0 };
  return {
    records: {
      tokens: [token, isSecondAbsent ? undefined : token],
      sessions: [undefined, undefined],
      clients: [undefined, undefined, hasCookie ? client : undefined],
      user: { isStaff: false, isBanned: false, updatedAt: 0 },
      block: undefined,
    },
    browsers: [hasCookie ? EARLIER : undefined, undefined],
    workers: Array.from({ length: workers }, () => undefined),
    copies: [],
    heard: {
      tickets: [true, !isSecondAbsent],
      redeemed: both(false),
      used: both(false),
      revoked: both(false),
      ended: both(false),
      lostBy: both(undefined),
      isBanned: false,
      isBlocked: false,
      isStaff: false,
    },
    time: BEGINNING,
    begun: 0,
    faults: 0,
    pauses: 0,
    generation: 0,
    hadAccident: false,
  };
}

function describe({ does, browser, place }: Request): string {
  const isAboutAll = ['ban', 'unban', 'promote', 'demote', 'block', 'lift'].includes(does);
  return `${does}${isAboutAll ? '' : ` ${place}`}${browser === undefined ? '' : ` by browser ${browser}`}`;
}

/** True when the request makes sense: somebody has what it presents. */
function canBegin({ does, browser, place }: Request, { heard, browsers, records }: State): boolean {
  switch (does) {
    case 'create':
      return records.tokens[place] === undefined;
    case 'redeem':
    case 'revoke':
      return heard.tickets[place];
    case 'mint':
    case 'end': {
      const cookie = browser === undefined ? undefined : browsers[browser];
      return cookie !== undefined && cookie !== EARLIER && cookie.session === place;
    }
    case 'mintByServer':
    case 'endByServer':
      return heard.used[place];
    default:
      return true;
  }
}

/** Every way in which a request can begin. Workers whose clocks are the same are interchangeable, so the first one that is idle serves it. */
function* beginnings(state: State, { requests, most, skews }: Scope): Generator<Successor> {
  if (state.begun === most) return;
  const time = state.time + 1;
  const begun = state.begun + 1;
  const idle = state.workers.flatMap((worker, index) => (worker ? [] : [index]));
  for (const request of requests.filter((each) => canBegin(each, state))) {
    const { browser, place } = request;
    const { heard, workers } = atBeginning(state, request);
    for (const index of skews ? idle : idle.slice(0, 1)) {
      const skew = skews?.[index] ?? 0;
      const worker: Worker = {
        request,
        id: begun,
        next: [firstCallOf(request)],
        now: time + skew,
        generation: state.generation,
        sentAt: time,
        lastActiveAt: state.records.sessions[place]?.lastActiveAt ?? time,
        ...lostNow(heard, place),
        cookie: browser === undefined ? undefined : state.browsers[browser],
      };
      const label = `${begun}. ${describe(request)} begins${skew === 0 ? '' : `, at a clock that is ${skew} s ahead`}`;
      yield { label, state: { ...state, workers: workers.with(index, worker), heard, time, begun } };
    }
  }
}

function mintedBy(worker: Worker, { records }: State, { session }: Answer): Minted {
  const { request, now, sentAt, lastActiveAt } = worker;
  const expireAt = (session ?? records.sessions[request.place])?.expireAt ?? 0;
  const iat = now;
  return {
    claims: {
      sub: USER_ID,
      act: JSON.parse(ACTOR),
      sid: `sess_${request.place}`,
      iat,
      exp: Math.min(iat + 60, expireAt),
    },
    sentAt: sentAt * 1000,
    lastActiveAt: lastActiveAt * 1000,
    lostBy: worker.lostBy ?? worker.suspendedBy[0],
  };
}

/** The step after which a worker goes on, or has answered. */
function after(state: State, index: number, { records, outcome }: Effect, label: string, scope: Scope): Successor {
  const worker = state.workers[index];
  if (!worker) throw new Error('An idle worker calls nothing.');
  if (!('answer' in outcome)) {
    // A redemption sees what is lost until it sends its commit, and not only what was lost before it was sent itself.
    const isSent = worker.next.includes('send') && outcome.next.includes('commit');
    const next = isSent ? { ...outcome, ...lostNow(state.heard, outcome.request.place) } : outcome;
    return { label, state: { ...state, records, workers: state.workers.with(index, next) } };
  }
  const left = { ...state, records, workers: state.workers.with(index, undefined) };
  const told = `${label}, and answers: ${outcome.answer}${outcome.hasToken ? ' with a session token' : ''}`;
  if (outcome.answer !== 'done') return { label: told, state: left };
  const heard = hear({ ...left, tolerance: toleranceOf(scope) }, worker);
  const minted = outcome.hasToken ? mintedBy(worker, left, outcome) : undefined;
  const { does, browser, place } = worker.request;
  if (does !== 'redeem' || browser === undefined) return { label: told, state: { ...left, heard }, minted };
  const cookie = { client: worker.cookie?.client ?? place, secret: worker.id, session: place };
  const browsers = put(left.browsers, browser, cookie);
  return { label: told, state: { ...left, heard, browsers }, signedIn: place, minted };
}

/** Every way in which the next calls of the workers can go. */
function* calls(state: State, scope: Scope, lacks: Context['lacks']): Generator<Successor> {
  const { records, workers, copies } = state;
  const isHurtable = state.faults < scope.faults;
  const hurt = { ...state, faults: state.faults + 1 };
  for (const [index, worker] of workers.entries()) {
    if (!worker) continue;
    const name = `${worker.id}. ${describe(worker.request)}:`;
    for (const each of worker.next) {
      const call = callOf(worker, each);
      const effect = call.run({ worker, records, lacks });
      const label = `${name} ${each}`;
      yield after(state, index, effect, label, scope);
      if (!isHurtable || !call.isWrite) continue;
      const givenUp = call.unanswered?.(worker) ?? unknown;
      const late = { ...hurt, copies: [...copies, { worker, call: each }] };
      yield { label: `${label}, whose answer is lost; it is sent again`, state: { ...hurt, records: effect.records } };
      yield after(hurt, index, { ...effect, outcome: givenUp }, `${label}, whose answer is lost`, scope);
      yield { label: `${label}, which is late; it is sent again`, state: late };
      yield after(late, index, { records, outcome: givenUp }, `${label}, which is late`, scope);
    }
    if (isHurtable)
      yield { label: `${name} the worker crashes`, state: { ...hurt, workers: workers.with(index, undefined) } };
  }
}

/** Writes that arrive late. */
function* arrivals(state: State, lacks: Context['lacks']): Generator<Successor> {
  for (const [index, { worker, call }] of state.copies.entries()) {
    const { records } = callOf(worker, call).run({ worker, records: state.records, lacks });
    const label = `${worker.id}. ${describe(worker.request)}: the late ${call} arrives`;
    yield { label, state: { ...state, records, copies: state.copies.toSpliced(index, 1) } };
  }
}

/** The tables as they were at the beginning. What was done since is lost, and every session and ticket with it. */
function restored(state: State, scope: Scope): State {
  const { records, workers, heard, copies } = initialState(scope);
  return {
    ...state,
    records,
    workers,
    copies,
    heard: { ...heard, tickets: state.heard.tickets, used: state.heard.used, lostBy: both('restore') },
    generation: state.generation + 1,
    hadAccident: true,
  };
}

/** Time that passes, and the accident of the scope. */
function* accidents(state: State, scope: Scope): Generator<Successor> {
  const isIdle = state.workers.every((worker) => worker === undefined);
  if (isIdle && state.pauses < (scope.pauses ?? 0))
    yield { label: 'minutes pass', state: { ...state, time: state.time + PAUSE, pauses: state.pauses + 1 } };
  if (state.hadAccident || scope.accident === undefined) return;
  if (scope.accident === 'restored') {
    const label = 'the tables are restored, under the next generation';
    yield { label, state: restored(state, scope), isAccident: true };
    return;
  }
  for (const place of places) {
    const session = state.records.sessions[place];
    if (!session) continue;
    const sessions = state.records.sessions.with(place, { ...session, expireAt: session.expireAt + 10 * PAUSE });
    const label = `somebody prolongs session ${place} in its table`;
    yield { label, state: { ...state, records: { ...state.records, sessions }, hadAccident: true }, isAccident: true };
  }
}

/** Every step from a state. */
export function* successorsOf(state: State, scope: Scope, lacks: Context['lacks']): Generator<Successor> {
  yield* beginnings(state, scope);
  yield* calls(state, scope, lacks);
  yield* arrivals(state, lacks);
  yield* accidents(state, scope);
}
