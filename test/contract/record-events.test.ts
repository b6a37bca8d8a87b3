// The events of the record: random stories of all operations that write it, replayed from the changes of the tables, give the tables.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { addEvent, differenceOf, type LoggedRecords } from '../../cdk/commands/audit/compare.ts';
import { createActorToken } from '../../shared/actor-tokens/create-actor-token.ts';
import type { AuditedTable } from '../../shared/audit/audited-tables.ts';
import { type AuditEvent, eventLine } from '../../shared/audit/event.ts';
import { ApiError } from '../../shared/base/errors.ts';
import { epochMs } from '../../shared/base/time.ts';
import { blockIdOf } from '../../shared/blocklist/block.ts';
import { createSecretKey } from '../../shared/secret-keys/create-secret-key.ts';
import { revokeSecretKey } from '../../shared/secret-keys/revoke-secret-key.ts';
import { eraseRecords } from '../../shared/sessions/erase-records.ts';
import { Browser } from '../support/browser.ts';
import { aUser } from '../support/given.ts';
import { callBackend, startApi, testInstance } from '../support/http.ts';
import { all, neverStaff, policyOf } from '../support/policies.ts';
import { newSeed, randomFrom } from '../support/random.ts';
import { changesFromNow } from '../support/record-changes.ts';
import { itemsWith } from '../support/scan.ts';
import { changeItem, deleteItem, type StoredItem, storedItem, storeItem, type Table } from '../support/stored.ts';

const strict = startApi(testInstance({}, { policy: policyOf(neverStaff, all) }));
const STEPS = 80;

let changes: Awaited<ReturnType<typeof changesFromNow>>;

beforeAll(async () => {
  changes = await changesFromNow();
});

/** Everything that one story has made. */
interface Story {
  readonly subs: string[];
  readonly users: string[];
  readonly tokens: { readonly id: string; readonly ticket: string }[];
  readonly browsers: Browser[];
  readonly sessions: { readonly id: string; readonly browser: Browser }[];
  readonly keyIds: string[];
}

function storyOf(random: () => number) {
  const story: Story = { subs: [], users: [], tokens: [], browsers: [], sessions: [], keyIds: [] };
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];
  const call = () => ({ instance: testInstance(), now: epochMs(Date.now()) });

  const actor = () => {
    const sub = random() < 0.5 ? (pick(story.subs) ?? `mia_${randomUUID()}`) : `mia_${randomUUID()}`;
    if (!story.subs.includes(sub)) story.subs.push(sub);
    return { sub, name: `Name of ${sub}`, email: `${sub}@example.com` };
  };
  const user = async () => {
    const known = random() < 0.4 ? pick(story.users) : undefined;
    if (known !== undefined) return known;
    const admin = random() < 0.3 && { private_metadata: { role: 'admin' } };
    const id = await aUser({ ...(random() < 0.7 && { external_id: randomUUID() }), ...admin });
    story.users.push(id);
    return id;
  };
  const redeemIn = async (browser: Browser, ticket: string) => {
    const answer = await browser.redeem(ticket);
    const id: unknown = answer.json?.response?.created_session_id;
    if (answer.status === 200 && typeof id === 'string') story.sessions.push({ id, browser });
  };

  const steps: readonly (() => Promise<unknown>)[] = [
    async () => {
      const reason = random() < 0.5 ? { reason: 'Case 4711' } : {};
      const body = { user_id: await user(), actor: actor(), ...reason };
      const { status, json } = await (random() < 0.6 ? strict.callBackend : callBackend)(
        'POST',
        '/v1/actor_tokens',
        body,
      );
      if (status === 200) story.tokens.push({ id: json.id, ticket: json.token });
    },
    async () => {
      const { sub } = actor();
      const verified = { iss: 'https://corp.example.com', sub, email: `${sub}@example.com`, iat: 1_700_000_000 };
      const caller = { sourceIp: '192.0.2.9', userAgent: 'tool', operator: { subject: sub, verified } };
      const durations = { expiresInSeconds: 600, sessionMaxDurationInSeconds: 600 };
      const params = { ...durations, userId: await user(), actor: { sub }, reason: 'Case 4712' };
      const created = await createActorToken(params, { ...call(), caller }).catch((error: unknown) => {
        // The actor is blocked.
        if (!(error instanceof ApiError)) throw error;
      });
      if (created) story.tokens.push({ id: created.actorToken.id, ticket: created.ticket });
    },
    async () => {
      const token = pick(story.tokens);
      const browser = random() < 0.5 ? (pick(story.browsers) ?? new Browser()) : new Browser();
      if (!story.browsers.includes(browser)) story.browsers.push(browser);
      if (token) await redeemIn(browser, token.ticket);
    },
    async () => {
      const token = pick(story.tokens);
      const browser = new Browser(strict);
      if (token) await redeemIn(browser, token.ticket);
    },
    async () => {
      const token = pick(story.tokens);
      if (token) await callBackend('POST', `/v1/actor_tokens/${token.id}/revoke`);
    },
    async () => {
      const session = pick(story.sessions);
      const action = pick(['touch', 'tokens', 'end', 'remove']);
      if (session) await session.browser.post(`/v1/client/sessions/${session.id}/${action}`);
    },
    async () => {
      const session = pick(story.sessions);
      if (session && random() < 0.3) await callBackend('POST', `/v1/sessions/${session.id}/revoke`);
    },
    async () => {
      const id = pick(story.users);
      if (id !== undefined && random() < 0.3) {
        await callBackend('POST', `/v1/users/${id}/ban`);
        await callBackend('POST', `/v1/users/${id}/unban`);
      }
    },
    async () => {
      const identifier = pick(story.subs);
      if (identifier === undefined || random() < 0.6) return;
      await callBackend('POST', '/v1/blocklist_identifiers', { identifier, reason: 'left' });
      if (random() < 0.7) await callBackend('DELETE', `/v1/blocklist_identifiers/${blockIdOf(identifier)}`);
    },
    async () => {
      const sub = pick(story.subs);
      if (sub !== undefined && random() < 0.3) await eraseRecords({ actorSub: sub }, call());
    },
    async () => {
      if (random() > 0.3) return;
      const { key } = await createSecretKey({ name: 'of a story', scopes: ['read'] }, call());
      story.keyIds.push(key.id);
      if (random() < 0.5) await revokeSecretKey(key.id, call());
    },
  ];
  return { story, step: async () => pick(steps)?.() };
}

const TABLES: readonly (readonly [AuditedTable, Table])[] = [
  ['ActorTokens', 'ACTOR_TOKENS'],
  ['Sessions', 'SESSIONS'],
  ['Blocklist', 'BLOCKLIST'],
  ['SecretKeys', 'SECRET_KEYS'],
];

/** The items of a story, by table and id. */
async function itemsOf(isOurs: (id: string) => boolean): Promise<readonly (readonly [AuditedTable, StoredItem])[]> {
  const all = await Promise.all(
    TABLES.map(async ([table, name]) => (await itemsWith(name, {})).map((item) => [table, item] as const)),
  );
  return all.flat().filter(([, { id }]) => isOurs(id));
}

/** The ids, state, times and cause of a record, as the events alone tell them. */
function replayed(events: readonly AuditEvent[]): StoredItem {
  const state: StoredItem = {};
  for (const { type, at, ...event } of events) {
    const [, transition = ''] = type.split('.');
    const isToken = type.startsWith('actor_token.');
    const isSession = type.startsWith('session.');
    const begins = transition === 'created' || (type === 'actor_token.refused' && state.status === undefined);
    if (begins && isToken) {
      Object.assign(state, { status: transition === 'created' ? 'pending' : 'refused', created_at: at });
      Object.assign(state, { id: event.actor_token_id, user_id: event.user_id, expire_at: event.expire_at });
      if (transition === 'refused') Object.assign(state, { refusal: event.refusal, refused_rule: event.rule });
    } else if (isToken && transition === 'refused') {
      Object.assign(state, { refused_at: at, refusal: event.refusal, refused_rule: event.rule });
    } else if (transition === 'accepted') {
      Object.assign(state, {
        status: transition,
        accepted_at: at,
        session_id: event.session_id,
        client_id: event.client_id,
      });
    } else if (isToken && transition === 'revoked') {
      Object.assign(state, { status: transition, updated_at: at });
    } else if (transition === 'erased') {
      state.erased_at = at;
    } else if (isSession && begins) {
      Object.assign(state, {
        id: event.session_id,
        user_id: event.user_id,
        client_id: event.client_id,
        created_at: at,
      });
      Object.assign(state, { actor_token_id: event.actor_token_id, expire_at: event.expire_at });
    } else if (isSession) {
      Object.assign(state, { end_status: transition, ended_at: at, end_cause: event.cause });
    } else if (type.startsWith('blocklist_identifier.')) {
      state.id = event.blocklist_identifier_id;
      state[transition === 'created' ? 'blocked_at' : 'lifted_at'] = at;
    } else {
      state.id = event.secret_key_id;
      state[transition === 'created' ? 'created_at' : 'revoked_at'] = at;
    }
  }
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined));
}

const recordIdOf = (event: AuditEvent) => {
  if (event.type.startsWith('actor_token.')) return event.actor_token_id;
  if (event.type.startsWith('session.')) return event.session_id;
  return event.blocklist_identifier_id ?? event.secret_key_id ?? event.record?.id;
};

describe('a random story', () => {
  test.each([1, 2, 3])('%i, replayed from its events, gives the tables', { timeout: 120_000 }, async () => {
    const seed = newSeed();
    const { story, step } = storyOf(randomFrom(seed));
    for (let count = 0; count < STEPS; count += 1) await step();

    const users = new Set(story.users);
    const blocks = new Set<string>(story.subs.map(blockIdOf));
    const tokens = (await itemsWith('ACTOR_TOKENS', {})).filter(({ user_id: userId }) => users.has(userId));
    const ids = new Set<string>(tokens.flatMap(({ id }) => [id, id.replace('act_', 'sess_')]));
    const isOurs = (id: string) => ids.has(id) || blocks.has(id) || story.keyIds.includes(id);
    const events = await changes(isOurs);

    expect(
      events.filter(({ type }) => type === 'audit.record_changed'),
      `seed ${seed}`,
    ).toEqual([]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    const byRecord = Map.groupBy(events, recordIdOf);
    const items = await itemsOf(isOurs);
    expect([...byRecord.keys()].sort(), `seed ${seed}`).toEqual(items.map(([, { id }]) => id).sort());
    expect(events.length).toBeGreaterThan(5);
    for (const [, item] of items) expect(item, `seed ${seed}`).toMatchObject(replayed(byRecord.get(item.id) ?? []));
    // The comparison of `verify` finds no difference either.
    const records: LoggedRecords = new Map();
    for (const event of events) addEvent(records, event);
    const comparison = { instance: testInstance(), records, begin: epochMs(0), now: epochMs(Date.now()) };
    for (const [table, item] of items) expect(differenceOf(table, item, comparison), `seed ${seed}`).toBeUndefined();
    // No name, no e-mail address, no secret.
    const text = events.map(eventLine).join('\n');
    expect(text).not.toMatch(/Name of|@example\.com|sk_live|eyJ\w+\.eyJ/);
    for (const [, item] of items)
      for (const secret of [item.ticket_hash, item.ticket_signature, item.client_secret_hash, item.hash])
        if (secret && secret !== 'erased') expect(text).not.toContain(secret);
  });
});

describe('a change that is no transition of the product', () => {
  async function aStory() {
    const user_id = await aUser();
    const { json } = await callBackend('POST', '/v1/actor_tokens', { user_id, actor: { sub: `mia_${randomUUID()}` } });
    const browser = new Browser();
    await browser.redeem(json.token);
    const sessionId = json.id.replace('act_', 'sess_');
    await browser.post(`/v1/client/sessions/${sessionId}/end`);
    return { tokenId: json.id as string, sessionId: sessionId as string };
  }

  test.each<[string, Table, StoredItem, readonly string[]]>([
    ['a changed actor', 'SESSIONS', { actor: '{"sub":"somebody"}' }, ['actor']],
    [
      'an end that was taken back',
      'SESSIONS',
      { end_status: undefined, ended_at: undefined },
      ['end_status', 'ended_at'],
    ],
    ['an end at another time', 'SESSIONS', { ended_at: 1 }, ['ended_at']],
    ['a redemption at another time', 'ACTOR_TOKENS', { accepted_at: 1 }, ['accepted_at']],
    ['a longer session', 'SESSIONS', { expire_at: 4_000_000_000_000 }, ['expire_at']],
    ['an earlier activity', 'SESSIONS', { last_active_at: 1 }, ['last_active_at']],
    ['a time to live that is over', 'ACTOR_TOKENS', { ttl: 1 }, ['ttl']],
    ['another reason', 'ACTOR_TOKENS', { reason: 'none' }, ['reason']],
    ['a used ticket that is pending again', 'ACTOR_TOKENS', { status: 'pending' }, ['status']],
    [
      'an erasure that names somebody else',
      'SESSIONS',
      { erased_at: 1_800_000_000_000, actor: '{"sub":"somebody"}' },
      ['actor', 'erased_at'],
    ],
    ['an attribute of nobody', 'ACTOR_TOKENS', { note: 'x' }, ['note']],
  ])('is an event of its own: %s', async (_, table, change, changed) => {
    const story = await aStory();
    const id = table === 'SESSIONS' ? story.sessionId : story.tokenId;
    const since = await changesFromNow();

    await changeItem(table, { id }, change);

    const events = await since((each) => each === id);
    expect(events).toMatchObject([{ type: 'audit.record_changed', record: { id }, changed: [...changed].sort() }]);
  });

  test('is an event of its own: a record that was deleted, or made by hand', async () => {
    const { sessionId } = await aStory();
    const item = (await storedItem('SESSIONS', { id: sessionId })) ?? {};
    const since = await changesFromNow();

    await deleteItem('SESSIONS', { id: sessionId });
    await storeItem('SESSIONS', item);

    const events = await since((each) => each === sessionId);
    expect(events.map(({ type, changed }) => [type, changed])).toEqual([
      ['audit.record_changed', []],
      ['audit.record_changed', []],
    ]);
  });

  test('cannot hide behind an item that no longer can be read', async () => {
    const { tokenId } = await aStory();
    const since = await changesFromNow();

    await changeItem('ACTOR_TOKENS', { id: tokenId }, { actor: 'no JSON' });
    await changeItem('ACTOR_TOKENS', { id: tokenId }, { reason: 'other' });

    expect((await since((each) => each === tokenId)).map(({ type }) => type)).toEqual([
      'audit.record_changed',
      'audit.record_changed',
    ]);
  });
});
