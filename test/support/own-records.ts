// Records that a test stores by itself. They are of users of their own, and of a time at which no other test looks.
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { ActorToken } from '../../shared/actor-tokens/actor-token.ts';
import { actorTokenItem } from '../../shared/actor-tokens/actor-token-record.ts';
import type { CreatingCall } from '../../shared/base/call.ts';
import { newId } from '../../shared/base/ids.ts';
import { epochMs } from '../../shared/base/time.ts';
import type { Session } from '../../shared/sessions/session.ts';
import { sessionItem } from '../../shared/sessions/session-record.ts';
import type { User } from '../../shared/users/user.ts';
import { userItem } from '../../shared/users/user-record.ts';
import { anActorToken } from './an-actor-token.ts';
import { testInstance } from './http.ts';
import { type StoredItem, storeItem } from './stored.ts';

const instance = testInstance();

export const longAgo = epochMs(1_600_000_000_000);

/** A browser, and a server that is at the same address. */
export const browser = { sourceIp: '192.0.2.1', userAgent: 'curl' } as const;
export const server = { ...browser, secretKeyId: `key_${'0'.repeat(27)}` } as const;

/** A pending actor token that was created a second before, and expires a minute after. */
export function ownToken(members: Partial<ActorToken> = {}): ActorToken {
  return anActorToken({
    id: newId('act', longAgo),
    userId: newId('user', longAgo),
    generation: instance.generation,
    createdAt: epochMs(longAgo - 1000),
    expireAt: epochMs(longAgo + 60_000),
    ...members,
  });
}

/** Stores an actor token, with other attributes than its own. Its creator is a server unless another is given. */
export async function storeToken(
  token: ActorToken,
  attributes: StoredItem = {},
  caller: CreatingCall['caller'] = server,
): Promise<void> {
  const item = unmarshall(actorTokenItem(token, { instance, now: longAgo, caller }));
  await storeItem('ACTOR_TOKENS', { ...item, ...attributes });
}

/** Stores a session, with other attributes than its own. */
export async function storeSession(session: Session, attributes: StoredItem = {}): Promise<void> {
  await storeItem('SESSIONS', { ...unmarshall(sessionItem(session, browser, instance)), ...attributes });
}

export async function storeUser(user: User): Promise<void> {
  await storeItem('USERS', unmarshall(userItem(user)));
}

/** The code of the error that an operation throws; `done` without one. */
export function codeOf(result: Promise<unknown>): Promise<string> {
  return result.then(
    () => 'done',
    (error: { readonly code: string }) => error.code,
  );
}

/** The ids of items that are read on demand. */
export async function idsIn(items: AsyncIterable<{ readonly id?: unknown }>): Promise<readonly unknown[]> {
  const ids: unknown[] = [];
  for await (const { id } of items) ids.push(id);
  return ids;
}
