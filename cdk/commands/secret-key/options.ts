import { type EpochMs, plusSeconds } from '../../../shared/base/time.ts';
import { type SecretKeyScope, secretKeyScopes } from '../../../shared/secret-keys/secret-key.ts';
import { quote } from '../arguments.ts';
import { UsageError } from '../errors.ts';
import { parseDuration, parseTime } from '../parse-time.ts';

/**
 * Parses the value of `--may`: scopes, separated by commas. Without a value the key has every scope.
 *
 * @throws UsageError
 */
export function parseScopes(text: string | undefined): readonly SecretKeyScope[] {
  if (text === undefined) return secretKeyScopes;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !secretKeyScopes.some((scope) => scope === name));
  if (unknown !== undefined)
    throw new UsageError(
      `--may has an unknown scope: "${quote(unknown)}". Write one or more of ${secretKeyScopes.join(', ')}, separated by commas.`,
    );
  return secretKeyScopes.filter((scope) => names.includes(scope));
}

interface Expiry {
  readonly 'expires-in'?: string | undefined;
  readonly 'expires-at'?: string | undefined;
}

/**
 * Parses `--expires-in` or `--expires-at`. Returns a function that returns the expiry of a key that is created at a time; undefined
 * for a key that does not expire.
 *
 * @throws UsageError; the returned function too, for an expiry that is not in the future
 */
export function parseExpiry({
  'expires-in': duration,
  'expires-at': time,
}: Expiry): (now: EpochMs) => EpochMs | undefined {
  if (duration !== undefined && time !== undefined)
    throw new UsageError('--expires-in and --expires-at choose two expiries: omit one of them.');
  if (duration !== undefined) {
    const seconds = parseDuration('--expires-in', duration);
    return (now) => plusSeconds(now, seconds);
  }
  if (time === undefined) return () => undefined;
  const at = parseTime('--expires-at', time);
  return (now) => {
    if (at <= now) throw new UsageError('--expires-at is not in the future: write a later time.');
    return at;
  };
}
