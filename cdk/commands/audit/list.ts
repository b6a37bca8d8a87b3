import type { AuditEvent } from '../../../shared/audit/event.ts';
import { isId, siblingId } from '../../../shared/base/ids.ts';
import { type EpochMs, plusSeconds } from '../../../shared/base/time.ts';
import { findUserId } from '../../../shared/users/read-users.ts';
import { quote, readArgument, readOptions } from '../arguments.ts';
import { CommandError, UsageError } from '../errors.ts';
import { printLine, printMessage, printTable } from '../output.ts';
import { parseDuration, parseTime } from '../parse-time.ts';
import { findTarget, type Target, targetOptions } from '../target.ts';
import { openLog } from './read-seals.ts';
import { csvHeader, csvLine, eventRow } from './rows.ts';
import { ALWAYS, type Period, type SealedEvent, sealedEvents } from './sealed-events.ts';

const formOptions = { ...targetOptions, json: { type: 'boolean' }, csv: { type: 'boolean' } } as const;

const options = {
  ...formOptions,
  user: { type: 'string' },
  actor: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
} as const;

const WEEK = '7d';

/** The time of an option: an instant, or how long ago. @throws UsageError */
function timeFrom(option: string, text: string, now: EpochMs): EpochMs {
  return /^\d+[dhm]$/.test(text) ? plusSeconds(now, -parseDuration(option, text)) : parseTime(option, text);
}

function periodFrom(
  { since, until }: { readonly since?: string | undefined; readonly until?: string | undefined },
  now: EpochMs,
): Period {
  return {
    since: since === undefined ? ALWAYS.since : timeFrom('--since', since, now),
    until: until === undefined ? ALWAYS.until : timeFrom('--until', until, now),
  };
}

interface Choice {
  readonly user?: string | undefined;
  readonly actor?: string | undefined;
}

/** A user who was deleted is found by the id, and by the external id that the events have. */
async function matcherOf({ user, actor }: Choice, { instance }: Target): Promise<(event: AuditEvent) => boolean> {
  const userId = user === undefined ? undefined : await findUserId(instance, user);
  return (event) => {
    const isOfUser = user === undefined || event.user_id === userId || event.external_id === user;
    return isOfUser && (actor === undefined || event.actor?.sub === actor);
  };
}

interface Form {
  readonly json?: boolean | undefined;
  readonly csv?: boolean | undefined;
}

/** @throws UsageError */
function checkForm({ json, csv }: Form): void {
  if (json && csv) throw new UsageError('--json and --csv are two forms: omit one of them.');
}

function print(events: readonly SealedEvent[], { json, csv }: Form): void {
  if (csv) printLine(csvHeader());
  if (csv) for (const each of events) printLine(csvLine(each));
  else if (json) for (const { seal, event } of events) printLine(JSON.stringify({ seal, ...event }));
  else printTable(events.map(eventRow));
}

/** Prints the events of a period: of a user, an actor, or all. */
async function listEvents(args: readonly string[], byDefault: { readonly since?: string } & Form): Promise<number> {
  const values = readOptions(args, options);
  checkForm(values);
  const target = await findTarget(values);
  const period = periodFrom({ ...byDefault, ...values }, target.now());
  const log = await openLog(target);
  const events = await sealedEvents(log, period, await matcherOf(values, target));
  print(events, values.csv ? values : { ...byDefault, ...values });
  if (events.length === 0) printMessage('The log has no such event in this period.');
  return 0;
}

/** Prints the events of the last seven days, or of another period, as a table. */
export async function list(args: readonly string[]): Promise<number> {
  return listEvents(args, { since: WEEK });
}

/** Prints the events of the whole log, or of a period, as JSON lines or CSV. */
export async function exportEvents(args: readonly string[]): Promise<number> {
  return listEvents(args, { json: true });
}

/** Prints one story: all events of an actor token and its session, with the numbers of their seals. */
export async function show(args: readonly string[]): Promise<number> {
  const missing = 'Missing id: write that of an actor token or of a session, such as act_… or sess_….';
  const { values, argument: id } = readArgument(args, formOptions, missing);
  checkForm(values);
  if (!isId('act', id) && !isId('sess', id))
    throw new UsageError(`${quote(id)} is not the id of an actor token or of a session: write one such as act_….`);
  const target = await findTarget(values);
  const log = await openLog(target);
  const actorTokenId = siblingId('act', id);
  const sessionId = siblingId('sess', id);
  const isOfStory = ({ actor_token_id, session_id, record }: AuditEvent) =>
    actor_token_id === actorTokenId ||
    session_id === sessionId ||
    [actorTokenId, sessionId].some((own) => own === record?.id);
  // Nothing of the story happened before its actor token was created.
  const beginOf = (found: readonly SealedEvent[]) =>
    found.find(({ event }) => event.type === 'actor_token.created')?.event.at;
  const events = await sealedEvents(log, ALWAYS, isOfStory, beginOf);
  if (events.length === 0) throw new CommandError(`The log has no event of ${id}: check the id, or the stack.`);
  if (values.json || values.csv) print(events, values);
  else printTable(events.map((each) => [`seal ${each.seal}`, ...eventRow(each), fromOf(each.event)]));
  return 0;
}

/** The address and the program of the caller. */
function fromOf({ from, with: program }: AuditEvent): string {
  return [from, program].filter((part) => part !== undefined).join(' ');
}
