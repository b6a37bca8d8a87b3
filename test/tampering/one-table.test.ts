// Somebody may write into one table of the product, whatever they like. They know every item of every table, and they have a browser and
// tickets of their own. The suite tries each way to become somebody, to stay somebody, or to be let in elsewhere, against each operation
// that creates a session token or shows a session.
import { describe, expect, test } from 'vitest';
import { newId } from '../../shared/base/ids.ts';
import { epochMs } from '../../shared/base/time.ts';
import { Browser } from '../support/browser.ts';
import { SECOND, startAtNoon } from '../support/clock.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { callBackend, startApi, testInstance } from '../support/http.ts';
import { summary } from '../support/refusal.ts';
import { changeItem, deleteItem, type StoredItem, storedItem, storeItem } from '../support/stored.ts';
import { ofTheBackend, ofTheBrowser, operations } from './operations.ts';
import { aSignedOutStory, aStory, attempts, recordOf, restore, type Story } from './stories.ts';

startAtNoon();

const HOUR = 3600;

test('each operation gives to the browser of a live session what the suite looks for', async () => {
  const story = await aStory();

  const tried = await attempts(operations, story, () => restore(story));

  expect(tried.map(({ operation, gave }) => [operation, gave])).toEqual(
    operations.map(({ name, gives }) => [name, gives]),
  );
});

/** Returns the attributes that a writer gives to an item, which they know, as they know the records of another browser. */
type Change = (item: StoredItem, other: Story['records']) => StoredItem;

describe('a writer of one table ends a live session as tampered, and gets nothing, when they change', () => {
  const theCeo = { actor: '{"sub":"the_ceo"}' };

  const changes: readonly (readonly [what: string, table: 'SESSIONS' | 'ACTOR_TOKENS', change: Change])[] = [
    ['the actor of the session', 'SESSIONS', () => theCeo],
    ['the external id of the session', 'SESSIONS', () => ({ external_id: 'customer_ceo' })],
    ['the fixed end of the session', 'SESSIONS', ({ expire_at }) => ({ expire_at: expire_at + HOUR * SECOND })],
    ['the start of the session', 'SESSIONS', ({ created_at }) => ({ created_at: created_at + 1 })],
    ['the actor token of the session', 'SESSIONS', (_, { ACTOR_TOKENS }) => ({ actor_token_id: ACTOR_TOKENS.id })],
    ['the user of the actor token', 'ACTOR_TOKENS', (_, { USERS }) => ({ user_id: USERS.id })],
    ['the external id of the actor token', 'ACTOR_TOKENS', () => ({ external_id: 'customer_ceo' })],
    ['the actor of the actor token', 'ACTOR_TOKENS', () => theCeo],
    ['the duration', 'ACTOR_TOKENS', () => ({ session_max_duration_in_seconds: 24 * HOUR })],
    ['the generation of the actor token', 'ACTOR_TOKENS', ({ generation }) => ({ generation: generation + 1 })],
    ['the creation of the actor token', 'ACTOR_TOKENS', ({ created_at }) => ({ created_at: created_at + SECOND })],
    ['the expiry of the ticket', 'ACTOR_TOKENS', ({ expire_at }) => ({ expire_at: expire_at + SECOND })],
    ['the time of the redemption', 'ACTOR_TOKENS', ({ accepted_at }) => ({ accepted_at: accepted_at + 1 })],
    ['the session of the actor token', 'ACTOR_TOKENS', (_, { SESSIONS }) => ({ session_id: SESSIONS.id })],
    ['the client of the actor token', 'ACTOR_TOKENS', (_, { CLIENTS }) => ({ client_id: CLIENTS.id })],
    [
      "the browser's secret in the actor token",
      'ACTOR_TOKENS',
      (_, { CLIENTS }) => ({ client_secret_hash: CLIENTS.secret_hash }),
    ],
    [
      'the signature to one of another ticket',
      'ACTOR_TOKENS',
      (_, { ACTOR_TOKENS }) => ({ ticket_signature: ACTOR_TOKENS.ticket_signature }),
    ],
    ['the signature to none', 'ACTOR_TOKENS', () => ({ ticket_signature: undefined })],
    ['the status of the actor token to pending', 'ACTOR_TOKENS', () => ({ status: 'pending' })],
    ['the status of the actor token to revoked', 'ACTOR_TOKENS', () => ({ status: 'revoked' })],
    [
      'the actor token to that of another session',
      'ACTOR_TOKENS',
      ({ id }, { ACTOR_TOKENS }) => ({ ...ACTOR_TOKENS, id }),
    ],
  ];

  const expected = operations.map(({ name, ends }) => ({ operation: name, gave: 'nothing', end: ends }));

  test.for(changes)('%s', async ([, table, change]) => {
    const [story, other] = [await aStory(), await aSignedOutStory()];
    const changed = { ...story.records[table], ...change(story.records[table], other.records) };

    const tried = await attempts(operations, story, async () => {
      await restore(story);
      await storeItem(table, changed);
    });

    expect(tried).toEqual(expected);
  });

  // A request that does not name the session cannot tell whether the session or the client was changed, so it ends nothing.
  test('the user of the session, as soon as a request names the session', async () => {
    const [story, { userId }] = [await aStory(), await aSignedOutStory()];

    const tried = await attempts(operations, { ...story, userId }, async () => {
      await restore(story);
      await changeItem('SESSIONS', { id: story.sessionId }, { user_id: userId });
    });

    expect(tried.filter(({ gave }) => gave !== 'nothing')).toEqual([]);
    expect(tried.filter(({ end }) => end === 'tampered').map(({ operation }) => operation)).toEqual([
      'create a session token in an active tab',
      'create a session token in a background tab',
      'touch the session',
      'read the session',
      'create a session token for a server',
    ]);
  });

  test('the generation of the session to that of a later deployment', async () => {
    const story = await aStory();
    const generation = story.records.SESSIONS.generation + 1;
    const browser = new Browser(startApi(testInstance({ GENERATION: String(generation) })));
    browser.keep(story.browser.cookies);
    const byId = ofTheBrowser.filter(({ name }) => /^(create|touch)/.test(name));

    const tried = await attempts(byId, { ...story, browser }, async () => {
      await restore(story);
      await changeItem('SESSIONS', { id: story.sessionId }, { generation });
    });

    expect(tried).toEqual(byId.map(({ name }) => ({ operation: name, gave: 'nothing', end: 'tampered' })));
  });

  test('the actor token into nothing', async () => {
    const story = await aStory();

    const tried = await attempts(operations, story, async () => {
      await restore(story);
      await deleteItem('ACTOR_TOKENS', { id: story.actorTokenId });
    });

    expect(tried).toEqual(expected);
  });
});

describe('a writer of one table starts no session', () => {
  interface Forged {
    readonly sessionId: string;
    readonly userId: string;
    /** Stores what the writer forged. */
    readonly write: () => Promise<unknown>;
  }

  /** A session as the product would store it, for an actor token that has none. */
  function sessionFor(token: StoredItem, { records }: Story): StoredItem {
    const { end_status, ended_at, end_cause, ...session } = records.SESSIONS;
    const { user_id, actor } = token;
    return { ...session, id: token.id.replace('act', 'sess'), actor_token_id: token.id, user_id, actor };
  }

  async function forgedSession(token: StoredItem, mallory: Story): Promise<Forged> {
    const session = sessionFor(token, mallory);
    return { sessionId: session.id, userId: session.user_id, write: () => storeItem('SESSIONS', session) };
  }

  async function aPendingRecord(): Promise<StoredItem> {
    return recordOf('ACTOR_TOKENS', (await aPendingActorToken()).id);
  }

  const forgeries: readonly (readonly [how: string, forge: (mallory: Story) => Promise<Forged>])[] = [
    [
      'by a session without an actor token',
      async (mallory) => {
        const { user_id, actor } = await aPendingRecord();
        return forgedSession({ id: newId('act', epochMs(Date.now())), user_id, actor }, mallory);
      },
    ],
    ['by a session for a pending actor token', async (mallory) => forgedSession(await aPendingRecord(), mallory)],
    [
      'by a session for a revoked actor token',
      async (mallory) => {
        const { id } = await aPendingActorToken();
        await callBackend('POST', `/v1/actor_tokens/${id}/revoke`);
        return forgedSession(await recordOf('ACTOR_TOKENS', id), mallory);
      },
    ],
    [
      'by marking an actor token as redeemed',
      async ({ records: { ACTOR_TOKENS: own } }) => {
        const { id, ...pending } = await aPendingRecord();
        const session_id = id.replace('act', 'sess');
        const write = () => storeItem('ACTOR_TOKENS', { ...own, ...pending, status: 'accepted', id, session_id });
        return { sessionId: session_id, userId: pending.user_id, write };
      },
    ],
    [
      'by a client that names the session of a pending actor token',
      async ({ records: { CLIENTS: own } }) => {
        const { id, user_id } = await aPendingRecord();
        const session_id = id.replace('act', 'sess');
        const write = () => storeItem('CLIENTS', { ...own, session_id, user_id });
        return { sessionId: session_id, userId: user_id, write };
      },
    ],
  ];

  test.for(forgeries)('%s', async ([, forge]) => {
    const mallory = await aSignedOutStory();
    const { write, ...forged } = await forge(mallory);

    const tried = await attempts(operations, { ...forged, browser: mallory.browser }, write);

    expect(tried.filter(({ gave }) => gave !== 'nothing')).toEqual([]);
  });
});

describe('a writer of one table does not redeem a ticket for more than it was signed for, when they change', () => {
  const changes: readonly (readonly [what: string, change: Change])[] = [
    ['the user', (_, { USERS }) => ({ user_id: USERS.id })],
    ['the actor', () => ({ actor: '{"sub":"the_ceo"}' })],
    ['the duration of the session', () => ({ session_max_duration_in_seconds: 24 * HOUR })],
    ['the generation', ({ generation }) => ({ generation: generation + 1 })],
    ['the expiry', ({ expire_at }) => ({ expire_at: expire_at + HOUR * SECOND })],
    ['the creation', ({ created_at }) => ({ created_at: created_at + SECOND })],
    ['the ticket', (_, { ACTOR_TOKENS }) => ({ ticket_hash: ACTOR_TOKENS.ticket_hash })],
  ];

  test.for(changes)('%s', async ([, change]) => {
    const { id, ticket } = await aPendingActorToken();
    const { records } = await aStory();
    await changeItem('ACTOR_TOKENS', { id }, change(await recordOf('ACTOR_TOKENS', id), records));

    const page = await new Browser().get(`/v1/tickets/accept?ticket=${ticket}`);
    const answer = await new Browser().redeem(ticket);

    expect(page.text).not.toContain('Target');
    expect(summary(answer)).toBe('400 ticket_invalid_code');
    expect(await recordOf('ACTOR_TOKENS', id)).toMatchObject({ status: 'pending' });
    expect(await storedItem('SESSIONS', { id: id.replace('act', 'sess') })).toBeUndefined();
  });

  test('the generation to that of a later deployment', async () => {
    const { id, ticket } = await aPendingActorToken();
    const { generation } = await recordOf('ACTOR_TOKENS', id);
    await changeItem('ACTOR_TOKENS', { id }, { generation: generation + 1 });
    const later = startApi(testInstance({ GENERATION: String(generation + 1) }));

    expect(summary(await new Browser(later).redeem(ticket))).toBe('400 ticket_invalid_code');
  });

  test('a redeemed actor token to pending, for the same ticket', async () => {
    const { actorTokenId, ticket } = await aSignedInBrowser();
    await changeItem('ACTOR_TOKENS', { id: actorTokenId }, { status: 'pending' });

    const answer = await new Browser().redeem(ticket);

    expect(summary(answer)).toBe('400 actor_token_already_used_code');
  });

  test('nothing, and delete its session', async () => {
    const { sessionId, ticket } = await aSignedInBrowser();
    await deleteItem('SESSIONS', { id: sessionId });

    const answer = await new Browser().redeem(ticket);

    expect(summary(answer)).toBe('400 actor_token_already_used_code');
  });
});

describe('a writer of one table does not hand a live session to another browser', () => {
  /** Returns the browser of `mallory`, whose cookie names the client of `victim`. */
  function impostor(mallory: Story, victim: Story): Browser {
    const browser = new Browser();
    const [own, other] = [mallory.records.CLIENTS.id, victim.records.CLIENTS.id];
    browser.keep(mallory.browser.cookies.map((cookie) => cookie.replace(own, other)));
    return browser;
  }

  const ownBrowser = ({ browser }: Story) => browser;

  interface HandOver {
    readonly browser: (mallory: Story, victim: Story) => Browser;
    readonly write: (mallory: Story['records'], victim: Story['records']) => Promise<void>;
  }

  type Row = readonly [how: string, handOver: HandOver];

  const throughClients: readonly Row[] = [
    [
      'by a client that names the session',
      {
        browser: ownBrowser,
        write: ({ CLIENTS }, { SESSIONS: { id, expire_at, user_id } }) =>
          storeItem('CLIENTS', { ...CLIENTS, session_id: id, session_expire_at: expire_at, user_id }),
      },
    ],
    [
      "by another secret of the session's client",
      {
        browser: impostor,
        write: ({ CLIENTS: { secret_hash } }, { CLIENTS }) => storeItem('CLIENTS', { ...CLIENTS, secret_hash }),
      },
    ],
  ];
  const throughOthers: readonly Row[] = [
    [
      'by a session that names another client',
      {
        browser: ownBrowser,
        write: ({ CLIENTS: { id: client_id, secret_hash: client_secret_hash } }, { SESSIONS }) =>
          storeItem('SESSIONS', { ...SESSIONS, client_id, client_secret_hash }),
      },
    ],
    [
      'by a session with another secret',
      {
        browser: impostor,
        write: ({ CLIENTS: { secret_hash: client_secret_hash } }, { SESSIONS }) =>
          storeItem('SESSIONS', { ...SESSIONS, client_secret_hash }),
      },
    ],
    [
      'by an actor token that names another client',
      {
        browser: ownBrowser,
        write: ({ CLIENTS: { id: client_id, secret_hash: client_secret_hash } }, { ACTOR_TOKENS }) =>
          storeItem('ACTOR_TOKENS', { ...ACTOR_TOKENS, client_id, client_secret_hash }),
      },
    ],
  ];

  async function handOver({ browser, write }: HandOver) {
    const [mallory, victim] = [await aSignedOutStory(), await aStory()];
    const prepare = async () => {
      await Promise.all([restore(mallory), restore(victim)]);
      await write(mallory.records, victim.records);
    };
    return { victim, prepare, request: { ...victim, browser: browser(mallory, victim) } };
  }

  test.for([...throughClients, ...throughOthers])('%s', async ([, row]) => {
    const { request, prepare } = await handOver(row);

    const tried = await attempts(ofTheBrowser, request, prepare);

    expect(tried.filter(({ gave }) => gave !== 'nothing')).toEqual([]);
  });

  test.for(throughClients)('%s: the session lives on in its own browser', async ([, row]) => {
    const { request, prepare, victim } = await handOver(row);

    const tried = await attempts(ofTheBrowser, request, prepare);
    const { status } = await victim.browser.post(`/v1/client/sessions/${victim.sessionId}/tokens`);

    expect(tried.filter(({ end }) => end !== undefined)).toEqual([]);
    expect(status).toBe(200);
  });

  test.for(throughClients)('%s: the session lives on also when the other browser signs in', async ([, row]) => {
    const { request, prepare, victim } = await handOver(row);
    const { ticket } = await aPendingActorToken();
    await prepare();

    const { status } = await request.browser.redeem(ticket);

    expect(status).toBe(200);
    expect(await recordOf('SESSIONS', victim.sessionId)).not.toHaveProperty('end_cause');
  });

  test('by a client that names another user: it is signed out, and its session lives on', async () => {
    const [other, story] = [await aSignedOutStory(), await aStory()];
    await changeItem('CLIENTS', { id: story.records.CLIENTS.id }, { user_id: other.userId });

    const client = await story.browser.get('/v1/client');
    const token = await story.browser.post(`/v1/client/sessions/${story.sessionId}/tokens`);

    expect(client.json.response.sessions).toEqual([]);
    expect(token.status).toBe(200);
    expect(await recordOf('SESSIONS', story.sessionId)).not.toHaveProperty('end_cause');
  });

  test('by a session that names another client, also not to the backend, which ends it', async () => {
    const [mallory, victim] = [await aSignedOutStory(), await aStory()];
    const { id: client_id, secret_hash: client_secret_hash } = mallory.records.CLIENTS;

    const tried = await attempts(ofTheBackend, victim, async () => {
      await restore(victim);
      await changeItem('SESSIONS', { id: victim.sessionId }, { client_id, client_secret_hash });
    });

    expect(tried).toEqual(ofTheBackend.map(({ name, ends }) => ({ operation: name, gave: 'nothing', end: ends })));
  });
});
