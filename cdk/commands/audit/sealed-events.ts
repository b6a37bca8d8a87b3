// The events of a period, from the log.
import { type AuditEvent, eventTypes } from '../../../shared/audit/event.ts';
import { sealKey } from '../../../shared/audit/seal.ts';
import { type EpochMs, epochMs, fromNumericDate } from '../../../shared/base/time.ts';
import { CommandError } from '../errors.ts';
import { formatCount } from '../format-count.ts';
import { showProgress } from '../progress.ts';
import { type OpenLog, sealsDownwards } from './read-seals.ts';

/** An event with the number of its seal. */
export interface SealedEvent {
  readonly seal: number;
  readonly event: AuditEvent;
}

export interface Period {
  readonly since: EpochMs;
  readonly until: EpochMs;
}

/** The whole log. */
export const ALWAYS: Period = { since: epochMs(0), until: epochMs(Number.MAX_SAFE_INTEGER) };

/**
 * The events of a period that match, oldest first; from the time that `beginOf` returns on, as soon as it knows one. Only sound seals are
 * read; whether one is missing or in a wrong place is for `verify`.
 *
 * @throws CommandError for a seal that is not sound
 */
export async function sealedEvents(
  log: OpenLog,
  { since, until }: Period,
  matches: (event: AuditEvent) => boolean,
  beginOf: (found: readonly SealedEvent[]) => EpochMs | undefined = () => undefined,
): Promise<readonly SealedEvent[]> {
  const found: SealedEvent[] = [];
  let read = 0;
  const progress = showProgress(() => `read ${formatCount(read, 'seal')} of ${log.head}`);
  try {
    for await (const { seq, seal } of sealsDownwards(log)) {
      if ('fault' in seal)
        throw new CommandError(
          `${sealKey(seq)} ${seal.fault}. Run "npm run audit -- verify" to see what else is wrong.`,
        );
      read += 1;
      const isIn = (event: AuditEvent) => event.at >= since && event.at < until && matches(event);
      found.push(
        ...seal.events
          .filter(isIn)
          .map((event) => ({ seal: seq, event }))
          .reverse(),
      );
      // An event is sealed after it happened.
      if (fromNumericDate(seal.iat + 1) < (beginOf(found) ?? since)) break;
    }
  } finally {
    progress.stop();
  }
  // Two tables are sealed one after the other, in either order.
  const order = ({ event }: SealedEvent) => [event.at, eventTypes.indexOf(event.type)] as const;
  return found.reverse().sort((one, other) => {
    const [[at, type], [otherAt, otherType]] = [order(one), order(other)];
    return at - otherAt || type - otherType;
  });
}
