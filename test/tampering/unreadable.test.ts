// What cannot be read decides nothing: the request is refused, no session ends, and the session goes on when it can be read again.
import { createHash, randomUUID } from 'node:crypto';
import { NumberValueImpl } from '@aws-sdk/util-dynamodb';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { blockIdOf } from '../../shared/blocklist/block.ts';
import { Browser } from '../support/browser.ts';
import { answerWith, leaveUnprocessed, refusal } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken } from '../support/given.ts';
import { callBackend, startApi, testInstance } from '../support/http.ts';
import { summary } from '../support/refusal.ts';
import { changeItem, deleteItem, type StoredItem, storeItem } from '../support/stored.ts';
import { given, type Operation, ofTheBackend, ofTheBrowser, operations, type Request } from './operations.ts';
import { aStory, attempts, recordOf, restore, type Story, type StoryTable } from './stories.ts';

const { dynamodb, kms } = await startFaults();
const { SESSION_KEY_IDS: sessionKey = '', TICKET_KEY_IDS: ticketKey = '' } = inject('stack').environment;

afterEach(() => {
  dynamodb.heal();
  kms.heal();
});

/** An operation that ends a session does so, whatever else can be read. */
const isEnding = ({ ends }: Operation) => ends === 'end' || ends === 'remove';
const others = operations.filter((operation) => !isEnding(operation));
const findByClient = ['read the client', 'read the client as clerk-js', 'make a handshake', 'read the user'];

function refusedBy(refusing: readonly Operation[]) {
  return refusing.map(({ name }) => ({ operation: name, gave: '503', end: undefined }));
}

async function expectLive(story: Story): Promise<void> {
  const tried = await attempts(others, story);
  expect(tried.map(({ gave }) => gave)).toEqual(others.map(({ gives }) => gives));
}

describe('a record that cannot be read', () => {
  const hugeNumber = NumberValueImpl.from('12345678901234567890.5');
  const malformed: readonly (readonly [what: string, table: StoryTable, change: StoredItem])[] = [
    ['a session without its last activity', 'SESSIONS', { last_active_at: undefined }],
    ['a session that began at no date', 'SESSIONS', { created_at: 9e15 }],
    ['a session with a number that JavaScript does not have', 'SESSIONS', { expire_at: hugeNumber }],
    [
      'a session whose actor nests too deeply',
      'SESSIONS',
      { actor: `{"sub":"a","x":${'['.repeat(9000)}${']'.repeat(9000)}}` },
    ],
    ['a session whose actor is no JSON', 'SESSIONS', { actor: '{' }],
    ['a session whose actor names nobody', 'SESSIONS', { actor: '{}' }],
    ['an actor token without a status', 'ACTOR_TOKENS', { status: 'lost' }],
    ['an actor token whose actor names nobody', 'ACTOR_TOKENS', { actor: '{"sub":""}' }],
    ['an actor token whose actor is a list', 'ACTOR_TOKENS', { actor: '["sub"]' }],
    // Without a kind the user is in no list, so that the tests that list users do not meet it.
    ['a user whose metadata is no JSON', 'USERS', { public_metadata: 'x', kind: undefined }],
  ];

  test.for(malformed)('%s refuses every operation and ends nothing', async ([, table, change]) => {
    const story = await aStory();
    await changeItem(table, { id: story.records[table].id }, change);

    const tried = await attempts(others, story);

    expect(tried).toEqual(refusedBy(others));
    await restore(story);
    await expectLive(story);
  });

  test('a block that cannot be read refuses every operation and ends nothing', async () => {
    const story = await aStory();
    const id = blockIdOf(JSON.parse(story.records.ACTOR_TOKENS.actor).sub);
    await storeItem('BLOCKLIST', { id });

    const tried = await attempts(others, story);

    expect(tried).toEqual(refusedBy(others));
    await deleteItem('BLOCKLIST', { id });
    await expectLive(story);
  });

  test('a client that cannot be read refuses the operations that name no session, and ends nothing', async () => {
    const story = await aStory();
    const refusing = ofTheBrowser.filter(({ name }) => findByClient.includes(name));
    await changeItem('CLIENTS', { id: story.records.CLIENTS.id }, { user_id: 'nobody' });

    const tried = await attempts(refusing, story);

    expect(tried).toEqual(refusedBy(refusing));
    await restore(story);
    await expectLive(story);
  });

  test('a secret key that cannot be read refuses the operations of the backend, and ends nothing', async () => {
    const story = await aStory();
    const secret = `sk_test_${randomUUID()}`;
    const hash = createHash('sha256').update(secret).digest('hex');
    // It is not in the table, so that the tests that list secret keys do not meet it.
    dynamodb.hurt(requestsOf('GetItem', 'SECRET_KEYS', hash), answerWith({ hash }));
    const authorization = `Bearer ${secret}`;
    const backend: typeof callBackend = (method, path, body) => callBackend(method, path, body, { authorization });

    const tried = await attempts(ofTheBackend, { ...story, callBackend: backend });

    expect(tried).toEqual(refusedBy(ofTheBackend));
    await expectLive(story);
  });

  test('an actor token that cannot be read is not redeemed, and can be when it is readable again', async () => {
    const { id, ticket } = await aPendingActorToken();
    const { actor } = await recordOf('ACTOR_TOKENS', id);
    await changeItem('ACTOR_TOKENS', { id }, { actor: '{}' });

    const unreadable = await new Browser().redeem(ticket);
    await changeItem('ACTOR_TOKENS', { id }, { actor });
    const readable = await new Browser().redeem(ticket);

    expect([unreadable, readable].map(summary)).toEqual(['503 service_unavailable', '200']);
  });
});

test('a throttled DynamoDB that leaves the records unread refuses every operation that needs them, and ends nothing', async () => {
  const story = await aStory();
  dynamodb.hurt({ operation: 'BatchGetItem', about: story.sessionId.slice('sess_'.length) }, leaveUnprocessed);

  // Each repeats its read until it gives up.
  const tried = await Promise.all(others.map((operation) => attempts([operation], story)));

  expect(tried.flat()).toEqual(refusedBy(others));
  dynamodb.heal();
  await expectLive(story);
});

describe('a ticket key', () => {
  /** The same browser, before functions that have started anew with these ticket keys. */
  function withTicketKeys(keyIds: string, { browser, sessionId, userId }: Story): Request {
    const api = startApi(testInstance({ TICKET_KEY_IDS: keyIds }));
    const same = new Browser(api);
    same.keep(browser.cookies);
    return { browser: same, sessionId, userId, callBackend: api.callBackend };
  }

  const outOfService = () =>
    kms.hurt({ operation: 'GetPublicKey', about: ticketKey }, refusal(400, 'DisabledException'));

  test.for([
    ['the only one', ticketKey],
    ['an old one', `${sessionKey},${ticketKey}`],
  ] as const)('that is out of service, %s, refuses every operation and ends nothing', async ([, keyIds]) => {
    const story = await aStory();
    outOfService();

    const refused = await attempts(others, withTicketKeys(keyIds, story));
    kms.heal();
    const again = await attempts(others, withTicketKeys(keyIds, story));

    expect(refused).toEqual(refusedBy(others));
    expect(again.map(({ gave }) => gave)).toEqual(others.map(({ gives }) => gives));
  });

  test('that is out of service does not disturb the sessions of another', async () => {
    const story = await aStory();
    kms.hurt({ operation: 'GetPublicKey', about: sessionKey, times: 1 }, refusal(400, 'DisabledException'));
    const keyIds = `${ticketKey},${sessionKey}`;

    const answer = await withTicketKeys(keyIds, story).browser.get(`/v1/client/sessions/${story.sessionId}`);

    expect(given(answer)).toBe('an active session, the user');
  });

  test('that is removed from the list ends what its tickets began', async () => {
    const story = await aStory();
    const request = withTicketKeys(sessionKey, story);

    const tried = await attempts(operations, request, () => restore(story));

    expect(tried).toEqual(operations.map(({ name, ends }) => ({ operation: name, gave: 'nothing', end: ends })));
  });
});
