import type { EpochMs } from '../../../shared/base/time.ts';
import { UsageError } from '../errors.ts';
import { parseTime } from '../parse-time.ts';

/**
 * Parses the value of `--signing-since`: an ISO time with its time zone that is not in the future.
 *
 * @throws UsageError
 */
export function parsePastTime(text: string, now: EpochMs): EpochMs {
  const at = parseTime('--signing-since', text);
  if (at > now)
    throw new UsageError(
      '--signing-since is in the future: write when the deployment that let the new key sign ended, or omit the option.',
    );
  return at;
}
