/**
 * An event of the record: one transition of an actor token, a session, a block or a secret key. It names people by `actor.sub`, the
 * operator's `sub` and ids; the rest of the actor and of the operator's claims is there as SHA-256. No secret is in it.
 */
import * as v from 'valibot';
import { derivedId, type EventId, idSchema } from '../base/ids.ts';
import { instant } from '../storage/attributes.ts';
import { auditedTables } from './audited-tables.ts';

/** The source of the events on the bus. */
export const EVENT_SOURCE = 'actor-tokens';

/** The id of the event of a fact: always the same one, however often the fact is delivered. */
export function eventIdOf(recordId: string, type: EventType, at: number | string): EventId {
  return derivedId('evt', `${recordId}|${type}|${at}`);
}

export const eventTypes = [
  'actor_token.created',
  'actor_token.refused',
  'actor_token.accepted',
  'actor_token.revoked',
  'actor_token.erased',
  'session.created',
  'session.ended',
  'session.removed',
  'session.revoked',
  'session.erased',
  'blocklist_identifier.created',
  'blocklist_identifier.deleted',
  'secret_key.created',
  'secret_key.revoked',
  'audit.record_changed',
] as const;
export type EventType = (typeof eventTypes)[number];

/** The transitions of which a record states the latest only. */
export const REPEATED: readonly EventType[] = [
  'actor_token.refused',
  'blocklist_identifier.created',
  'blocklist_identifier.deleted',
];

const text = v.exactOptional(v.string());
const count = v.exactOptional(v.number());

/** The members of an event, in the order in which they are written. */
export const eventSchema = v.strictObject({
  id: idSchema('evt'),
  type: v.picklist(eventTypes),
  at: instant,
  instance_id: idSchema('ins'),
  generation: count,
  actor_token_id: text,
  session_id: text,
  blocklist_identifier_id: text,
  secret_key_id: text,
  client_id: text,
  user_id: text,
  external_id: text,
  /** `sha256` is that of the whole actor as JSON, where it has more members than `sub`. */
  actor: v.exactOptional(v.strictObject({ sub: v.string(), sha256: text })),
  /** `sha256` is that of all that the record keeps of the operator's token, as JSON. */
  operator: v.exactOptional(v.strictObject({ iss: v.string(), sub: v.string(), auth_time: count, sha256: v.string() })),
  reason: text,
  rule: text,
  policy: text,
  refusal: text,
  cause: text,
  identifier: text,
  name: text,
  scopes: v.exactOptional(v.array(v.string())),
  expire_at: count,
  session_max_duration_in_seconds: count,
  by: v.exactOptional(
    v.strictObject({ kind: v.picklist(['operator', 'secret_key', 'browser', 'command', 'service']), id: text }),
  ),
  from: text,
  with: text,
  /** Of `audit.record_changed`: the record, and the names of the attributes that changed; none for one that was deleted. */
  record: v.exactOptional(v.strictObject({ table: v.picklist(auditedTables), id: v.string() })),
  changed: v.exactOptional(v.array(v.string())),
});

export type AuditEvent = v.InferOutput<typeof eventSchema>;

/** The event as the line of a seal. */
export function eventLine(event: AuditEvent): string {
  return JSON.stringify(event);
}

/** The event of a line; undefined for a line of another form. */
export function eventFrom(line: string): AuditEvent | undefined {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), eventSchema), line);
  return result.success ? result.output : undefined;
}
