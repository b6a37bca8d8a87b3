import { DAY_IN_SECONDS, HOUR_IN_SECONDS, MINUTE_IN_SECONDS } from '../../shared/base/time.ts';
import { formatCount } from './format-count.ts';

/** Formats seconds, rounded up to minutes, so that waiting for that long is enough: `20 minutes`, `30 days and 5 minutes`. */
export function formatDuration(seconds: number): string {
  const rounded = Math.ceil(seconds / MINUTE_IN_SECONDS) * MINUTE_IN_SECONDS;
  const counts = [
    [Math.floor(rounded / DAY_IN_SECONDS), 'day'],
    [Math.floor((rounded % DAY_IN_SECONDS) / HOUR_IN_SECONDS), 'hour'],
    [(rounded % HOUR_IN_SECONDS) / MINUTE_IN_SECONDS, 'minute'],
  ] as const;
  const parts = counts.flatMap(([count, unit]) => (count > 0 ? [formatCount(count, unit)] : []));
  return parts.length > 0 ? new Intl.ListFormat('en').format(parts) : 'no time';
}
