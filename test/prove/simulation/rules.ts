// The rules that hold after every event of a simulation.
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { siblingId } from '../../../shared/base/ids.ts';
import { limits } from '../../../shared/base/limits.ts';
import { blockIdOf } from '../../../shared/blocklist/block.ts';
import type { Change, Engine } from './engine.ts';
import type { PolicyName, Step } from './history.ts';
import type { KnownToken } from './operations.ts';

/** A violated rule. */
export class Violation extends Error {}

/** A request that was sent. */
export interface Begun {
  readonly step: Step;
  readonly token: KnownToken;
  readonly userId: string;
  readonly actorSub: string;
  /** The policy of the function that answers it. */
  readonly policy: PolicyName;
  /** The client whose cookie the browser sends. */
  readonly client: string | undefined;
  /** True for a request with the secret key that can be revoked. */
  readonly isWithSecondKey: boolean;
  /** The number of events before it. An event with a greater number is later. */
  readonly moment: number;
  readonly sentAt: number;
}

export interface Answered extends Begun {
  /** Undefined after a crash: nobody knows the effect. */
  readonly status: number | undefined;
  readonly text: string;
  /** True if a call of the step got a fault. */
  readonly isHurt: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: an item of any table; the rules state what is in it.
type Item = Readonly<Record<string, any>>;

/** An answer of success. */
interface Acknowledged extends Answered {
  /** The moment of the answer. */
  readonly acknowledged: number;
}

/** An acknowledged write, which must stay. */
interface Promised {
  readonly sentence: string;
  readonly isKept: (now: number) => boolean;
}

/** A right that an acknowledged request took away. */
interface Lost {
  readonly by: string;
  readonly acknowledged: number;
  readonly concerns: (session: Item) => boolean;
}

/** More than two clocks of a history differ. */
const TOLERANCE_IN_MS = 5000;
const INACTIVITY_IN_MS = limits.inactivityInSeconds * 1000;

const FINAL_OF_TOKEN = [
  'status',
  'session_id',
  'client_id',
  'client_secret_hash',
  'attempt',
  'updated_at',
  'ticket_hash',
];
const FIXED_IN_SESSION = [
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

/** The session tokens in an answer, as their claims. */
function sessionTokensIn(text: string): readonly Item[] {
  const jwts = text.match(/"jwt":"[^"]+"/g) ?? [];
  return jwts.map((jwt) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()));
}

function differsIn(names: readonly string[], one: Item, other: Item): string | undefined {
  return names.find((name) => one[name] !== other[name]);
}

const SIGN_INS: readonly Step['does'][] = ['redeem', 'accept'];

function isOver({ end_status, expire_at, last_active_at }: Item, now: number): boolean {
  return end_status !== undefined || Math.min(expire_at, last_active_at + INACTIVITY_IN_MS) <= now;
}

const OF_SESSION: readonly Step['does'][] = ['mint', 'touch', 'end', 'remove'];

export class Rules {
  readonly #engine: Engine;
  readonly #tolerance: number;
  readonly #promised: Promised[] = [];
  readonly #lost: Lost[] = [];
  readonly #begun: Begun[] = [];
  readonly #acknowledged: Acknowledged[] = [];
  /** The refusals that say that nothing happened. */
  readonly #refused: Answered[] = [];
  #seenChanges = 0;
  #violation: string | undefined;
  /** The number of events so far. */
  moment = 0;

  /** @param areClocksWrong times are then compared with a tolerance */
  constructor(engine: Engine, areClocksWrong: boolean) {
    this.#engine = engine;
    this.#tolerance = areClocksWrong ? TOLERANCE_IN_MS : 0;
  }

  #item(table: string, key: string): Item | undefined {
    const attributes = this.#engine.newest(table, key);
    return attributes && unmarshall(attributes);
  }

  #require(holds: boolean, sentence: string): void {
    if (!holds) this.#violation ??= sentence;
  }

  /** Takes note of a request that is sent. */
  begin(begun: Begun): void {
    this.#begun.push(begun);
  }

  /** Takes note of an answer, and checks it. */
  answer(answered: Answered): void {
    const { step, status, text, isHurt } = answered;
    if (status === undefined) return;
    const name = `step ${step.id} (${step.does})`;
    const isAllowed = (status >= 200 && status < 500) || (status === 503 && isHurt);
    this.#require(isAllowed, `${name} is answered with ${status}`);
    if (status >= 400) {
      const isInForm = step.does === 'accept' || Array.isArray(JSON.parse(text).errors);
      this.#require(isInForm, `${name} is refused in another form`);
      // The effect of a request that is to be repeated is unknown.
      if (status < 500 && status !== 429) {
        this.#refused.push(answered);
        this.#checkRefusal(answered, name);
      }
      return;
    }
    this.#checkSuccess(answered, name);
    this.#acknowledged.push({ ...answered, acknowledged: this.moment });
    this.#keep(answered, name);
  }

  #checkSuccess(answered: Answered, name: string): void {
    const { token, step, text } = answered;
    for (const claims of sessionTokensIn(text)) this.#checkSessionToken(claims, answered, name);
    const keyIsRevoked = this.#acknowledged.find(
      (each) => each.step.does === 'revokeKey' && each.acknowledged < answered.moment,
    );
    this.#require(!keyIsRevoked || !answered.isWithSecondKey, `${name} succeeds with a revoked secret key`);
    const read =
      step.does === 'read' &&
      JSON.parse(text).status === 'active' &&
      this.#item('Sessions', siblingId('sess', token.id));
    if (read) this.#checkRights(read, answered, name);
    if (OF_SESSION.includes(step.does)) {
      const owner = this.#item('Sessions', siblingId('sess', token.id))?.client_id;
      this.#require(owner === answered.client, `${name} changes the session of another browser`);
    }
    if (!SIGN_INS.includes(step.does)) return;
    const earlier = this.#acknowledged.find((each) => each.token.id === token.id && SIGN_INS.includes(each.step.does));
    this.#require(!earlier, `${name} uses the ticket of step ${earlier?.step.id} again`);
    const session = this.#item('Sessions', siblingId('sess', token.id));
    this.#require(session !== undefined, `${name} starts no session`);
    if (!session) return;
    this.#checkRights(session, answered, name);
    const others = this.#sessionsOf(answered.client).filter(({ id }) => id !== session.id);
    const isAlone = others.every((each) => isOver(each, answered.sentAt + this.#tolerance));
    this.#require(isAlone, `${name} leaves another session of its browser alive`);
  }

  #sessionsOf(client: string | undefined): readonly Item[] {
    const sessions = [...this.#engine.items('Sessions').values()].map((each): Item => unmarshall(each));
    return sessions.filter(({ client_id }) => client_id === client);
  }

  /** Checks that a refusal is true: it had no effect, and there was a reason for it. */
  #checkRefusal({ step, token, text, actorSub, moment }: Answered, name: string): void {
    const isAcknowledged = (does: Step['does'], isMeant: (each: Acknowledged) => boolean) =>
      this.#acknowledged.some((each) => each.step.does === does && each.acknowledged < moment && isMeant(each));
    const isNewTicket = isAcknowledged('create', (each) => JSON.parse(each.text).id === token.id);
    this.#require(!isNewTicket || !text.includes('ticket_invalid_code'), `${name} is told that a valid ticket is not`);
    if (SIGN_INS.includes(step.does) && this.#item('ActorTokens', token.id)?.status === 'accepted') {
      const isOfToken = (each: Begun) => each.token.id === token.id && SIGN_INS.includes(each.step.does);
      const isRefused = (each: Begun) => this.#refused.some((refused) => refused.step === each.step);
      const areAllRefused = this.#begun.filter(isOfToken).every(isRefused);
      this.#require(!areAllRefused, `${name} is refused, as all others with its ticket, which is used`);
    }
    if (step.does !== 'lift' || !text.includes('resource_not_found')) return;
    const isBlocked = isAcknowledged('block', (each) => each.actorSub === actorSub);
    const mayBeLifted = this.#begun.some(
      (each) => each.step.does === 'lift' && each.step !== step && each.actorSub === actorSub,
    );
    this.#require(!isBlocked || mayBeLifted, `${name} does not find a block that stands`);
  }

  #checkSessionToken(claims: Item, answered: Answered, name: string): void {
    const session = this.#item('Sessions', String(claims.sid));
    const token = session && this.#item('ActorTokens', session.actor_token_id);
    const isFromTicket = token?.status === 'accepted' && token.session_id === claims.sid;
    this.#require(isFromTicket, `${name} gets a token of a session without a ticket`);
    if (!session || !token) return;
    const isRight = claims.sub === token.user_id && JSON.stringify(claims.act) === token.actor;
    this.#require(isRight, `${name} gets a token for another user or actor than the ticket`);
    const isShort =
      claims.exp - claims.iat <= limits.sessionTokenLifeInSeconds && claims.exp * 1000 <= session.expire_at;
    this.#require(isShort, `${name} gets a token that lives too long`);
    const before = this.#engine.itemAt('Sessions', session.id, answered.sentAt);
    const lastActiveAt = before ? Number(before.last_active_at?.N) : session.created_at;
    const end = Math.min(session.expire_at, lastActiveAt + INACTIVITY_IN_MS);
    this.#require(answered.sentAt - this.#tolerance < end, `${name} gets a token after a limit of the session`);
    this.#checkRights(session, answered, name);
  }

  /** Checks that no acknowledged request had taken the right away before this one was sent. */
  #checkRights(session: Item, { moment, policy }: Answered, name: string): void {
    const lost = this.#lost.find(({ acknowledged, concerns }) => acknowledged < moment && concerns(session));
    this.#require(lost === undefined, `${name} uses a right that was lost by ${lost?.by}`);
    if (policy !== 'never-staff') return;
    const isOfUser = ({ userId }: Begun) => userId === session.user_id;
    const promoted = this.#acknowledged.some(
      (each) => isOfUser(each) && each.step.does === 'promote' && each.acknowledged < moment,
    );
    const mayBeDemoted = this.#begun.some((each) => isOfUser(each) && each.step.does === 'demote');
    this.#require(!promoted || mayBeDemoted, `${name} becomes a user whom the policy denies`);
  }

  /** True for an actor token that was there before this request was sent, by all clocks. */
  #isOlder(actorTokenId: unknown, { moment, sentAt }: Begun): boolean {
    const created = this.#acknowledged.find(
      ({ step, text }) => step.does === 'create' && JSON.parse(text).id === actorTokenId,
    );
    if (!created) return true;
    return created.acknowledged < moment && created.sentAt + this.#tolerance <= sentAt;
  }

  /** True if another request of this kind, about the same user or actor, may have come after this one. */
  #isBegunSince({ step, userId, actorSub, moment }: Answered, does: 'ban' | 'unban' | 'lift'): boolean {
    const isLater = (each: Begun) =>
      !this.#acknowledged.some(({ step: other, acknowledged }) => other === each.step && acknowledged < moment);
    const isRefused = (each: Begun) => this.#refused.some((refused) => refused.step === each.step);
    const isMeant = (each: Begun) => (does === 'lift' ? each.actorSub === actorSub : each.userId === userId);
    return this.#begun.some(
      (each) => each.step !== step && each.step.does === does && isMeant(each) && isLater(each) && !isRefused(each),
    );
  }

  #isBlocked(actorSub: string): boolean {
    const { blocked_at, lifted_at } = this.#item('Blocklist', blockIdOf(actorSub)) ?? {};
    return blocked_at !== undefined && !(lifted_at >= blocked_at);
  }

  /** Takes note of what an acknowledged request promises. */
  #keep(answered: Answered, name: string): void {
    const { step, token, userId, actorSub, text } = answered;
    const session = siblingId('sess', token.id);
    const promise = (sentence: string, isKept: Promised['isKept']): void => {
      this.#promised.push({ isKept, sentence: `${name} was acknowledged, but ${sentence}` });
    };
    const lose = (concerns: Lost['concerns']): void => {
      this.#lost.push({ by: name, acknowledged: this.moment, concerns });
    };
    switch (step.does) {
      case 'create':
        promise('there is no actor token', () => this.#item('ActorTokens', JSON.parse(text).id) !== undefined);
        break;
      case 'revoke':
        promise('the token is not revoked', () => this.#item('ActorTokens', token.id)?.status === 'revoked');
        lose(({ id }) => id === session);
        break;
      case 'redeem':
      case 'accept': {
        const ofBrowser = this.#sessionsOf(this.#item('Sessions', session)?.client_id);
        const replaced = ofBrowser.filter(({ end_cause }) => end_cause === 'sign_in');
        promise('the token is not accepted', () => this.#item('ActorTokens', token.id)?.status === 'accepted');
        lose(({ id }) => replaced.some((each) => each.id === id));
        break;
      }
      case 'end':
      case 'remove':
      case 'endByServer':
        promise('the session has no end', () => this.#item('Sessions', session)?.end_status !== undefined);
        lose(({ id }) => id === session);
        break;
      case 'signOut': {
        // A session that starts while a sign-out is on its way may be later than it.
        const isOlder = ({ id }: Item) => this.#engine.itemAt('Sessions', id, answered.sentAt - 1) !== undefined;
        for (const { id } of this.#sessionsOf(answered.client).filter(isOlder))
          promise('a session of the browser goes on', (now) => {
            return isOver(this.#item('Sessions', id) ?? {}, now + this.#tolerance);
          });
        break;
      }
      case 'touch': {
        const { last_active_at: activity } = JSON.parse(text).response;
        promise('the activity is forgotten', () => this.#item('Sessions', session)?.last_active_at >= activity);
        break;
      }
      case 'ban':
        promise('the user is not banned', () => {
          return this.#item('Users', userId)?.banned === true || this.#isBegunSince(answered, 'unban');
        });
        lose(({ user_id, actor_token_id }) => user_id === userId && this.#isOlder(actor_token_id, answered));
        break;
      case 'unban':
        promise('the user is banned', () => {
          return this.#item('Users', userId)?.banned === false || this.#isBegunSince(answered, 'ban');
        });
        break;
      case 'block':
        promise('the block does not stand', () => {
          return this.#isBlocked(actorSub) || this.#isBegunSince(answered, 'lift');
        });
        lose(({ actor, actor_token_id }) => {
          return JSON.parse(actor).sub === actorSub && this.#isOlder(actor_token_id, answered);
        });
        break;
      default:
        break;
    }
  }

  #checkChange({ table, before: old, after }: Change): void {
    if (!after) {
      this.#require(table === 'Users', `an item of ${table} is deleted`);
      return;
    }
    const [was, is]: [Item | undefined, Item] = [old && unmarshall(old), unmarshall(after)];
    if (table === 'ActorTokens') this.#checkActorToken(was, is);
    if (table === 'Sessions') this.#checkSession(was, is);
  }

  #checkActorToken(was: Item | undefined, is: Item): void {
    const isNew = was === undefined && ['pending', 'refused'].includes(is.status);
    const isChanged = was?.status === 'pending' && ['pending', 'accepted', 'revoked'].includes(is.status);
    const isSame = was !== undefined && differsIn(FINAL_OF_TOKEN, was, is) === undefined;
    this.#require(isNew || isChanged || isSame, `an actor token that was ${was?.status} changes`);
  }

  #checkSession(was: Item | undefined, is: Item): void {
    const token = this.#item('ActorTokens', is.actor_token_id);
    const isFromTicket = token?.status === 'accepted' && token.session_id === is.id && token.client_id === is.client_id;
    this.#require(isFromTicket, 'a session does not belong to an accepted actor token');
    const written = END_OF_SESSION.filter((name) => name in is).length;
    this.#require([0, END_OF_SESSION.length].includes(written), 'a session has half an end');
    this.#require(is.end_cause !== 'tampered' && is.end_cause !== 'user_deleted', `a session ends as ${is.end_cause}`);
    if (!was) {
      this.#checkStart(is, token ?? {});
      return;
    }
    this.#require(differsIn(FIXED_IN_SESSION, was, is) === undefined, 'a session becomes another one');
    const isEndKept = was.end_status === undefined || differsIn(END_OF_SESSION, was, is) === undefined;
    this.#require(isEndKept, 'the end of a session changes');
  }

  #checkStart({ created_at, user_id, actor_token_id }: Item, { expire_at, created_at: issuedAt }: Item): void {
    this.#require(created_at < expire_at, 'a session starts after the end of its ticket');
    const user = this.#item('Users', user_id);
    const isBanned = user?.banned !== false || user.unbanned_at > issuedAt;
    this.#require(!isBanned, 'a session starts as a user who is banned, or was since the ticket was created');
    const isStaff = JSON.parse(user?.private_metadata ?? '{}').role === 'admin';
    const signIns = this.#begun.filter(
      ({ step, token }) => SIGN_INS.includes(step.does) && token.id === actor_token_id,
    );
    const mayBeAllowed = signIns.some(({ policy }) => policy !== 'never-staff');
    this.#require(!isStaff || mayBeAllowed, 'a session starts as a user whom the policy denies');
  }

  /** Checks that a browser has one session that is not ended. */
  #checkClients(now: number): void {
    const live = [...this.#engine.items('Sessions').values()]
      .map((each) => unmarshall(each))
      .filter(({ end_status, expire_at }) => end_status === undefined && expire_at > now);
    for (const [client, sessions] of Map.groupBy(live, ({ client_id }) => String(client_id))) {
      const current = this.#item('Clients', client);
      const isCurrent = sessions.length === 1 && sessions[0]?.id === current?.session_id;
      this.#require(isCurrent, `a browser has ${sessions.length} sessions that are not ended`);
    }
  }

  /** Checks everything that has changed since the last event. Throws a Violation. */
  check(now: number): void {
    this.moment += 1;
    const changes = this.#engine.changes.slice(this.#seenChanges);
    this.#seenChanges += changes.length;
    if (changes.length > 0) {
      for (const change of changes) this.#checkChange(change);
      this.#checkClients(now + this.#tolerance);
      for (const { isKept, sentence } of this.#promised) this.#require(isKept(now), sentence);
    }
    if (this.#violation !== undefined) throw new Violation(this.#violation);
  }
}
