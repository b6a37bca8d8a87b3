/**
 * The protocol of the product: each request as the calls to the database that it makes, one after the other, with the reads, conditions and
 * writes of each call. The names are those of the code: `redeem` is shared/sign-ins/sign-in-with-ticket.ts with redemption.ts, `mint` is
 * shared/sessions/touch-session.ts with create-session-token.ts and verdict.ts, and so on. A test of the code holds each condition; here
 * every order of the calls is tried. Signing changes nothing, so it is no call of the model. The sweep of sessions after a ban or a block
 * is left out, because nothing may depend on it.
 */
import {
  type Block,
  type ClientNumber,
  INACTIVITY,
  type Place,
  type Records,
  SESSION_DURATION,
  type Session,
  type Standing,
  TICKET_LIFE,
  type Token,
  type User,
} from './records.ts';

/** A guard that a weakened variant of the protocol lacks. */
export type Weakness =
  | 'a redemption reads the status, and writes without a condition'
  | 'a token is created without a condition'
  | 'the session is written before the token is claimed'
  | 'a lost answer is decided by the status, without a nonce'
  | 'a sign-in does not require the secret of its client'
  | 'the policy is judged only when a token is created'
  | 'the block is read before the commit only'
  | 'the end is taken from the item of the session'
  | 'a redemption does not require the user as they were judged'
  | 'a sign-in does not end the previous session'
  | 'a touch does not require that the session has no end'
  | 'a touch moves the activity back'
  | 'an end overwrites an earlier end'
  | 'a lifted ban is not the one that was read'
  | 'a replaced user is not as they were read'
  | 'a lifted block is not the one that was read'
  | 'a lifted block is forgotten'
  | 'a lifted ban or block is compared with the start of the session'
  | 'the generation is not compared';

/** A request, by its name, its sender and the actor token that it concerns. */
export interface Request {
  readonly does: keyof typeof programs;
  /** The browser that sends it; undefined for a server. */
  readonly browser?: Place;
  readonly place: Place;
}

/** A cookie: a client, its secret, and the session that the browser has been told of. */
export interface Cookie {
  readonly client: ClientNumber;
  readonly secret: number;
  readonly session: Place;
}

/** A request that is being answered, with the values that it remembers. */
export interface Worker {
  readonly request: Request;
  /** The number of the request, which is also its nonce and its secret. */
  readonly id: number;
  /** The calls that are sent next. Those of one list are sent at once, and arrive in any order. */
  readonly next: readonly string[];
  /** The clock of its host when the request arrived. */
  readonly now: number;
  readonly generation: number;
  /** The time at which it was sent, by the clock of the model. */
  readonly sentAt: number;
  readonly lastActiveAt: number;
  /** The acknowledged request that has taken the right away for ever; and those that take it away until they are taken back. */
  readonly lostBy: string | undefined;
  readonly suspendedBy: readonly Standing[];
  readonly cookie?: Cookie | undefined;
  /** The session before, if it can be live, which a redemption ends. */
  readonly previous?: Place | undefined;
  readonly judgedAt?: number;
  readonly attempts?: number;
  readonly isCommitted?: boolean;
  readonly isBlocked?: boolean;
  readonly session?: Session;
  readonly user?: User;
  /** The `updated_at`, or the time of the block, that the next attempt writes. */
  readonly writtenAt?: number;
}

export interface Context {
  readonly worker: Worker;
  readonly records: Records;
  readonly lacks: (weakness: Weakness) => boolean;
}

/** The end of a request. `unknown`: the caller does not know whether it took effect. */
export interface Answer {
  readonly answer: 'done' | 'refused' | 'unknown';
  readonly hasToken?: boolean;
  /** The session of the token, where the request has read it. */
  readonly session?: Session;
}

/** The outcome of a call: the records after it, and the worker that goes on, or the answer. */
export interface Effect {
  readonly records: Records;
  readonly outcome: Worker | Answer;
}

/** One call to the database. */
interface Call {
  readonly isWrite: boolean;
  readonly run: (context: Context) => Effect;
  /** Returns the continuation when no answer arrives. By default the request is answered as `unknown`. */
  readonly unanswered?: (worker: Worker) => Worker | Answer;
}

const refused: Answer = { answer: 'refused' };
const done: Answer = { answer: 'done' };
export const unknown: Answer = { answer: 'unknown' };

export function isStanding({ blockedAt, liftedAt }: Block): boolean {
  return liftedAt === undefined || liftedAt < blockedAt;
}

/** shared/blocklist/block.ts, isBlockedSince. */
function isBlockedSince({ records: { block }, lacks }: Context, createdAt: number): boolean {
  if (!block) return false;
  const isDead = !lacks('a lifted block is forgotten') && block.liftedAt !== undefined && createdAt < block.liftedAt;
  return isStanding(block) || isDead;
}

/** shared/users/user.ts, isUnbannedSince. */
function isUnbannedSince({ user }: Records, createdAt: number): boolean {
  return !user.isBanned && (user.unbannedAt === undefined || createdAt >= user.unbannedAt);
}

function isOfGeneration({ worker, lacks }: Context, generation: number): boolean {
  return generation === worker.generation || lacks('the generation is not compared');
}

/** shared/actor-tokens/presentation.ts, isRedeemable. */
function isRedeemable(context: Context, token: Token | undefined): token is Token {
  if (!token || !isOfGeneration(context, token.generation)) return false;
  return token.status === 'pending' && context.worker.now < token.expireAt;
}

/** shared/authority/judge.ts. The policy denies users who are staff. */
function isAllowed(context: Context, createdAt: number, isCreation = false): boolean {
  const isJudged = isCreation || !context.lacks('the policy is judged only when a token is created');
  return !isBlockedSince(context, createdAt) && !(isJudged && context.records.user.isStaff);
}

function isActive({ endedBy, expireAt, lastActiveAt }: Session, now: number): boolean {
  return endedBy === undefined && now < expireAt && now < lastActiveAt + INACTIVITY;
}

/** shared/sessions/verdict.ts, isGrantedBy. */
function isGrantedBy({ lacks }: Context, token: Token | undefined, session: Session): boolean {
  if (token?.status !== 'accepted' || token.acceptedAt === undefined) return false;
  const isRight = token.client === session.client && token.secret === session.secret;
  const end = token.acceptedAt + SESSION_DURATION;
  return isRight && (session.expireAt === end || lacks('the end is taken from the item of the session'));
}

/** The time from which on a lifted ban or block counts. The clock of a session can be ahead of that of the request that lifts it. */
function createdAtOf({ worker, lacks }: Context, token: Token): number {
  const isWeak = lacks('a lifted ban or block is compared with the start of the session');
  return isWeak ? (token.acceptedAt ?? worker.now) : token.createdAt;
}

/** shared/sessions/verdict.ts, verdictFrom. */
function mayContinue(context: Context, session: Session): boolean {
  const { records, worker } = context;
  const token = records.tokens[worker.request.place];
  if (!token || !isGrantedBy(context, token, session)) return false;
  return isUnbannedSince(records, createdAtOf(context, token)) && isAllowed(context, token.createdAt);
}

/** Ends a session, if no end is stored. */
function ended(context: Context, place: Place, endedBy: Session['endedBy'] & string): Records['sessions'] {
  const { records, worker, lacks } = context;
  const session = records.sessions[place];
  const keeps = session?.endedBy !== undefined && !lacks('an end overwrites an earlier end');
  return session && !keeps
    ? records.sessions.with(place, { ...session, endedBy, endedAt: worker.now })
    : records.sessions;
}

/** A change of the user that depends on no read, as shared/sign-ins/ban-user.ts, changeUser. It is made again while others come between. */
function userChanged(context: Context, set: Partial<User>, isMeant: (user: User) => boolean): Effect {
  const { records, worker } = context;
  const { user } = records;
  const updatedAt = worker.writtenAt ?? worker.now;
  if (isMeant(user) && user.updatedAt < updatedAt)
    return { records: { ...records, user: { ...user, ...set, updatedAt } }, outcome: done };
  if (user.updatedAt < updatedAt) return { records, outcome: unknown };
  return { records, outcome: { ...worker, writtenAt: user.updatedAt + 1 } };
}

/** A replacement of the user who was read, as shared/users/update-user.ts. */
function userReplaced(isStaff: boolean): Readonly<Record<string, Call>> {
  return {
    read: {
      isWrite: false,
      run: ({ worker, records }) => ({ records, outcome: { ...worker, next: ['replace'], user: records.user } }),
    },
    replace: {
      isWrite: true,
      run: ({ worker, records, lacks }) => {
        const { user: read = records.user } = worker;
        const isAsRead = records.user.updatedAt === read.updatedAt || lacks('a replaced user is not as they were read');
        if (!isAsRead) return { records, outcome: { ...worker, next: ['read'] } };
        // The whole item is written, as it was read.
        const user = { ...read, isStaff, updatedAt: Math.max(worker.now, read.updatedAt + 1) };
        return { records: { ...records, user }, outcome: done };
      },
    },
  };
}

/** The token as this redemption accepts it. */
function accepted({ id, now, cookie, request: { place } }: Worker, token: Token): Token {
  return { ...token, status: 'accepted', attempt: id, acceptedAt: now, client: cookie?.client ?? place, secret: id };
}

/** The records after the transaction, or undefined when one of its conditions does not hold. */
function redeemed(context: Context): Records | undefined {
  const { records, worker, lacks } = context;
  const {
    request: { place },
    id,
    now,
    cookie,
    generation,
    previous,
    judgedAt,
  } = worker;
  const token = records.tokens[place];
  const client = cookie?.client ?? place;
  const present = records.clients[client];
  const readsOnly = lacks('a redemption reads the status, and writes without a condition');
  const isNew = readsOnly || (token?.status === 'pending' && records.sessions[place] === undefined);
  const isTicket = token && now < token.expireAt && isOfGeneration(context, token.generation);
  const isClient = cookie
    ? present?.secret === cookie.secret || lacks('a sign-in does not require the secret of its client')
    : present === undefined || readsOnly;
  const { user } = records;
  const isUnbanned = token && isUnbannedSince(records, token.createdAt);
  const isUser =
    (isUnbanned && user.updatedAt === judgedAt) || lacks('a redemption does not require the user as they were judged');
  if (!(isNew && isTicket && isClient && isUser)) return undefined;
  const expireAt = now + SESSION_DURATION;
  const session: Session = { client, secret: id, createdAt: now, expireAt, lastActiveAt: now, generation };
  const endsPrevious = previous !== undefined && !lacks('a sign-in does not end the previous session');
  const sessions = endsPrevious ? ended(context, previous, 'sign_in') : records.sessions;
  return {
    ...records,
    tokens: records.tokens.with(place, accepted(worker, token)),
    sessions: sessions.with(place, session),
    clients: records.clients.with(client, { secret: id, session: place, sessionExpireAt: expireAt, generation }),
  };
}

/** The worker after a part of the calls that are sent at once, or the answer after the last of them. */
function afterBoth(worker: Worker): Worker | Answer {
  const { isCommitted, isBlocked, next } = worker;
  if (next.length > 0) return worker;
  return isCommitted ? { answer: 'done', hasToken: isBlocked === false } : refused;
}

function without(worker: Worker, call: string): Worker {
  return { ...worker, next: worker.next.filter((each) => each !== call) };
}

/** True when a token that a call finds shows that this request has changed it. */
function isOurs({ worker, lacks }: Context, token: Token | undefined, status: Token['status']): boolean {
  return lacks('a lost answer is decided by the status, without a nonce')
    ? token?.status === status
    : token?.attempt === worker.id;
}

const redeem: Readonly<Record<string, Call>> = {
  token: {
    isWrite: false,
    run: (context) => {
      const { records, worker } = context;
      const isRight = isRedeemable(context, records.tokens[worker.request.place]);
      return { records, outcome: isRight ? { ...worker, next: [worker.cookie ? 'client' : 'entry'] } : refused };
    },
  },
  client: {
    isWrite: false,
    run: (context) => {
      const { records, worker, lacks } = context;
      const { cookie, now, request } = worker;
      const client = cookie && records.clients[cookie.client];
      if (!client || !isOfGeneration(context, client.generation))
        return { records, outcome: { ...worker, cookie: undefined, next: ['entry'] } };
      const hasSecret =
        client.secret === cookie?.secret || lacks('a sign-in does not require the secret of its client');
      if (!hasSecret) return { records, outcome: refused };
      const canBeLive = client.sessionExpireAt > now && client.session !== request.place;
      return { records, outcome: { ...worker, previous: canBeLive ? client.session : undefined, next: ['entry'] } };
    },
  },
  entry: {
    isWrite: false,
    run: (context) => {
      const { records, worker, lacks } = context;
      const token = records.tokens[worker.request.place];
      const mayEnter = token && isUnbannedSince(records, token.createdAt) && isAllowed(context, token.createdAt);
      if (!mayEnter) return { records, outcome: refused };
      const judged = { ...worker, judgedAt: records.user.updatedAt };
      if (lacks('the session is written before the token is claimed'))
        return { records, outcome: { ...judged, next: ['start'] } };
      return { records, outcome: { ...judged, next: ['send'] } };
    },
  },
  /** The answer has arrived, and the next calls are sent: a right that is lost before has to be seen. */
  send: {
    isWrite: false,
    run: ({ records, worker, lacks }) => {
      const readsBefore = lacks('the block is read before the commit only');
      const next = readsBefore ? { isBlocked: false, next: ['commit'] } : { next: ['commit', 'blocks'] };
      return { records, outcome: { ...worker, ...next } };
    },
  },
  commit: {
    isWrite: true,
    run: (context) => {
      const { records, worker } = context;
      const token = records.tokens[worker.request.place];
      // The service knows a repetition of a transaction by its token, and changes nothing.
      const after = isOurs(context, token, 'accepted') ? records : redeemed(context);
      if (after) return { records: after, outcome: afterBoth({ ...without(worker, 'commit'), isCommitted: true }) };
      const { attempts = 1, judgedAt } = worker;
      const isOnlyUser = judgedAt !== records.user.updatedAt && isRedeemable(context, token);
      // The user has changed since they were judged: the request judges again, three times at most.
      if (isOnlyUser && attempts < 3)
        return { records, outcome: { ...worker, attempts: attempts + 1, next: ['entry'] } };
      return { records, outcome: refused };
    },
    unanswered: (worker) => ({ ...worker, next: worker.next.map((each) => (each === 'commit' ? 'outcome' : each)) }),
  },
  outcome: {
    isWrite: false,
    run: (context) => {
      const { records, worker } = context;
      const token = records.tokens[worker.request.place];
      const isCommitted = isOurs(context, token, 'accepted');
      if (isCommitted) return { records, outcome: afterBoth({ ...without(worker, 'outcome'), isCommitted }) };
      return { records, outcome: isRedeemable(context, token) ? unknown : refused };
    },
  },
  blocks: {
    isWrite: false,
    run: (context) => {
      const token = context.records.tokens[context.worker.request.place];
      const isBlocked = token === undefined || isBlockedSince(context, createdAtOf(context, token));
      return { records: context.records, outcome: afterBoth({ ...without(context.worker, 'blocks'), isBlocked }) };
    },
  },
  /** Only a weakened variant writes the session first. */
  start: {
    isWrite: true,
    run: (context) => {
      const { records, worker } = context;
      const after = redeemed(context);
      if (!after) return { records, outcome: refused };
      return { records: { ...after, tokens: records.tokens }, outcome: { ...worker, next: ['claim', 'blocks'] } };
    },
  },
  claim: {
    isWrite: true,
    run: (context) => {
      const { records, worker } = context;
      const { place } = worker.request;
      const token = records.tokens[place];
      if (!isRedeemable(context, token)) return { records, outcome: refused };
      const outcome = afterBoth({ ...without(worker, 'claim'), isCommitted: true });
      return { records: { ...records, tokens: records.tokens.with(place, accepted(worker, token)) }, outcome };
    },
  },
};

const revoke: Readonly<Record<string, Call>> = {
  write: {
    isWrite: true,
    run: (context) => {
      const { records, worker } = context;
      const { place } = worker.request;
      const token = records.tokens[place];
      if (isOurs(context, token, 'revoked')) return { records, outcome: done };
      const isPending = token?.status === 'pending' && isOfGeneration(context, token.generation);
      if (!isPending) return { records, outcome: refused };
      return {
        records: {
          ...records,
          tokens: records.tokens.with(place, { ...token, status: 'revoked', attempt: worker.id }),
        },
        outcome: done,
      };
    },
    unanswered: (worker) => ({ ...worker, next: ['outcome'] }),
  },
  outcome: {
    isWrite: false,
    run: (context) => {
      const { records, worker } = context;
      const token = records.tokens[worker.request.place];
      if (isOurs(context, token, 'revoked')) return { records, outcome: done };
      return { records, outcome: token?.status === 'pending' ? unknown : refused };
    },
  },
};

const create: Readonly<Record<string, Call>> = {
  judge: {
    isWrite: false,
    run: (context) => {
      const { records, worker } = context;
      return { records, outcome: isAllowed(context, worker.now, true) ? { ...worker, next: ['write'] } : refused };
    },
  },
  write: {
    isWrite: true,
    run: ({ records, worker, lacks }) => {
      const {
        now,
        generation,
        request: { place },
      } = worker;
      const isThere = records.tokens[place] !== undefined && !lacks('a token is created without a condition');
      const token: Token = { status: 'pending', createdAt: now, expireAt: now + TICKET_LIFE, generation };
      // A token that is there is the one of this request: no other request draws the same id.
      return { records: isThere ? records : { ...records, tokens: records.tokens.with(place, token) }, outcome: done };
    },
  },
};

/** The calls that follow once a request has an active session, in every request for a session token. */
const minting: Readonly<Record<string, Call>> = {
  verdict: {
    isWrite: false,
    run: (context) => {
      const { records, worker } = context;
      const { session } = worker;
      if (!session) throw new Error('A verdict is about a session.');
      if (!mayContinue(context, session)) return { records, outcome: { ...worker, next: ['end'] } };
      return { records, outcome: { answer: 'done', hasToken: true, session } };
    },
  },
  end: {
    isWrite: true,
    run: (context) => {
      const { records, worker } = context;
      return { records: { ...records, sessions: ended(context, worker.request.place, 'verdict') }, outcome: refused };
    },
  },
};

/** True when this browser presents the secret of the session. */
function isOfBrowser(context: Context, session: Session | undefined): session is Session {
  const { cookie } = context.worker;
  return session !== undefined && session.client === cookie?.client && session.secret === cookie.secret;
}

const mint: Readonly<Record<string, Call>> = {
  touch: {
    isWrite: true,
    run: (context) => {
      const { records, worker, lacks } = context;
      const {
        now,
        request: { place },
      } = worker;
      const session = records.sessions[place];
      if (!isOfBrowser(context, session) || !isOfGeneration(context, session.generation))
        return { records, outcome: refused };
      const isEnded = session.endedBy !== undefined && !lacks('a touch does not require that the session has no end');
      const isWithinLimits = session.expireAt > now && session.lastActiveAt > now - INACTIVITY;
      if (isEnded || !isWithinLimits) return { records, outcome: refused };
      const isLatest = session.lastActiveAt <= now || lacks('a touch moves the activity back');
      const touched = isLatest ? { ...session, lastActiveAt: now } : session;
      const outcome = { ...worker, session: touched, next: ['verdict'] };
      return { records: { ...records, sessions: records.sessions.with(place, touched) }, outcome };
    },
  },
  ...minting,
};

const mintByServer: Readonly<Record<string, Call>> = {
  read: {
    isWrite: false,
    run: (context) => {
      const { records, worker } = context;
      const session = records.sessions[worker.request.place];
      const isRight = session && isOfGeneration(context, session.generation) && isActive(session, worker.now);
      return { records, outcome: isRight ? { ...worker, session, next: ['verdict'] } : refused };
    },
  },
  ...minting,
};

/** A request that ends a session which it may end. */
function ending(
  endedBy: Session['endedBy'] & string,
  mayEnd: (context: Context, session: Session) => boolean,
): Readonly<Record<string, Call>> {
  return {
    write: {
      isWrite: true,
      run: (context) => {
        const { records, worker } = context;
        const { place } = worker.request;
        const session = records.sessions[place];
        const isRight = session && isOfGeneration(context, session.generation) && mayEnd(context, session);
        if (!isRight) return { records, outcome: refused };
        return { records: { ...records, sessions: ended(context, place, endedBy) }, outcome: done };
      },
    },
  };
}

const ban: Readonly<Record<string, Call>> = {
  write: {
    isWrite: true,
    run: (context) => userChanged(context, { isBanned: true, bannedAt: context.worker.now }, () => true),
  },
};

const unban: Readonly<Record<string, Call>> = {
  read: {
    isWrite: false,
    run: ({ records, worker }) => {
      const { isBanned, bannedAt = 0 } = records.user;
      return { records, outcome: isBanned ? { ...worker, judgedAt: bannedAt, next: ['write'] } : done };
    },
  },
  write: {
    isWrite: true,
    run: (context) => {
      const { worker, lacks } = context;
      const isMeant = ({ bannedAt = 0 }: User) =>
        bannedAt === worker.judgedAt || lacks('a lifted ban is not the one that was read');
      return userChanged(context, { isBanned: false, unbannedAt: Math.max(worker.now, worker.judgedAt ?? 0) }, isMeant);
    },
  },
};

const block: Readonly<Record<string, Call>> = {
  write: {
    isWrite: true,
    run: ({ records, worker }) => {
      const present = records.block;
      const blockedAt = worker.writtenAt ?? worker.now;
      if (present && isStanding(present)) return { records, outcome: done };
      const liftedAt = present?.liftedAt ?? -1;
      if (liftedAt >= blockedAt) return { records, outcome: { ...worker, writtenAt: liftedAt + 1 } };
      return { records: { ...records, block: { ...present, blockedAt } }, outcome: done };
    },
  },
};

const lift: Readonly<Record<string, Call>> = {
  read: {
    isWrite: false,
    run: ({ records, worker }) => {
      const present = records.block;
      const isThere = present && isStanding(present);
      return { records, outcome: isThere ? { ...worker, judgedAt: present.blockedAt, next: ['write'] } : refused };
    },
  },
  write: {
    isWrite: true,
    run: ({ records, worker, lacks }) => {
      const present = records.block;
      if (!present) return { records, outcome: refused };
      const { judgedAt = 0, now } = worker;
      const isAsRead =
        (present.blockedAt === judgedAt && isStanding(present)) || lacks('a lifted block is not the one that was read');
      const outcome = isAsRead || !isStanding(present) ? done : unknown;
      return {
        records: isAsRead ? { ...records, block: { ...present, liftedAt: Math.max(now, judgedAt) } } : records,
        outcome,
      };
    },
  },
};

/** The calls of each request, by name. The first one is sent first. */
export const programs = {
  create,
  redeem,
  revoke,
  mint,
  mintByServer,
  end: ending('browser', (context, session) => isOfBrowser(context, session) && session.endedBy !== 'sign_in'),
  endByServer: ending('server', () => true),
  ban,
  unban,
  promote: userReplaced(true),
  demote: userReplaced(false),
  block,
  lift,
} as const;

/** Returns a call of a request. */
export function callOf({ request: { does } }: Pick<Worker, 'request'>, name: string): Call {
  const call = (programs[does] as Readonly<Record<string, Call>>)[name];
  if (!call) throw new Error(`${does} makes no call ${name}.`);
  return call;
}

/** The first call of a request. */
export function firstCallOf({ does }: Request): string {
  const [first = ''] = Object.keys(programs[does]);
  return first;
}
