// Evaluates the invariants on the tables of the running stack.
import { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { expect, inject } from 'vitest';
import { type Change, violatedBy } from '../prove/invariants.ts';
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

/** The items as they were when they were looked at last. */
const seen = new Map<string, StoredItem>();

/** Returns the change of an item since it was looked at last. */
function changeOf(table: string, item: StoredItem): Change {
  const before = seen.get(item.id);
  seen.set(item.id, item);
  return { table, before, after: item };
}

const isSession = ({ id }: StoredItem) => String(id).startsWith('sess_');

/** Checks the invariants for everything that is stored about these actor tokens: their sessions, and the browsers of these. */
export async function expectInvariants(actorTokenIds: readonly string[]): Promise<void> {
  const sessionIds = actorTokenIds.map((id) => id.replace('act_', 'sess_'));
  const stored = await storedById({ ACTOR_TOKENS: actorTokenIds, SESSIONS: sessionIds });
  const sessions = [...stored.values()].filter(isSession);
  const clients = await storedById({ CLIENTS: sessions.map(({ client_id }) => client_id) });
  for (const id of actorTokenIds) {
    const status = stored.get(id)?.status;
    if (status === undefined || status === 'refused') throw new Error(`The actor token ${id} is ${status ?? 'gone'}.`);
  }
  const changes = [
    ...[...stored.values()].map((item) => changeOf(isSession(item) ? 'Sessions' : 'ActorTokens', item)),
    ...[...clients.values()].map((item) => changeOf('Clients', item)),
  ];
  const violated = violatedBy({
    changes,
    itemOf: (_table, id) => stored.get(id) ?? clients.get(id),
    sessionsOf: (clientId) => sessions.filter(({ client_id }) => client_id === clientId),
    now: Date.now(),
    tolerance: 0,
  });
  expect(violated).toBeUndefined();
}

/** Returns the claims of a session token. Other tests verify its signature. */
export function claimsOf(jwt: string): StoredItem {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
}
