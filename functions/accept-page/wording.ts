import type { Actor } from '../../shared/actor-tokens/actor-token.ts';
import { lazily } from '../../shared/base/lazily.ts';
import { NOT_BLANK } from '../../shared/base/printable.ts';
import { type EpochMs, HOUR_IN_SECONDS, MINUTE_IN_SECONDS } from '../../shared/base/time.ts';

const UNITS = [
  ['hour', HOUR_IN_SECONDS],
  ['minute', MINUTE_IN_SECONDS],
  ['second', 1],
] as const;

/** A duration in words, such as `1 hour 30 minutes`. */
export function durationText(seconds: number): string {
  let rest = seconds;
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  }
  return parts.join(' ');
}

const instantFormat = lazily(
  () => new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }),
);

/** An instant in words, such as `1 April 2026 at 12:00 UTC`. */
export function instantText(at: EpochMs): string {
  return `${instantFormat().format(at)} UTC`;
}

/** The actor's name, if the actor has one. Every actor has `sub`; backends commonly add the other members. */
export function actorNameOf(actor: Actor): string | undefined {
  const names = [actor.name, actor.full_name, actor.email];
  return names.find((name): name is string => typeof name === 'string' && NOT_BLANK.test(name));
}
