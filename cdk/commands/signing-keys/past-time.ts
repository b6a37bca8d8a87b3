import * as v from 'valibot';
import { type EpochMs, epochMs } from '../../../shared/base/time.ts';
import { UsageError } from '../errors.ts';

const isoTime = v.pipe(v.string(), v.isoTimestamp());

/**
 * Parses the value of `--signing-since`: an ISO time with its time zone that is not in the future.
 *
 * @throws UsageError
 */
export function parsePastTime(text: string, now: EpochMs): EpochMs {
  const at = Date.parse(text);
  const day = text.slice(0, 10);
  // Date accepts 2026-02-30, as a day of March.
  const isDay = new Date(Date.parse(day)).toJSON()?.startsWith(day) ?? false;
  if (!v.is(isoTime, text) || Number.isNaN(at) || !isDay)
    throw new UsageError('--signing-since is not a time with its time zone: write one such as 2026-05-03T09:12:40Z.');
  if (at > now)
    throw new UsageError(
      '--signing-since is in the future: write when the deployment that let the new key sign ended, or omit the option.',
    );
  return epochMs(at);
}
