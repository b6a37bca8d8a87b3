import type { ActorToken } from '../actor-tokens/actor-token.ts';
import { blockKeysOfActor, type Judgement, judge } from '../authority/judge.ts';
import type { BrowserCall } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import { note } from '../base/metrics.ts';
import { getItemsByKey } from '../storage/read.ts';
import { hasKeptExternalId, isUnbannedSince, type User, whyNotEntered } from '../users/user.ts';
import { userFrom } from '../users/user-record.ts';

/** The user of a redeemable actor token, with the judgement on its actor becoming them. */
interface Entry {
  readonly user: User;
  readonly judgement: Judgement;
}

/**
 * The user whom a browser at this address would be signed in as by a redeemable actor token, as they are now (strongly consistent), and the
 * judgement of blocklist and policy.
 *
 * @throws `actor_token_subject_not_found`, `user_banned`, `actor_token_cannot_be_used_code`; `service_unavailable`, `too_many_requests`
 */
export async function getEntry(token: ActorToken, { instance, now, caller }: BrowserCall): Promise<Entry> {
  const { userId, externalId, createdAt } = token;
  const userKey = { table: instance.tables.users, id: userId };
  const itemOf = await getItemsByKey(instance, [userKey, ...blockKeysOfActor(token, instance)]);
  const item = itemOf(userKey);
  const user = item && userFrom(item);
  if (!user || !isUnbannedSince(user, createdAt) || !hasKeptExternalId(user, externalId))
    throw new ApiError(whyNotEntered(user));
  note({ user_id: user.id });
  const isSameAddress = token.createdFrom === caller.sourceIp;
  return { user, judgement: judge(itemOf, { ...token, user, now, isSameAddress }, instance) };
}
