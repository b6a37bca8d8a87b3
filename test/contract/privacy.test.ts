// docs/privacy.md says what is stored and logged of whom. These tests compare it with what the product stores, logs and answers.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
import { createActorToken } from '../../shared/actor-tokens/create-actor-token.ts';
import { epochMs } from '../../shared/base/time.ts';
import { createSecretKey } from '../../shared/secret-keys/create-secret-key.ts';
import { revokeSecretKey } from '../../shared/secret-keys/revoke-secret-key.ts';
import { eraseRecords } from '../../shared/sessions/erase-records.ts';
import { Browser } from '../support/browser.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { callBackend, startApi, testInstance } from '../support/http.ts';
import { LOGGED_NAMES } from '../support/logged-names.ts';
import { policyOf } from '../support/policies.ts';
import { itemsWith } from '../support/scan.ts';
import { type StoredItem, storedItem } from '../support/stored.ts';

const page = readFileSync(new URL('../../docs/privacy.md', import.meta.url), 'utf8');

function section(title: string): string {
  return page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
}

/** The cells of each row of a table, without its head. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n').filter((line) => line.startsWith('| '));
  const cells = lines.slice(1).map((line) => line.split('|').map((cell) => cell.trim()));
  return cells.map((row) => row.slice(1, -1));
}

function quoted(text = ''): readonly string[] {
  return [...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
}

const documented = rowsOf(section('What is stored')).map(([table, attributes, _about, _what, after]) => ({
  table: quoted(table)[0] ?? '',
  attributes: quoted(attributes),
  after,
}));

function attributesOf(table: string): readonly string[] {
  return documented.filter((row) => row.table === table).flatMap(({ attributes }) => attributes);
}

const fullUser = () => ({
  external_id: `customer_${randomUUID()}`,
  username: 'ada',
  first_name: 'Ada',
  last_name: 'Lovelace',
  email_address: ['ada@example.com'],
  phone_number: ['+15555550100'],
  locale: 'en-US',
  legal_accepted_at: '2012-10-20T07:15:20.902Z',
  totp_secret: 'secret',
  backup_codes: ['code'],
  public_metadata: { plan: 'pro' },
  private_metadata: { note: 'private' },
  unsafe_metadata: { theme: 'dark' },
});

/** Instances with a policy: one that allows everything, and one that denies it. */
const judging = (effect: 'allow' | 'deny') => testInstance({}, { policy: policyOf({ id: effect, effect }) });
const allowing = startApi(judging('allow'));
const denying = startApi(judging('deny'));

/** Creates an actor token as an operator, and returns its id and its ticket. */
async function aTokenOfAnOperator(userId: string, actor: { readonly sub: string }) {
  const verified = { iss: 'https://corp.example.com', sub: '00u1', email: 'sam@example.com', iat: 1_700_000_000 };
  const operator = { subject: actor.sub, verified };
  const caller = { sourceIp: '192.0.2.7', userAgent: 'test', operator };
  const params = { actor, reason: 'Case 4711', expiresInSeconds: undefined, sessionMaxDurationInSeconds: undefined };
  const call = { instance: judging('allow'), now: epochMs(Date.now()), caller };
  const { actorToken, ticket } = await createActorToken({ ...params, userId }, call);
  return { id: actorToken.id, ticket };
}

/**
 * A story in which every attribute is stored: a redeemed and a revoked token, one that was refused, a session that the policy ended, a ban
 * that was lifted.
 */
async function aStory() {
  const { allowedOrigin } = inject('stack');
  const own = { instance: testInstance(), now: epochMs(Date.now()) };
  const { key } = await createSecretKey({ name: 'revoked', expiresAt: epochMs(Date.now() + 60_000) }, own);
  await revokeSecretKey(key.id, own);
  const user = fullUser();
  const userId = await aUser(user);
  const sub = `support_${randomUUID()}`;
  const params = { user_id: userId, actor: { sub, name: 'Sam Support' } };
  const { id, ticket } = await aTokenOfAnOperator(userId, params.actor);
  const revoked = await aPendingActorToken(params);
  await denying.callBackend('POST', '/v1/actor_tokens', params);
  const [refused] = await itemsWith('ACTOR_TOKENS', { user_id: userId, status: 'refused' });
  await new Browser(denying).redeem(revoked.ticket);
  const browser = new Browser(allowing);
  await browser.redeem(ticket, { origin: allowedOrigin });
  const [clientId] = /client_\w{27}/.exec(browser.cookies.join(';')) ?? [];
  const sessionId = id.replace('act_', 'sess_');
  await callBackend('POST', `/v1/actor_tokens/${revoked.id}/revoke`);
  await denying.callBackend('POST', `/v1/sessions/${sessionId}/tokens`);
  const block = (await callBackend('POST', '/v1/blocklist_identifiers', { identifier: randomUUID(), reason: 'left' }))
    .json;
  await callBackend('DELETE', `/v1/blocklist_identifiers/${block.id}`);
  const ended = await aSignedInBrowser(params);
  await callBackend('POST', `/v1/sessions/${ended.sessionId}/revoke`);
  await callBackend('POST', `/v1/users/${userId}/ban`);
  await callBackend('POST', `/v1/users/${userId}/unban`);
  const read = async () => ({
    ActorTokens: [
      await storedItem('ACTOR_TOKENS', { id }),
      await storedItem('ACTOR_TOKENS', { id: revoked.id }),
      await storedItem('ACTOR_TOKENS', { id: refused?.id }),
    ],
    Sessions: [await storedItem('SESSIONS', { id: sessionId }), await storedItem('SESSIONS', { id: ended.sessionId })],
    Clients: [await storedItem('CLIENTS', { id: clientId })],
    Users: [
      await storedItem('USERS', { id: userId }),
      await storedItem('USERS', { id: `external_id#${user.external_id}` }),
      await storedItem('USERS', { id: `email_address#${user.email_address[0]}#${userId}` }),
    ],
    SecretKeys: await itemsWith('SECRET_KEYS', { id: key.id }),
    Blocklist: [await storedItem('BLOCKLIST', { id: block.id })],
  });
  return { sub, read };
}

test('docs/privacy.md has each attribute that is stored, and no other', async () => {
  const { read } = await aStory();

  for (const [table, items] of Object.entries(await read())) {
    const stored = new Set(items.flatMap((item) => Object.keys(item ?? {})));
    expect([...stored].sort(), table).toEqual([...attributesOf(table)].sort());
  }
});

test('docs/privacy.md says of each attribute what erasing a person does to it', async () => {
  const { sub, read } = await aStory();
  const before = await read();

  await eraseRecords({ actorSub: sub }, { instance: testInstance(), now: epochMs(Date.now()) });

  const after = await read();
  const outcomeOf = (name: string, one: StoredItem = {}, other: StoredItem = {}) => {
    if (JSON.stringify(other[name]) === JSON.stringify(one[name])) return 'stays';
    return other[name] === null ? 'removed' : 'replaced';
  };
  const pairs = (['ActorTokens', 'Sessions'] as const).flatMap((table) =>
    before[table].map((item, index) => ({ table, item, changed: after[table][index] })),
  );
  for (const { table, item, changed } of pairs) {
    const isStored = (name: string) => Object.hasOwn(item ?? {}, name) && item?.[name] !== null;
    const changes = Object.keys(item ?? {})
      .filter(isStored)
      .map((name) => [name, outcomeOf(name, item, changed)]);
    const expected = documented
      .filter((row) => row.table === table)
      .flatMap((row) => row.attributes.map((name): [string, string | undefined] => [name, row.after]))
      .filter(([name]) => isStored(name));
    expect(Object.fromEntries(changes), table).toEqual(Object.fromEntries(expected));
    expect(changed?.erased_at).toBeTypeOf('number');
  }
  expect([after.Clients, after.Users]).toEqual([before.Clients, before.Users]);
});

test('docs/privacy.md has each member of a log line that is about people', () => {
  const listed = rowsOf(section('What is logged')).map(([name]) => quoted(name)[0]);

  expect(listed.sort()).toEqual(Object.keys(LOGGED_NAMES).sort());
});

test('docs/privacy.md has each fact about a user that a page sees', async () => {
  const told = async (params: object) => {
    const { browser } = await aSignedInBrowser({ user_id: await aUser({ first_name: null, ...params }) });
    const [me, client] = [await browser.get('/v1/me'), await browser.get('/v1/client')];
    expect(client.json.response.sessions[0].user).toEqual(me.json.response);
    return me.json.response;
  };
  const [full, least] = [await told(fullUser()), await told({})];

  const told_apart = Object.keys(full).filter((name) => JSON.stringify(full[name]) !== JSON.stringify(least[name]));
  const facts = told_apart.filter((name) => !/^(id|primary_\w+_id|\w+_at)$/.test(name));
  const [paragraph = ''] = section('What a page sees').split('It never gets');
  expect(quoted(paragraph.split('These are')[1]).toSorted()).toEqual(facts.toSorted());
  expect(full).not.toHaveProperty('private_metadata');
});
