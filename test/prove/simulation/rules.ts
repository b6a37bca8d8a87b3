// Evaluates the invariants after every event of a simulation, with what its requests were told.
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type AuditedTable, auditedTables } from '../../../shared/audit/audited-tables.ts';
import { eventOfChange } from '../../../shared/audit/event-of-change.ts';
import { siblingId } from '../../../shared/base/ids.ts';
import { limits } from '../../../shared/base/limits.ts';
import { epochMs } from '../../../shared/base/time.ts';
import { blockIdOf } from '../../../shared/blocklist/block.ts';
import { type Change, type Item, type Step as Judged, type Minted, violatedBy } from '../invariants.ts';
import type { Change as Committed, Engine } from './engine.ts';
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

/** The session tokens in an answer, as their claims. */
function sessionTokensIn(text: string): readonly Item[] {
  const jwts = text.match(/"jwt":"[^"]+"/g) ?? [];
  return jwts.map((jwt) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()));
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
  readonly #eventIds = new Set<string>();
  #seenChanges = 0;
  #now = 0;
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
    this.#judge({ minted: sessionTokensIn(text).map((claims) => this.#minted(claims, answered)) }, name);
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
    const isFirst = !this.#acknowledged.some((each) => each.token.id === token.id && SIGN_INS.includes(each.step.does));
    this.#judge({ signIns: [{ actorTokenId: token.id, isFirst }] }, name);
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

  #minted(claims: Item, answered: Answered): Minted {
    const { sentAt } = answered;
    const session = this.#item('Sessions', String(claims.sid));
    const before = session && this.#engine.itemAt('Sessions', session.id, sentAt);
    const lastActiveAt = before ? Number(before.last_active_at?.N) : sentAt;
    return { claims, sentAt, lastActiveAt, lostBy: session && this.#lostBy(session, answered) };
  }

  /** The acknowledged request that had taken the right to a session away before this one was sent. */
  #lostBy(session: Item, { moment, policy }: Answered): string | undefined {
    const lost = this.#lost.find(({ acknowledged, concerns }) => acknowledged < moment && concerns(session));
    if (lost || policy !== 'never-staff') return lost?.by;
    const isOfUser = ({ userId }: Begun) => userId === session.user_id;
    const mayBeDemoted = this.#begun.some((each) => isOfUser(each) && each.step.does === 'demote');
    const isPromotion = (each: Acknowledged) =>
      isOfUser(each) && each.step.does === 'promote' && each.acknowledged < moment;
    const promotion = mayBeDemoted ? undefined : this.#acknowledged.find(isPromotion);
    return promotion && `step ${promotion.step.id} (promote)`;
  }

  /** Checks that no acknowledged request had taken the right away before this one was sent. */
  #checkRights(session: Item, answered: Answered, name: string): void {
    const lostBy = this.#lostBy(session, answered);
    this.#require(lostBy === undefined, `${name} uses a right that was lost by ${lostBy}`);
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
          return this.#item('Users', userId)?.banned !== false || this.#isBegunSince(answered, 'unban');
        });
        lose(({ user_id, actor_token_id }) => user_id === userId && this.#isOlder(actor_token_id, answered));
        break;
      case 'deleteUser':
        promise('the user is stored', () => this.#item('Users', userId) === undefined);
        lose(({ user_id }) => user_id === userId);
        break;
      case 'unban':
        promise('the user is banned', () => {
          return this.#item('Users', userId)?.banned !== true || this.#isBegunSince(answered, 'ban');
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

  /** Evaluates the invariants. */
  #judge(judged: Partial<Judged>, name: string): void {
    const violated = violatedBy({
      changes: [],
      itemOf: (table, id) => this.#item(table, id),
      userOf: (id) => this.#item('Users', id),
      sessionsOf: (clientId) => this.#sessionsOf(clientId),
      now: this.#now,
      tolerance: this.#tolerance,
      ...judged,
    });
    if (violated === undefined) return;
    const detail = judged.brokenPromise ?? judged.minted?.map(({ lostBy }) => lostBy).find(Boolean);
    this.#require(false, `${name}: ${violated}${detail === undefined ? '' : ` (${detail})`}`);
  }

  /** The change with its event, as the log of the product would have it. */
  #changeOf({ table, key, before: old, after: now, at }: Committed, index: number): Change {
    const [before, after] = [old && unmarshall(old), now && unmarshall(now)];
    const isAudited = auditedTables.some((each) => each === table);
    if (!isAudited) return { table, before, after };
    const change = { table: table as AuditedTable, changeId: `${key} ${index}`, at: epochMs(at), isExpiry: false };
    const event = eventOfChange({ ...change, before, after }, 'ins_simulated');
    if (!event) return { table, before, after, event };
    const isNew = !this.#eventIds.has(event.id);
    this.#eventIds.add(event.id);
    return { table, before, after, event: { type: event.type, isNew } };
  }

  /** Checks what the invariants do not know: the policies of the functions, and causes that no history has. */
  #checkChange({ table, before, after }: Change): void {
    if (table !== 'Sessions' || !after) return;
    const mayBeDeleted = this.#begun.some(({ step, userId }) => step.does === 'deleteUser' && userId === after.user_id);
    const isPossible = after.end_cause !== 'tampered' && (after.end_cause !== 'user_deleted' || mayBeDeleted);
    this.#require(isPossible, `a session ends as ${after.end_cause}`);
    if (!before) this.#checkStart(after);
  }

  #checkStart({ user_id, actor_token_id }: Item): void {
    const isStaff = JSON.parse(this.#item('Users', user_id)?.private_metadata ?? '{}').role === 'admin';
    const signIns = this.#begun.filter(
      ({ step, token }) => SIGN_INS.includes(step.does) && token.id === actor_token_id,
    );
    const mayBeAllowed = signIns.some(({ policy }) => policy !== 'never-staff');
    this.#require(!isStaff || mayBeAllowed, 'a session starts as a user whom the policy denies');
  }

  /** Checks everything that has changed since the last event. Throws a Violation. */
  check(now: number): void {
    this.moment += 1;
    this.#now = now;
    const committed = this.#engine.changes.slice(this.#seenChanges);
    if (committed.length > 0) {
      const changes = committed.map((each, index) => this.#changeOf(each, this.#seenChanges + index));
      this.#seenChanges += committed.length;
      const broken = this.#promised.find(({ isKept }) => !isKept(now));
      this.#judge({ changes, brokenPromise: broken?.sentence }, 'a change');
      for (const change of changes) this.#checkChange(change);
    }
    if (this.#violation !== undefined) throw new Violation(this.#violation);
  }
}
