import * as v from 'valibot';
import { DAY_IN_SECONDS, type EpochMs, epochMs, HOUR_IN_SECONDS, MINUTE_IN_SECONDS } from '../../shared/base/time.ts';
import { UsageError } from './errors.ts';

const isoTime = v.pipe(v.string(), v.isoTimestamp());
const DURATION = /^([1-9]\d{0,4})([dhm])$/;
const UNITS: Readonly<Record<string, number>> = { d: DAY_IN_SECONDS, h: HOUR_IN_SECONDS, m: MINUTE_IN_SECONDS };

/**
 * Parses the value of an option: an ISO time with its time zone.
 *
 * @throws UsageError
 */
export function parseTime(option: string, text: string): EpochMs {
  const at = Date.parse(text);
  const day = text.slice(0, 10);
  // Date accepts 2026-02-30, as a day of March.
  const isDay = new Date(Date.parse(day)).toJSON()?.startsWith(day) ?? false;
  if (!v.is(isoTime, text) || Number.isNaN(at) || !isDay)
    throw new UsageError(`${option} is not a time with its time zone: write one such as 2026-05-03T09:12:40Z.`);
  return epochMs(at);
}

/**
 * Parses the value of an option: a duration in whole days, hours or minutes. Returns seconds.
 *
 * @throws UsageError
 */
export function parseDuration(option: string, text: string): number {
  const [, count, unit = ''] = DURATION.exec(text) ?? [];
  const seconds = Number(count) * Number(UNITS[unit]);
  if (Number.isNaN(seconds))
    throw new UsageError(
      `${option} is not a duration: write days, hours or minutes, up to 99999 of them, such as 90d, 12h or 15m.`,
    );
  return seconds;
}
