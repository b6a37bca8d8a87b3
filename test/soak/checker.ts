// The rules of a soak. They compare the history, as the clients saw it, with all that the product has stored at the end.
import type { Found } from '../../cdk/commands/audit/read-seals.ts';
import { faultOfLink, type Seal, sealKey } from '../../shared/audit/seal.ts';
import { violatedBy } from '../prove/invariants.ts';
import { type Checked, checked } from './checked.ts';
import type { FinalState } from './final-state.ts';
import type { Entry, Operation } from './history.ts';

const LONGEST_TOKEN_LIFE_IN_SECONDS = 60;

type History = readonly Entry[];
type Name = 'token' | 'session' | 'user' | 'actor' | 'browser';

const isAcknowledged = ({ outcome }: Entry) => outcome === 'acknowledged';
/** An operation that was done, or perhaps was. */
const isPossible = ({ outcome }: Entry) => outcome !== 'refused';

function of(history: History, ...operations: readonly Operation[]): History {
  return history.filter(({ operation }) => operations.includes(operation));
}

/** Returns a function that finds the entries with a name. */
function indexed(entries: History, name: Name): (value: string | undefined) => History {
  const groups = Map.groupBy(entries, (entry) => entry[name]);
  return (value) => (value === undefined ? [] : (groups.get(value) ?? []));
}

/** The end of the time in which a request can have had its effect: a lost one can still have it until the next start. */
function latestEffect({ outcome, answered }: Entry): number {
  return outcome === 'unknown' ? Number.POSITIVE_INFINITY : answered;
}

/** Everything in a history about sessions that later rules ask for. */
function casesOf(history: History) {
  const creations = new Map(
    of(history, 'create')
      .filter(isAcknowledged)
      .map((entry) => [entry.session, entry]),
  );
  const redemptions = indexed(of(history, 'redeem'), 'browser');
  const replacements = indexed(
    of(history, 'redeem').map((entry) => ({ ...entry, session: entry.earlierSession })),
    'session',
  );
  const ends = indexed(of(history, 'end'), 'session');
  const ofUser = indexed(of(history, 'ban', 'unban', 'deleteUser'), 'user');
  const ofActor = indexed(of(history, 'block', 'lift'), 'actor');
  return { creations, redemptions, replacements, ends, ofUser, ofActor };
}

type Cases = ReturnType<typeof casesOf>;

/** Returns the requests that can have ended a session, or that forbade it, of those begun before a time. */
function possibleEnds(session: string, before: number, cases: Cases): History {
  const creation = cases.creations.get(session);
  const since = creation?.begun ?? 0;
  const prohibitions = [...cases.ofUser(creation?.user), ...cases.ofActor(creation?.actor)];
  return [
    ...cases.ends(session),
    ...cases.replacements(session),
    ...prohibitions.filter(
      (entry) => ['ban', 'deleteUser', 'block'].includes(entry.operation) && latestEffect(entry) > since,
    ),
  ].filter((entry) => isPossible(entry) && entry.begun < before);
}

/** Returns the prohibition that a request, begun at a time, had to heed; undefined when there is none. */
function prohibitionOf(session: string, at: number, { creations, ofUser, ofActor }: Cases): Entry | undefined {
  const creation = creations.get(session);
  if (!creation) return undefined;
  return [ofUser(creation.user), ofActor(creation.actor)].flatMap((entries) => {
    const isLiftedSince = (ban: Entry) =>
      entries.some(
        (entry) =>
          ['unban', 'lift'].includes(entry.operation) &&
          isPossible(entry) &&
          latestEffect(entry) > ban.begun &&
          entry.begun < at,
      );
    return entries.filter((entry) => {
      const isProhibition = ['ban', 'block', 'deleteUser'].includes(entry.operation);
      if (!isProhibition || !isAcknowledged(entry) || entry.answered >= at) return false;
      // A ticket that existed before stays dead when the ban or the block is lifted.
      return creation.answered < entry.begun || !isLiftedSince(entry);
    });
  })[0];
}

/** Returns the acknowledged request that had ended a session before a time; undefined when there is none. */
function endBefore(session: string, at: number, cases: Cases): Entry | undefined {
  return [...cases.ends(session), ...cases.replacements(session)].find(
    (entry) => isAcknowledged(entry) && entry.answered < at,
  );
}

function named({ operation, session, user, actor, token }: Entry): string {
  return `${operation} of ${token ?? session ?? user ?? actor}`;
}

function checkTokens(history: History, state: FinalState): readonly Checked[] {
  const stored = new Map(state.tokens.map((token) => [token.id, token]));
  const sessions = new Map(state.sessions.map((session) => [session.id, session]));
  const redeemed = of(history, 'redeem').filter(isAcknowledged);
  return [
    checked(
      'an acknowledged actor token is stored',
      of(history, 'create').filter(isAcknowledged),
      ({ token = '', user }) =>
        stored.get(token)?.user_id === user ? undefined : `${token} is lost, or has another user.`,
    ),
    checked('an acknowledged revocation stands', of(history, 'revoke').filter(isAcknowledged), ({ token = '' }) =>
      stored.get(token)?.status === 'revoked' ? undefined : `${token} is ${stored.get(token)?.status ?? 'lost'}.`,
    ),
    checked('an acknowledged redemption stands', redeemed, ({ token = '', session = '', client }) => {
      const [itsToken, itsSession] = [stored.get(token), sessions.get(session)];
      if (!itsSession) return `${session} is lost.`;
      const isWhole =
        itsToken?.status === 'accepted' &&
        itsToken.session_id === session &&
        itsToken.client_id === client &&
        itsSession.client_id === client &&
        itsSession.actor_token_id === token;
      return isWhole ? undefined : `${session} and ${token} do not belong together.`;
    }),
    checked(
      'a refusal says the truth about its token',
      [...of(history, 'redeem'), ...of(history, 'revoke')].filter(({ outcome }) => outcome === 'refused'),
      ({ token = '', code }) => {
        const status = stored.get(token)?.status;
        const isTrue =
          (code !== 'actor_token_already_used_code' || status === 'accepted') &&
          (code !== 'actor_token_revoked_code' || status === 'revoked') &&
          (code !== 'actor_token_cannot_be_revoked_code' || status === 'accepted' || status === 'revoked');
        return isTrue ? undefined : `${token} is ${status}, and was refused with ${code}.`;
      },
    ),
  ];
}

/** Judges what is stored by the invariants, as if each record had been written last. */
function checkRecords({ records, stoppedAt }: FinalState): Checked {
  const items = new Map(records.map(({ item }) => [item.id, item]));
  const sessions = Map.groupBy(
    records.filter(({ table }) => table === 'Sessions').map(({ item }) => item),
    ({ client_id }) => client_id,
  );
  return checked('every record holds the invariants', records, ({ table, item }) => {
    const violated = violatedBy({
      changes: [{ table, before: undefined, after: item }],
      itemOf: (_table, id) => items.get(id),
      sessionsOf: (clientId) => sessions.get(clientId) ?? [],
      now: stoppedAt,
      tolerance: 0,
    });
    return violated && `${item.id}: ${violated}`;
  });
}

function checkUses(history: History, state: FinalState): readonly Checked[] {
  const uses = Map.groupBy(of(history, 'redeem'), ({ token }) => token);
  const revocations = indexed(of(history, 'revoke').filter(isAcknowledged), 'token');
  const sessions = Map.groupBy(state.sessions, ({ actor_token_id }) => actor_token_id);
  return [
    checked('a ticket is used at most once', [...uses], ([token = '', entries]) => {
      const used = entries.filter(isAcknowledged);
      if (used.length > 1) return `${token} was redeemed ${used.length} times.`;
      return used.length === 1 && revocations(token).length > 0 ? `${token} was redeemed and revoked.` : undefined;
    }),
    checked('an actor token has at most one session', [...sessions], ([token, ofToken]) =>
      ofToken.length === 1 ? undefined : `${token} has ${ofToken.length} sessions.`,
    ),
  ];
}

function checkEnds(history: History, state: FinalState): readonly Checked[] {
  const cases = casesOf(history);
  const stored = new Map(state.sessions.map((session) => [session.id, session]));
  const uses = [...of(history, 'mint').filter(({ minted }) => minted), ...of(history, 'redeem').filter(isAcknowledged)];
  const replaced = of(history, 'redeem').filter((entry) => isAcknowledged(entry) && entry.earlierSession);
  return [
    checked(
      'an acknowledged end of a session stands',
      [
        ...of(history, 'end').filter(isAcknowledged),
        ...replaced.map((entry) => ({ ...entry, session: entry.earlierSession })),
      ],
      ({ session = '' }) => (stored.get(session)?.end_status ? undefined : `${session} has no end.`),
    ),
    checked('no session token and no sign-in after an end, a ban or a block was acknowledged', uses, (use) => {
      const { session = '', begun } = use;
      const end = endBefore(session, begun, cases) ?? prohibitionOf(session, begun, cases);
      return end && `${named(use)}: begun ${Math.round(begun - end.answered)} ms after "${named(end)}" was answered.`;
    }),
    checked(
      'a session is not shown as active after its end was acknowledged',
      of(history, 'read').filter(({ isActive }) => isActive),
      ({ session = '', begun }) => {
        const end = endBefore(session, begun, cases) ?? prohibitionOf(session, begun, cases);
        return end && `${session}: begun ${Math.round(begun - end.answered)} ms after "${named(end)}" was answered.`;
      },
    ),
    checked(
      'a session that nobody ended gets its session tokens',
      of(history, 'mint').filter(({ outcome, browser }) => outcome !== 'unknown' && browser !== undefined),
      ({ session = '', begun, answered, outcome, code, browser }) => {
        if (outcome === 'acknowledged') return undefined;
        const isEnded = possibleEnds(session, answered, cases).length > 0;
        const own = cases.redemptions(browser).find((entry) => isAcknowledged(entry) && entry.session === session);
        // A later redemption of this browser whose answer was lost has replaced its cookie.
        const isReplaced = cases
          .redemptions(browser)
          .some((entry) => isPossible(entry) && entry.begun > (own?.begun ?? 0) && entry.begun < answered);
        return isEnded || isReplaced ? undefined : `${session} was refused with ${code} at ${Math.round(begun)} ms.`;
      },
    ),
  ];
}

function checkClaims(history: History): Checked {
  const creations = casesOf(history).creations;
  return checked(
    'a session token is signed, and names its user, actor and session for 60 seconds',
    history.filter(({ minted }) => minted),
    ({ minted, session = '' }) => {
      const creation = creations.get(session);
      if (minted === 'forged' || !minted) return `A token of ${session} has no valid signature.`;
      const isOfSession =
        minted.session === session && minted.user === creation?.user && minted.actor === creation?.actor;
      return isOfSession && minted.lifeInSeconds <= LONGEST_TOKEN_LIFE_IN_SECONDS
        ? undefined
        : `A token of ${session} names ${minted.session}, ${minted.user} and ${minted.actor}.`;
    },
  );
}

/** Returns the latest of these requests if its effect is known. One that found nothing to do has the same effect. */
function latestKnown(entries: History): Entry | undefined {
  const latest = entries.filter((entry) => isPossible(entry) || entry.code === 'resource_not_found').at(-1);
  return latest?.outcome === 'unknown' ? undefined : latest;
}

function checkPeople(history: History, state: FinalState): readonly Checked[] {
  const users = new Map(state.users.map((user) => [user.id, user]));
  const blocks = new Map(state.blocks.map((block) => [block.identifier, block]));
  const ofUser = Map.groupBy(of(history, 'createUser', 'renameUser', 'deleteUser', 'ban', 'unban'), ({ user }) => user);
  const ofActor = Map.groupBy(of(history, 'block', 'lift'), ({ actor }) => actor);
  return [
    checked(
      'the last acknowledged change of a user stands',
      [...ofUser].filter(([user]) => user !== undefined),
      ([id = '', entries]) => {
        const user = users.get(id);
        const [life, name, ban] = [
          latestKnown(of(entries, 'createUser', 'deleteUser')),
          latestKnown(of(entries, 'createUser', 'renameUser')),
          latestKnown(of(entries, 'ban', 'unban')),
        ];
        if (life?.operation === 'deleteUser') return user ? `${id} was deleted, and is stored.` : undefined;
        const isPerhapsDeleted = entries.some(({ operation }) => operation === 'deleteUser');
        if (!user) return isPerhapsDeleted ? undefined : `${id} is lost.`;
        if (name && user.first_name !== name.name) return `${id} has another name than ${name.name}.`;
        return ban && user.banned !== (ban.operation === 'ban')
          ? `${id}: the last ${ban.operation} is lost.`
          : undefined;
      },
    ),
    checked('the last acknowledged block or lift of an actor stands', [...ofActor], ([actor = '', entries]) => {
      const latest = latestKnown(entries);
      const { blocked_at: blockedAt = 0, lifted_at: liftedAt = -1 } = blocks.get(actor) ?? {};
      const isBlocked = blocks.has(actor) && liftedAt < blockedAt;
      return latest && isBlocked !== (latest.operation === 'block')
        ? `${actor}: the last ${latest.operation} is lost.`
        : undefined;
    }),
  ];
}

function checkOrigins(history: History, state: FinalState): readonly Checked[] {
  const cases = casesOf(history);
  const possible = (operation: Operation) =>
    new Set(
      of(history, operation)
        .filter(isPossible)
        .map(({ token }) => token),
    );
  const [redeemed, revoked] = [possible('redeem'), possible('revoke')];
  const created = new Set(of(history, 'create').map(({ token }) => token));
  const strangers = state.tokens.filter(({ id, status }) => status !== 'refused' && !created.has(id));
  const lost = of(history, 'create').filter(({ outcome }) => outcome === 'unknown');
  return [
    checked('nothing is stored that nobody asked for', [...state.tokens, ...state.sessions], (item) => {
      if ('end_status' in item && item.end_status)
        return possibleEnds(item.id, Number.POSITIVE_INFINITY, cases).length > 0
          ? undefined
          : `${item.id} has ended, and nobody ended it.`;
      if (!('status' in item)) return undefined;
      if (item.status === 'accepted' && !redeemed.has(item.id)) return `${item.id} was redeemed by nobody.`;
      return item.status === 'revoked' && !revoked.has(item.id) ? `${item.id} was revoked by nobody.` : undefined;
    }),
    {
      rule: 'a creation without an answer makes at most one actor token',
      cases: lost.length,
      violations:
        strangers.length > lost.length
          ? [`${strangers.length} actor tokens are stored that no answer named, after ${lost.length} lost answers.`]
          : [],
    },
  ];
}

function checkEvents(history: History, { tokens, sessions, seals, blocks }: FinalState): readonly Checked[] {
  const events = seals.flatMap(({ seal }) => ('fault' in seal ? [] : seal.events));
  const ids = Map.groupBy(events, ({ id }) => id);
  const counts = Map.groupBy(
    events,
    ({ type, actor_token_id, session_id, blocklist_identifier_id }) =>
      `${type} ${type.startsWith('session.') ? session_id : (blocklist_identifier_id ?? actor_token_id)}`,
  );
  const countOf = (type: string, id: string) => counts.get(`${type} ${id}`)?.length ?? 0;
  /** The transitions of which a record states that they happened, or that they did not. */
  const transitions = [
    ...tokens.flatMap(({ id, status }) => [
      { id, type: 'actor_token.created', times: status === 'refused' ? 0 : 1 },
      { id, type: 'actor_token.accepted', times: status === 'accepted' ? 1 : 0 },
      { id, type: 'actor_token.revoked', times: status === 'revoked' ? 1 : 0 },
    ]),
    ...sessions.flatMap(({ id, end_status }) => [
      { id, type: 'session.created', times: 1 },
      ...['ended', 'removed', 'revoked'].map((status) => ({
        id,
        type: `session.${status}`,
        times: end_status === status ? 1 : 0,
      })),
    ]),
  ];
  const ofActor = indexed(of(history, 'block', 'lift'), 'actor');
  return [
    checked('each transition has exactly one event', transitions, ({ id, type, times }) =>
      countOf(type, id) === times ? undefined : `${id} has ${countOf(type, id)} events ${type}, and not ${times}.`,
    ),
    checked('each block and each lift has its event', blocks, ({ id, identifier }) => {
      const entries = ofActor(identifier);
      const wrong = (['block', 'lift'] as const).find((operation) => {
        const count = countOf(`blocklist_identifier.${operation === 'block' ? 'created' : 'deleted'}`, id);
        const asked = of(entries, operation);
        return count < asked.filter(isAcknowledged).length || count > asked.filter(isPossible).length;
      });
      return wrong && `${identifier} has another number of events than acknowledged requests to ${wrong}.`;
    }),
    checked('no event is in the log twice, and none is a change past the product', [...ids], ([id, same]) => {
      if (same.length > 1) return `${id} is in the log ${same.length} times.`;
      const [event] = same;
      return event?.type === 'audit.record_changed' ? `${event.record?.id} was changed past the product.` : undefined;
    }),
  ];
}

function checkSeals({ seals, witnesses, verifyFaults, instanceId }: FinalState): readonly Checked[] {
  const soundAt = (seq: number): Seal | undefined => {
    const found = seals[seq - 1]?.seal;
    return found && !('fault' in found) ? found : undefined;
  };
  const faultOf = ({ seq, seal }: Found): string | undefined => {
    if ('fault' in seal) return seal.fault;
    // After a seal that is not sound, the next one has nothing to be compared with.
    const prev = seq === 1 ? null : (soundAt(seq - 1)?.hash ?? seal.prev);
    return faultOfLink(seal, { seq, prev, instanceId });
  };
  return [
    checked('the chain of seals is whole', seals, (found) => {
      const fault = faultOf(found);
      return fault && `${sealKey(found.seq)} ${fault}.`;
    }),
    checked('each seal that was the last one before a kill is still in its place', witnesses, ({ seq, hash }) =>
      soundAt(seq)?.hash === hash ? undefined : `${sealKey(seq)} is gone or was replaced.`,
    ),
    {
      rule: '`npm run audit -- verify` finds the chain whole, and the record as its log says',
      cases: 1,
      violations: verifyFaults,
    },
  ];
}

/** Checks every rule, for a history in the order of the answers. */
export function check(history: History, state: FinalState): readonly Checked[] {
  return [
    ...checkTokens(history, state),
    checkRecords(state),
    ...checkUses(history, state),
    ...checkEnds(history, state),
    checkClaims(history),
    ...checkPeople(history, state),
    ...checkOrigins(history, state),
    ...checkEvents(history, state),
    ...checkSeals(state),
  ];
}
