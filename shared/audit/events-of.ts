/**
 * The events that an item states: each transition that its attributes tell of. A change of the item is then an event exactly when the item
 * states one more than before and nothing else of it changed.
 */
import * as v from 'valibot';
import { ERASED_ACTOR } from '../actor-tokens/impersonation-record.ts';
import type { Id } from '../base/ids.ts';
import { sha256 } from '../base/sha256.ts';
import type { EpochMs } from '../base/time.ts';
import { instant } from '../storage/attributes.ts';
import type { Item } from '../storage/item.ts';
import type { AuditedTable } from './audited-tables.ts';
import { type AuditEvent, type EventType, eventIdOf } from './event.ts';

const text = v.nullish(v.string());
const number = v.nullish(v.number());
const moment = v.nullish(instant);

const json = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(v.string(), v.parseJson(), v.looseObject(entries));

const actor = json({ sub: v.string() });
const operator = json({ iss: v.string(), sub: v.string(), auth_time: v.exactOptional(v.number()) });

const impersonation = {
  user_id: v.string(),
  external_id: text,
  actor: v.string(),
  verified: text,
  reason: text,
  rule: text,
  generation: v.number(),
  created_at: instant,
  created_from: text,
  created_with: text,
  erased_at: moment,
};

const token = v.looseObject({
  id: v.string(),
  status: v.picklist(['pending', 'accepted', 'revoked', 'refused']),
  ...impersonation,
  policy: text,
  expire_at: instant,
  session_max_duration_in_seconds: v.number(),
  created_by: v.string(),
  updated_at: instant,
  accepted_at: moment,
  accepted_from: text,
  accepted_with: text,
  session_id: text,
  client_id: text,
  revoked_by: text,
  revoked_from: text,
  revoked_with: text,
  refused_at: moment,
  refusal: text,
  refused_rule: text,
  refused_from: text,
  refused_with: text,
});

const session = v.looseObject({
  id: v.string(),
  ...impersonation,
  actor_token_id: v.string(),
  client_id: v.string(),
  expire_at: instant,
  end_status: v.nullish(v.picklist(['ended', 'removed', 'revoked'])),
  ended_at: moment,
  end_cause: text,
  end_rule: text,
  ended_by: text,
  ended_from: text,
  ended_with: text,
});

const block = v.looseObject({
  id: v.string(),
  identifier: v.string(),
  reason: text,
  blocked_at: instant,
  blocked_by: v.string(),
  lifted_at: moment,
  lifted_by: text,
});

const secretKey = v.looseObject({
  id: v.string(),
  name: v.string(),
  scopes: v.nullish(v.array(v.string())),
  generation: v.number(),
  created_at: instant,
  expires_at: number,
  revoked_at: moment,
});

type Stored<Schema extends v.GenericSchema> = v.InferOutput<Schema>;

/** The members that are known, in their order. */
function present<Members extends object>(members: Members): { [Name in keyof Members]: NonNullable<Members[Name]> } {
  const known = Object.entries(members).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(known) as { [Name in keyof Members]: NonNullable<Members[Name]> };
}

/** True when the people of a record were erased. */
function isErased<Record extends Pick<Stored<typeof token>, 'actor' | 'erased_at'>>(
  record: Record,
): record is Record & { readonly erased_at: EpochMs } {
  return record.erased_at != null && record.actor === ERASED_ACTOR;
}

/** The people of an impersonation, by the ids that an event may have. */
function peopleOf({ actor: actorText, verified }: Pick<Stored<typeof token>, 'actor' | 'verified'>) {
  const { sub, ...others } = v.parse(actor, actorText);
  const hasMore = Object.keys(others).length > 0;
  const known = verified == null ? undefined : v.parse(operator, verified);
  return {
    actor: { sub, ...(hasMore && { sha256: sha256(actorText) }) },
    operator: known && {
      ...present({ iss: known.iss, sub: known.sub, auth_time: known.auth_time }),
      sha256: sha256(String(verified)),
    },
  };
}

/** The caller, as the attributes name them. The event names the operator beside it. */
function callerOf(by: string | null | undefined): NonNullable<AuditEvent['by']> {
  if (by == null || by === 'command') return { kind: 'command' };
  if (by === 'operator') return { kind: 'operator' };
  return { kind: 'secret_key', id: by };
}

/** Makes the events of one record. */
function eventMaker(recordId: string, instanceId: Id<'ins'>, common: object) {
  return (type: EventType, at: number, members: object = {}): AuditEvent => {
    const id = eventIdOf(recordId, type, at);
    return present({ id, type, at, instance_id: instanceId, ...common, ...members }) as AuditEvent;
  };
}

function eventsOfActorToken(item: Item, instanceId: Id<'ins'>): readonly AuditEvent[] {
  const stored = v.parse(token, item);
  const { id, status, user_id, external_id, reason, rule, policy, generation, expire_at, refusal } = stored;
  const people = peopleOf(stored);
  const about = { generation, actor_token_id: id, user_id, external_id, ...people, reason, rule, policy };
  const make = eventMaker(id, instanceId, about);
  const creation = {
    expire_at,
    session_max_duration_in_seconds: stored.session_max_duration_in_seconds,
    by: callerOf(stored.created_by),
    from: stored.created_from,
    with: stored.created_with,
  };
  const refused = { rule: stored.refused_rule, refusal };
  const events = [
    status === 'refused'
      ? make('actor_token.refused', stored.created_at, { ...creation, ...refused })
      : make('actor_token.created', stored.created_at, creation),
  ];
  if (stored.refused_at != null)
    events.push(
      make('actor_token.refused', stored.refused_at, {
        ...refused,
        by: { kind: 'browser' },
        from: stored.refused_from,
        with: stored.refused_with,
      }),
    );
  if (stored.accepted_at != null)
    events.push(
      make('actor_token.accepted', stored.accepted_at, {
        session_id: stored.session_id,
        client_id: stored.client_id,
        by: present({ kind: 'browser', id: stored.client_id }),
        from: stored.accepted_from,
        with: stored.accepted_with,
      }),
    );
  if (status === 'revoked')
    events.push(
      make('actor_token.revoked', stored.updated_at, {
        by: callerOf(stored.revoked_by),
        from: stored.revoked_from,
        with: stored.revoked_with,
      }),
    );
  return isErased(stored) ? [...events, make('actor_token.erased', stored.erased_at)] : events;
}

/** Returns the caller that ended a session: a server, a browser, a command, or the service, which found that the session may not continue. */
function enderOf({ ended_by, ended_from, ended_with, client_id }: Stored<typeof session>): AuditEvent['by'] {
  if (ended_by != null) return { kind: 'secret_key', id: ended_by };
  if (ended_from != null) return { kind: 'browser', id: client_id };
  return { kind: ended_with == null ? 'service' : 'command' };
}

function eventsOfSession(item: Item, instanceId: Id<'ins'>): readonly AuditEvent[] {
  const stored = v.parse(session, item);
  const { id, actor_token_id, user_id, external_id, client_id, reason, rule, generation } = stored;
  const people = peopleOf(stored);
  const about = {
    generation,
    actor_token_id,
    session_id: id,
    client_id,
    user_id,
    external_id,
    ...people,
    reason,
    rule,
  };
  const make = eventMaker(id, instanceId, about);
  const events = [
    make('session.created', stored.created_at, {
      expire_at: stored.expire_at,
      by: { kind: 'browser', id: client_id },
      from: stored.created_from,
      with: stored.created_with,
    }),
  ];
  if (stored.end_status != null && stored.ended_at != null)
    events.push(
      make(`session.${stored.end_status}`, stored.ended_at, {
        rule: stored.end_rule,
        cause: stored.end_cause,
        by: enderOf(stored),
        from: stored.ended_from,
        with: stored.ended_with,
      }),
    );
  return isErased(stored) ? [...events, make('session.erased', stored.erased_at)] : events;
}

/** An identifier that is an e-mail address is not named: the id of the block follows from it. */
function identifierOf({ identifier }: Stored<typeof block>): string | undefined {
  return identifier.includes('@') ? undefined : identifier;
}

function eventsOfBlock(item: Item, instanceId: Id<'ins'>): readonly AuditEvent[] {
  const stored = v.parse(block, item);
  const { id, blocked_at: blockedAt, lifted_at: liftedAt } = stored;
  const make = eventMaker(id, instanceId, { blocklist_identifier_id: id, identifier: identifierOf(stored) });
  const created = make('blocklist_identifier.created', blockedAt, {
    reason: stored.reason,
    by: callerOf(stored.blocked_by),
  });
  if (liftedAt == null) return [created];
  return [created, make('blocklist_identifier.deleted', liftedAt, { by: callerOf(stored.lifted_by) })];
}

function eventsOfSecretKey(item: Item, instanceId: Id<'ins'>): readonly AuditEvent[] {
  const stored = v.parse(secretKey, item);
  const { id, name, scopes, generation, created_at: createdAt, expires_at: expireAt, revoked_at: revokedAt } = stored;
  const make = eventMaker(id, instanceId, { generation, secret_key_id: id });
  const created = make('secret_key.created', createdAt, {
    name,
    scopes,
    expire_at: expireAt,
    by: { kind: 'command' },
  });
  return revokedAt == null ? [created] : [created, make('secret_key.revoked', revokedAt, { by: { kind: 'command' } })];
}

const eventsIn = {
  ActorTokens: eventsOfActorToken,
  Sessions: eventsOfSession,
  Blocklist: eventsOfBlock,
  SecretKeys: eventsOfSecretKey,
} as const satisfies Record<AuditedTable, unknown>;

/**
 * The events that an item states, in the order in which they happened; undefined for an item that is no record of its table.
 */
export function eventsOf(table: AuditedTable, item: Item, instanceId: Id<'ins'>): readonly AuditEvent[] | undefined {
  try {
    return eventsIn[table](item, instanceId);
  } catch (error) {
    if (error instanceof v.ValiError) return undefined;
    throw error;
  }
}
