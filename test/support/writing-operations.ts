// Every operation that writes: how to prepare and call it, the write that decides it, and the number of times it took effect.
import { randomUUID } from 'node:crypto';
import { aPendingActorToken, aSignedInBrowser, aUser } from './given.ts';
import { callBackend, type TestAnswer } from './http.ts';
import { itemsWith } from './scan.ts';
import { storedItem, type Table } from './stored.ts';

export interface Prepared {
  /** An id that its write contains, and the write of no other test. */
  readonly about: string;
  readonly act: () => Promise<TestAnswer>;
  /** Returns the number of times the operation has taken effect. */
  readonly effects: () => Promise<number>;
  readonly actorTokenIds: readonly string[];
}

export interface WritingOperation {
  readonly name: string;
  readonly write: readonly [operation: 'PutItem' | 'UpdateItem' | 'TransactWriteItems', table: Table];
  readonly prepare: () => Promise<Prepared>;
}

async function sessionOperation(
  act: (given: Awaited<ReturnType<typeof aSignedInBrowser>>) => Promise<TestAnswer>,
  isDone: (session: Record<string, unknown>, before: Record<string, unknown>) => boolean,
): Promise<Prepared> {
  const given = await aSignedInBrowser();
  const stored = async () => (await storedItem('SESSIONS', { id: given.sessionId })) ?? {};
  const before = await stored();
  return {
    about: given.sessionId,
    act: () => act(given),
    effects: async () => Number(isDone(await stored(), before)),
    actorTokenIds: [given.actorTokenId],
  };
}

const isActive = (session: Record<string, unknown>, before: Record<string, unknown>) =>
  session.last_active_at !== before.last_active_at;
const isOver = (status: string) => (session: Record<string, unknown>) => session.end_status === status;

async function userOperation(
  act: (id: string) => Promise<TestAnswer>,
  isDone: (user: unknown) => boolean,
  id?: string,
) {
  const userId = id ?? (await aUser({ external_id: randomUUID() }));
  return {
    about: userId,
    act: () => act(userId),
    effects: async () => Number(isDone(await storedItem('USERS', { id: userId }))),
    actorTokenIds: [],
  };
}

const isBanned = (user: unknown) => (user as { banned?: boolean } | undefined)?.banned === true;

export const writingOperations: readonly WritingOperation[] = [
  {
    name: 'creating an actor token',
    write: ['PutItem', 'ACTOR_TOKENS'],
    prepare: async () => {
      const userId = await aUser();
      return {
        about: userId,
        act: () => callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor: { sub: 'support' } }),
        effects: async () => (await itemsWith('ACTOR_TOKENS', { user_id: userId })).length,
        actorTokenIds: [],
      };
    },
  },
  {
    name: 'redeeming a ticket',
    write: ['TransactWriteItems', 'ACTOR_TOKENS'],
    prepare: async () => {
      const first = await aSignedInBrowser();
      const second = await aPendingActorToken({ user_id: first.userId });
      const stored = (id: string) => storedItem('SESSIONS', { id });
      return {
        about: second.id,
        act: () => first.browser.redeem(second.ticket),
        effects: async () => {
          const [replaced, started] = await Promise.all([
            stored(first.sessionId),
            stored(second.id.replace('act', 'sess')),
          ]);
          if (Boolean(started) !== Boolean(replaced?.end_status)) throw new Error('The sign-in is half done.');
          return Number(Boolean(started));
        },
        actorTokenIds: [first.actorTokenId, second.id],
      };
    },
  },
  {
    name: 'revoking an actor token',
    write: ['UpdateItem', 'ACTOR_TOKENS'],
    prepare: async () => {
      const { id } = await aPendingActorToken();
      return {
        about: id,
        act: () => callBackend('POST', `/v1/actor_tokens/${id}/revoke`),
        effects: async () => Number((await storedItem('ACTOR_TOKENS', { id }))?.status === 'revoked'),
        actorTokenIds: [id],
      };
    },
  },
  {
    name: 'asking for a session token',
    write: ['UpdateItem', 'SESSIONS'],
    prepare: () =>
      sessionOperation(({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/tokens`), isActive),
  },
  {
    name: 'touching a session',
    write: ['UpdateItem', 'SESSIONS'],
    prepare: () =>
      sessionOperation(({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/touch`), isActive),
  },
  {
    name: 'ending a session',
    write: ['UpdateItem', 'SESSIONS'],
    prepare: () =>
      sessionOperation(
        ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/end`),
        isOver('ended'),
      ),
  },
  {
    name: 'removing a session',
    write: ['UpdateItem', 'SESSIONS'],
    prepare: () =>
      sessionOperation(
        ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/remove`),
        isOver('removed'),
      ),
  },
  {
    name: 'signing a browser out',
    write: ['UpdateItem', 'SESSIONS'],
    prepare: () => sessionOperation(({ browser }) => browser.send('DELETE', '/v1/client/sessions'), isOver('removed')),
  },
  {
    name: 'revoking a session',
    write: ['UpdateItem', 'SESSIONS'],
    prepare: () =>
      sessionOperation(({ sessionId }) => callBackend('POST', `/v1/sessions/${sessionId}/revoke`), isOver('revoked')),
  },
  {
    name: 'creating a user',
    write: ['TransactWriteItems', 'USERS'],
    prepare: async () => {
      const externalId = randomUUID();
      return {
        about: externalId,
        act: () => callBackend('POST', '/v1/users', { external_id: externalId }),
        effects: async () => {
          const users = await itemsWith('USERS', { external_id: externalId });
          const guard = await storedItem('USERS', { id: `external_id#${externalId}` });
          if (guard?.user_id !== users[0]?.id) throw new Error('The user is half made.');
          return users.length;
        },
        actorTokenIds: [],
      };
    },
  },
  {
    name: 'changing a user',
    write: ['TransactWriteItems', 'USERS'],
    prepare: async () => {
      const externalId = randomUUID();
      return userOperation(
        (id) => callBackend('PATCH', `/v1/users/${id}`, { external_id: externalId }),
        (user) => (user as { external_id?: string } | undefined)?.external_id === externalId,
      );
    },
  },
  {
    name: 'merging metadata',
    write: ['TransactWriteItems', 'USERS'],
    prepare: () =>
      userOperation(
        (id) => callBackend('PATCH', `/v1/users/${id}/metadata`, { public_metadata: { plan: 'pro' } }),
        (user) => (user as { public_metadata?: string } | undefined)?.public_metadata === '{"plan":"pro"}',
      ),
  },
  {
    name: 'deleting a user',
    write: ['TransactWriteItems', 'USERS'],
    prepare: () =>
      userOperation(
        (id) => callBackend('DELETE', `/v1/users/${id}`),
        (user) => user === undefined,
      ),
  },
  {
    name: 'banning a user',
    write: ['UpdateItem', 'USERS'],
    prepare: () => userOperation((id) => callBackend('POST', `/v1/users/${id}/ban`), isBanned),
  },
  {
    name: 'lifting a ban',
    write: ['UpdateItem', 'USERS'],
    prepare: async () => {
      const id = await aUser();
      await callBackend('POST', `/v1/users/${id}/ban`);
      return userOperation(
        (each) => callBackend('POST', `/v1/users/${each}/unban`),
        (user) => !isBanned(user),
        id,
      );
    },
  },
];
