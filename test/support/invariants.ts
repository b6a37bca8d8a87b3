// Rules that hold in the tables at any moment, whatever requests were concurrent, lost or repeated.
import { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { expect, inject } from 'vitest';
import type { StoredItem, Table } from './stored.ts';

const { dynamodbEndpoint, environment } = inject('stack');
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const engine = new DynamoDBClient({ endpoint: dynamodbEndpoint, region: 'us-east-1', credentials });

/** Reads those of the items that exist, by id. It sends one request, because many steps call it. */
async function storedById(idsOf: Partial<Record<Table, readonly string[]>>): Promise<ReadonlyMap<string, StoredItem>> {
  const tables = Object.entries(idsOf).filter(([, ids]) => ids.length > 0);
  if (tables.length === 0) return new Map();
  const RequestItems = Object.fromEntries(
    tables.map(([table, ids]) => {
      const Keys = [...new Set(ids)].map((id) => marshall({ id }));
      return [environment[`${table}_TABLE`] ?? '', { Keys, ConsistentRead: true }];
    }),
  );
  const { Responses = {} } = await engine.send(new BatchGetItemCommand({ RequestItems }));
  const items = Object.values(Responses)
    .flat()
    .map((item) => unmarshall(item));
  return new Map(items.map((item) => [item.id, item]));
}

/** Tokens and sessions as they were at earlier checks: some of their attributes never change again. */
const seen = new Map<string, StoredItem>();

const FINAL_OF_TOKEN = ['status', 'session_id', 'attempt', 'updated_at', 'client_id'];
const END_OF_SESSION = ['end_status', 'ended_at', 'end_cause', 'ended_by', 'ended_from', 'ended_with'];
const FIXED_IN_SESSION = [
  'client_id',
  'client_secret_hash',
  'user_id',
  'actor',
  'actor_token_id',
  'created_at',
  'expire_at',
];

function pick(item: StoredItem, names: readonly string[]): StoredItem {
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}

function checkTokenAgainstSession(token: StoredItem, session: StoredItem | undefined): void {
  expect(['pending', 'accepted', 'revoked']).toContain(token.status);
  expect(session !== undefined, `${token.id} is ${token.status}`).toBe(token.status === 'accepted');
  if (!session) return;
  expect(token.session_id).toBe(session.id);
  expect(pick(session, ['user_id', 'actor', 'client_id'])).toEqual(pick(token, ['user_id', 'actor', 'client_id']));
  expect(session.actor_token_id).toBe(token.id);
  expect(session.expire_at).toBe(session.created_at + token.session_max_duration_in_seconds * 1000);
  expect(session.created_at).toBeLessThan(token.expire_at);
  const written = END_OF_SESSION.filter((name) => name in session).length;
  expect([0, END_OF_SESSION.length]).toContain(written);
}

function checkAgainstPast(token: StoredItem, session: StoredItem | undefined): void {
  const [tokenBefore, sessionBefore] = [seen.get(token.id), seen.get(`session of ${token.id}`)];
  if (tokenBefore && tokenBefore.status !== 'pending') {
    expect(pick(token, FINAL_OF_TOKEN)).toEqual(pick(tokenBefore, FINAL_OF_TOKEN));
  }
  if (session && sessionBefore) {
    expect(pick(session, FIXED_IN_SESSION)).toEqual(pick(sessionBefore, FIXED_IN_SESSION));
    if (sessionBefore.end_status) expect(session).toEqual(sessionBefore);
  }
  seen.set(token.id, token);
  if (session) seen.set(`session of ${token.id}`, session);
}

/** Checks that no session of a browser is live, except the one that its client names. */
function checkClient(client: StoredItem | undefined, sessions: readonly StoredItem[]): void {
  const current = sessions.find(({ id }) => id === client?.session_id);
  const live = sessions.filter(({ end_status, expire_at }) => !end_status && expire_at > Date.now());
  expect(live.length).toBeLessThanOrEqual(1);
  if (live[0]) expect(live[0].id).toBe(client?.session_id);
  if (!current) return;
  expect(client?.secret_hash).toBe(current.client_secret_hash);
  expect(client?.session_expire_at).toBe(current.expire_at);
}

/** Checks everything that is stored about these actor tokens: sessions, browsers, and changes since the last check. */
export async function expectInvariants(actorTokenIds: readonly string[]): Promise<void> {
  const sessionIdOf = (id: string) => id.replace('act_', 'sess_');
  const items = await storedById({ ACTOR_TOKENS: actorTokenIds, SESSIONS: actorTokenIds.map(sessionIdOf) });
  for (const id of actorTokenIds) {
    const [token, session] = [items.get(id), items.get(sessionIdOf(id))];
    if (!token) throw new Error(`The actor token ${id} is gone.`);
    checkTokenAgainstSession(token, session);
    checkAgainstPast(token, session);
  }
  const sessions = [...items.values()].filter(({ client_id, actor_token_id }) => client_id && actor_token_id);
  const byClient = Map.groupBy(sessions, ({ client_id }): string => client_id);
  const clients = await storedById({ CLIENTS: [...byClient.keys()] });
  for (const [id, ofClient] of byClient) checkClient(clients.get(id), ofClient);
}

/** Returns the claims of a session token. Other tests verify its signature. */
export function claimsOf(jwt: string): StoredItem {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
}
