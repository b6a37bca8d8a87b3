/**
 * The invariants: what holds of the records at every moment and of every session token, whatever requests were concurrent, lost, repeated,
 * late or made at a wrong time. The exploration of the model, the simulation, and the tests of races evaluate them after every step. They
 * know the attributes of the tables, and nothing of the code of the product.
 */

// biome-ignore lint/suspicious/noExplicitAny: an item of any table; the invariants state what is in it.
export type Item = Readonly<Record<string, any>>;

/** The event of a change in the record of who did what. */
interface RecordedEvent {
  readonly type: string;
  /** False when an earlier change had the same event. */
  readonly isNew: boolean;
}

/** A change of an item. */
export interface Change {
  readonly table: string;
  /** Undefined for a new item, and for one that is looked at for the first time. */
  readonly before: Item | undefined;
  /** Undefined for an item that was deleted. */
  readonly after: Item | undefined;
  /** Absent where no events are made. */
  readonly event?: RecordedEvent | undefined;
}

/** A session token that an answer has, with what was known when its request was sent. */
export interface Minted {
  /** The claims. `iat` and `exp` are in seconds. */
  readonly claims: Item;
  readonly sentAt: number;
  /** The last activity of its session before the request was sent, in milliseconds. */
  readonly lastActiveAt: number;
  /** The acknowledged request that had taken the right away before this one was sent. */
  readonly lostBy: string | undefined;
}

/** A successful answer to a sign-in with the ticket of this actor token. */
interface SignIn {
  readonly actorTokenId: string;
  /** False when an earlier answer has said the same. */
  readonly isFirst: boolean;
}

/** One step of a history. */
export interface Step {
  readonly changes: readonly Change[];
  readonly minted?: readonly Minted[];
  readonly signIns?: readonly SignIn[];
  /** The promise of an acknowledged request that the records no longer keep. */
  readonly brokenPromise?: string | undefined;
  /** Reads an item as it is after the step. */
  readonly itemOf: (table: string, id: string) => Item | undefined;
  /** Reads a user. It is absent where users change without a step, or are not read. */
  readonly userOf?: (id: string) => Item | undefined;
  /** The sessions of a client after the step. */
  readonly sessionsOf: (clientId: string) => readonly Item[];
  readonly now: number;
  /** Milliseconds by which two clocks of the history can differ. */
  readonly tolerance: number;
}

const SESSION_TOKEN_LIFE_IN_SECONDS = 60;
const INACTIVITY_IN_MS = 600_000;

const OUTCOME_OF_TOKEN = [
  'status',
  'session_id',
  'client_id',
  'client_secret_hash',
  'attempt',
  'updated_at',
  'ticket_hash',
];
const GRANTED_TO_SESSION = [
  'id',
  'client_id',
  'client_secret_hash',
  'user_id',
  'actor',
  'actor_token_id',
  'created_at',
  'expire_at',
];
const END_OF_SESSION = ['end_status', 'ended_at', 'end_cause', 'ended_by', 'ended_from', 'ended_with'];
/** The tables whose items stay. The service deletes an item long after it has become meaningless. */
const KEPT = ['ActorTokens', 'Sessions', 'Clients', 'Blocklist', 'SecretKeys'];

/** The statuses to which a step may bring an actor token that is pending. */
const AFTER_PENDING = ['pending', 'accepted', 'revoked'];

function isSame(names: readonly string[], one: Item, other: Item): boolean {
  return names.every((name) => one[name] === other[name]);
}

/** The items of one table that a step has written, with what was there before. */
function written(table: string, { changes }: Step): readonly { before: Item | undefined; after: Item }[] {
  return changes.flatMap(({ table: of, before, after }) => (of === table && after ? [{ before, after }] : []));
}

/** True when the session is the one that the redemption of its actor token granted. */
function isGranted(session: Item, token: Item | undefined): boolean {
  const isOfToken = token?.status === 'accepted' && token.session_id === session.id;
  return isOfToken && isSame(['client_id', 'client_secret_hash', 'user_id', 'actor'], session, token);
}

/** The type of the event that a change of an audited record is; undefined for a change that is none. */
function transitionOf({ table, before, after }: Change): string | undefined {
  const isNow = (name: string) => after?.[name] !== undefined && after[name] !== before?.[name];
  if (!after) return undefined;
  switch (table) {
    case 'ActorTokens':
      if (!before) return after.status === 'refused' ? 'actor_token.refused' : 'actor_token.created';
      if (isNow('status')) return `actor_token.${after.status}`;
      return isNow('refused_at') ? 'actor_token.refused' : undefined;
    case 'Sessions':
      if (!before) return 'session.created';
      return isNow('end_status') ? `session.${after.end_status}` : undefined;
    case 'Blocklist':
      if (isNow('blocked_at')) return 'blocklist_identifier.created';
      return isNow('lifted_at') ? 'blocklist_identifier.deleted' : undefined;
    case 'SecretKeys':
      if (!before) return 'secret_key.created';
      return isNow('revoked_at') ? 'secret_key.revoked' : undefined;
    default:
      return undefined;
  }
}

/** Each invariant, and whether it holds after a step that began in a state in which it held. */
const invariants: Readonly<Record<string, (step: Step) => boolean>> = {
  'A ticket gives at most one session.': (step) =>
    (step.signIns ?? []).every(({ isFirst }) => isFirst) &&
    written('Sessions', step).every(({ after }) =>
      isGranted(after, step.itemOf('ActorTokens', after.actor_token_id)),
    ) &&
    written('ActorTokens', step).every(({ after }) => {
      const session = after.status === 'accepted' ? step.itemOf('Sessions', after.session_id) : undefined;
      return after.status !== 'accepted' || session?.actor_token_id === after.id;
    }),

  'The outcome of an actor token is final.': (step) =>
    written('ActorTokens', step).every(({ before, after }) =>
      before?.status === 'pending'
        ? AFTER_PENDING.includes(after.status)
        : !before || isSame(OUTCOME_OF_TOKEN, before, after),
    ),

  'A session starts while its ticket is valid, and ends when the ticket says so.': (step) =>
    written('Sessions', step).every(({ before, after }) => {
      const token = step.itemOf('ActorTokens', after.actor_token_id);
      const longest = (token?.session_max_duration_in_seconds ?? 0) * 1000;
      if (before) return true;
      return token && after.created_at < token.expire_at && after.expire_at === after.created_at + longest;
    }),

  'A session starts as a user who exists, and has not been banned since the ticket was created.': (step) =>
    written('Sessions', step).every(({ before, after }) => {
      if (before || !step.userOf) return true;
      const user = step.userOf(after.user_id);
      const createdAt = step.itemOf('ActorTokens', after.actor_token_id)?.created_at;
      return user?.banned === false && !(user.unbanned_at > createdAt);
    }),

  'The end of a session is final, and written as a whole.': (step) =>
    written('Sessions', step).every(({ before, after }) => {
      const isWhole = [0, END_OF_SESSION.length].includes(END_OF_SESSION.filter((name) => name in after).length);
      return (
        isWhole && (before?.end_status === undefined || isSame(Object.keys({ ...before, ...after }), before, after))
      );
    }),

  'A session stays what it was granted as, and its activity goes forward.': (step) =>
    written('Sessions', step).every(
      ({ before, after }) =>
        !before || (isSame(GRANTED_TO_SESSION, before, after) && after.last_active_at >= before.last_active_at),
    ),

  'A browser holds one live session.': (step) => {
    const isLive = ({ end_status, expire_at }: Item) =>
      end_status === undefined && expire_at > step.now + step.tolerance;
    const holdsOnly = (clientId: string) => {
      const current = step.itemOf('Clients', clientId)?.session_id;
      return step.sessionsOf(clientId).every((session) => !isLive(session) || session.id === current);
    };
    const clients = written('Clients', step).map(({ after }) => after);
    const fits = ({ id, session_id, secret_hash, session_expire_at }: Item) => {
      const session = step.itemOf('Sessions', session_id);
      const isAsNamed = session?.client_secret_hash === secret_hash && session?.expire_at === session_expire_at;
      return session?.client_id !== id || isAsNamed;
    };
    return (
      clients.every((client) => holdsOnly(client.id) && fits(client)) &&
      written('Sessions', step).every(({ after }) => holdsOnly(after.client_id))
    );
  },

  'An acknowledged change stays.': ({ brokenPromise }) => brokenPromise === undefined,

  'A record stays.': ({ changes }) => changes.every(({ table, after }) => after !== undefined || !KEPT.includes(table)),

  'A session token traces to a signed ticket: its session, its user and its actor.': ({ minted = [], itemOf }) =>
    minted.every(({ claims: { sid, sub, act } }) => {
      const session = itemOf('Sessions', sid);
      const token = session && itemOf('ActorTokens', session.actor_token_id);
      return session && isGranted(session, token) && sub === token?.user_id && JSON.stringify(act) === token?.actor;
    }),

  'A session token lives for a minute at most, and within the limits of its session.': (step) =>
    (step.minted ?? []).every(({ claims: { sid, iat, exp }, sentAt, lastActiveAt }) => {
      const token = step.itemOf('ActorTokens', step.itemOf('Sessions', sid)?.actor_token_id);
      const end = token && token.accepted_at + token.session_max_duration_in_seconds * 1000;
      const isShort = exp - iat <= SESSION_TOKEN_LIFE_IN_SECONDS && exp * 1000 <= end;
      return isShort && sentAt - step.tolerance < Math.min(end, lastActiveAt + INACTIVITY_IN_MS);
    }),

  'No request gets a session token when the right was lost before it was sent.': ({ minted = [] }) =>
    minted.every(({ lostBy }) => lostBy === undefined),

  'Every transition is exactly one event, and nothing else is one.': ({ changes }) =>
    changes.every((change) => {
      if (!('event' in change)) return true;
      return change.event?.type === transitionOf(change) && change.event?.isNew !== false;
    }),
};

/** The invariants as sentences. */
export const invariantNames: readonly string[] = Object.keys(invariants);

/** Returns the first invariant that does not hold after a step. */
export function violatedBy(step: Step): string | undefined {
  return invariantNames.find((name) => !invariants[name]?.(step));
}
