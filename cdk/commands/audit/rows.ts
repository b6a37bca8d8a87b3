import type { AuditEvent } from '../../../shared/audit/event.ts';
import { formatTime } from '../format-time.ts';
import type { SealedEvent } from './sealed-events.ts';

/** Returns the id of the record that an event is about. */
function subjectOf({ session_id, actor_token_id, blocklist_identifier_id, secret_key_id, record }: AuditEvent): string {
  return session_id ?? actor_token_id ?? blocklist_identifier_id ?? secret_key_id ?? record?.id ?? '';
}

/** Returns the reason, the cause of an end or of a refusal, the rule of the policy, and the attributes that were changed. */
function whyOf({ reason, cause, refusal, rule, changed, identifier, name }: AuditEvent): string {
  const parts = [cause ?? refusal, rule && `rule ${rule}`, reason, identifier ?? name, changed?.join(' ')];
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}

/** Returns the row of an event in a table for people. */
export function eventRow({ event }: SealedEvent): readonly string[] {
  const { at, type, actor, user_id, external_id, by } = event;
  const who = actor ? actor.sub : (by?.kind ?? '');
  return [formatTime(at), type, who, external_id ?? user_id ?? '', subjectOf(event), whyOf(event)];
}

/** The columns of `--csv`. */
const COLUMNS = [
  'seal',
  'id',
  'at',
  'type',
  'actor_sub',
  'operator_iss',
  'operator_sub',
  'user_id',
  'external_id',
  'actor_token_id',
  'session_id',
  'blocklist_identifier_id',
  'secret_key_id',
  'reason',
  'rule',
  'policy',
  'refusal',
  'cause',
  'by_kind',
  'by_id',
  'from',
  'with',
  'changed',
] as const;

/** Source: RFC 4180. A spreadsheet would take a text that begins like a formula for one, so it gets an apostrophe. */
function field(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Returns the first line of `--csv`. */
export function csvHeader(): string {
  return COLUMNS.join(',');
}

/** Returns the line of an event in `--csv`. */
export function csvLine({ seal, event }: SealedEvent): string {
  const { actor, operator, by, changed, at, ...rest } = event;
  const values: Readonly<Record<string, unknown>> = {
    ...rest,
    seal,
    at: formatTime(at),
    actor_sub: actor?.sub,
    operator_iss: operator?.iss,
    operator_sub: operator?.sub,
    by_kind: by?.kind,
    by_id: by?.id,
    changed: changed?.join(' '),
  };
  return COLUMNS.map((column) => field(String(values[column] ?? ''))).join(',');
}
