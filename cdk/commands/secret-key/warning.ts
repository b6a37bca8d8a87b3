import { DAY_IN_SECONDS, type EpochMs } from '../../../shared/base/time.ts';
import type { SecretKey, SecretKeyStatus } from '../../../shared/secret-keys/secret-key.ts';
import { formatDuration } from '../format-duration.ts';

/** An active key that was created this long ago has to be replaced. */
const OLD_IN_DAYS = 365;
/** An active key that expires this soon has to be replaced. */
const SOON_IN_DAYS = 14;

/** Returns what an administrator has to do about a secret key, and why; undefined if there is nothing to do. */
export function warningOf(
  { id, name, createdAt, expiresAt }: SecretKey,
  { status, now }: { readonly status: SecretKeyStatus; readonly now: EpochMs },
): string | undefined {
  const key = `${id} (${name})`;
  if (status === 'expired') return `${key} has expired: it is refused. Revoke it once none of your servers has it.`;
  if (status !== 'active') return undefined;
  const leftInSeconds = expiresAt === undefined ? undefined : (expiresAt - now) / 1000;
  if (leftInSeconds !== undefined && leftInSeconds < SOON_IN_DAYS * DAY_IN_SECONDS)
    return `${key} expires in ${formatDuration(leftInSeconds)}: replace it before.`;
  const ageInDays = Math.floor((now - createdAt) / 1000 / DAY_IN_SECONDS);
  return ageInDays >= OLD_IN_DAYS ? `${key} is ${ageInDays} days old: replace it.` : undefined;
}
