// Measures whether an operation becomes slower when more is stored: users, sessions of the one user whom everything is about, all of them
// live, and pending actor tokens of that user.
import { sign } from 'node:crypto';
import { BatchWriteItemCommand, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { actorTokenFrom } from '../shared/actor-tokens/actor-token-record.ts';
import { unsignedTicketOf } from '../shared/actor-tokens/ticket-of.ts';
import { newId, siblingId } from '../shared/base/ids.ts';
import type { Instance } from '../shared/base/instance.ts';
import { epochMs } from '../shared/base/time.ts';
import { type Item, itemFrom } from '../shared/storage/item.ts';
import { lookupsOf } from '../shared/users/user-lookups.ts';
import { userFrom, userItem } from '../shared/users/user-record.ts';
import type { FaultProxy } from '../test/support/fault-proxy.ts';
import type { Child } from './child.ts';
import { measureCpu } from './cpu.ts';
import { callBackend, signIn, type Target } from './operations.ts';
import type { Measured } from './statistics.ts';
import { countRow, type Row, ratioRow } from './table.ts';

/** Source: DynamoDB API reference, BatchWriteItem: at most 25 items a call. */
const ITEMS_A_CALL = 25;
const CALLS_AT_ONCE = 4;
/** The calls grow in proportion. More sessions take more than the 20 seconds of a function. */
const MOST_SESSIONS_TO_LIST = 10_000;
const MOST_SESSIONS_TO_BAN = 1000;

interface GrowthOptions {
  readonly host: Child;
  readonly floor: Child;
  /** The user whom all records are about. */
  readonly target: Target;
  /** A user who is banned again and again. */
  readonly banned: string;
  /** The API of functions that call DynamoDB through the proxy. */
  readonly counted: Target;
  readonly proxy: FaultProxy;
  /** The engine itself. */
  readonly engine: DynamoDBClient;
  readonly instance: Instance;
  readonly ticketKeyPem: string;
  /** The numbers of users, of live sessions and of pending actor tokens, the smallest first. */
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly report: (line: string) => void;
}

const text = (size: number) => size.toLocaleString('en');

/** Stores items, 25 in a call. */
async function store(engine: DynamoDBClient, table: string, items: readonly Item[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(items.length / ITEMS_A_CALL) }, (_empty, position) =>
    items.slice(position * ITEMS_A_CALL, (position + 1) * ITEMS_A_CALL),
  );
  const write = async () => {
    for (let batch = batches.pop(); batch; batch = batches.pop()) {
      const requests = batch.map((item) => ({ PutRequest: { Item: marshall(item, { removeUndefinedValues: true }) } }));
      await engine.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, write));
}

/** Makes items like those that the product stored: each for another user, another session or another actor token. */
async function makersOf(target: Target, { engine, instance, ticketKeyPem }: GrowthOptions) {
  const { tables } = instance;
  const stored = async (TableName: string, id: string): Promise<Item> => {
    const key = { TableName, Key: marshall({ id }), ConsistentRead: true };
    return itemFrom((await engine.send(new GetItemCommand(key))).Item ?? {});
  };
  const { sessionId } = await signIn(target);
  const body = { user_id: target.userId, actor: { sub: 'support' } };
  const created = await callBackend(target, 'POST', '/v1/actor_tokens', body);
  const user = userFrom(await stored(tables.users, target.userId));
  const pending = await stored(tables.actorTokens, created.json.id);
  const accepted = await stored(tables.actorTokens, sessionId.replace('sess_', 'act_'));
  const session = await stored(tables.sessions, sessionId);
  const token = actorTokenFrom(accepted);
  const now = epochMs(Date.now());
  return {
    users: () => {
      const id = newId('user', now);
      const another = {
        ...user,
        id,
        externalId: id,
        emailAddresses: [{ id: newId('idn', now), value: `${id}@example.com` }],
      };
      return [itemFrom(userItem(another)), ...lookupsOf(another)];
    },
    pending: () => ({ ...pending, id: newId('act', now) }),
    /** A session and its actor token, with a ticket that the ticket key signed. */
    sessionWithToken: () => {
      const id = newId('act', now);
      const { signingInput, hash } = unsignedTicketOf({ ...token, id }, instance);
      const signature = sign('sha256', Buffer.from(signingInput), ticketKeyPem).toString('base64url');
      const ofToken = { session_id: siblingId('sess', id), ticket_hash: hash, ticket_signature: signature };
      return [
        { ...accepted, id, ...ofToken },
        { ...session, id: siblingId('sess', id), actor_token_id: id },
      ] as const;
    },
  };
}

type Makers = Awaited<ReturnType<typeof makersOf>>;

async function storeSessions({ engine, instance }: GrowthOptions, make: Makers, number: number): Promise<void> {
  const made = Array.from({ length: number }, make.sessionWithToken);
  const [tokens, sessions] = [made.map(([token]) => token), made.map(([, session]) => session)];
  await store(engine, instance.tables.actorTokens, tokens);
  await store(engine, instance.tables.sessions, sessions);
}

/** The calls to DynamoDB of one request of the customer's server. */
async function callsOf(
  { proxy, counted }: GrowthOptions,
  ...request: readonly [method: 'GET' | 'POST', path: string]
): Promise<number> {
  const { requests } = await proxy.watch(() => callBackend(counted, ...request));
  return requests.length;
}

/** The calls of a ban of a user who has this number of live sessions. */
async function callsOfBan(size: number, options: GrowthOptions): Promise<number> {
  const { target, banned } = options;
  // Another sign-in is the example of which the others are made.
  const make = await makersOf({ ...target, userId: banned }, options);
  await storeSessions(options, make, size - 1);
  const calls = await callsOf(options, 'POST', `/v1/users/${banned}/ban`);
  await callBackend(target, 'POST', `/v1/users/${banned}/unban`);
  return calls;
}

/** The calls of the requests that read or end many records. */
async function callsAt(size: number, options: GrowthOptions): Promise<readonly Row[]> {
  const { userId } = options.target;
  const lists = {
    [`GET /v1/users, ${text(size)} users`]: '/v1/users',
    ...(size <= MOST_SESSIONS_TO_LIST && {
      [`GET /v1/sessions?user_id=…, ${text(size)} sessions`]: `/v1/sessions?user_id=${userId}`,
      [`GET /v1/sessions?status=active, ${text(size)} live sessions`]: '/v1/sessions?status=active',
    }),
  };
  const rows: Row[] = [];
  for (const [what, path] of Object.entries(lists))
    rows.push(countRow(`${what}: calls`, await callsOf(options, 'GET', path)));
  if (size > MOST_SESSIONS_TO_BAN) return rows;
  return [...rows, countRow(`ban of a user, ${text(size)} live sessions: calls`, await callsOfBan(size, options))];
}

/** Returns the CPU time of each operation with more stored, as a multiple of that with the least, and the calls of what grows. */
export async function measureGrowth(options: GrowthOptions): Promise<readonly Row[]> {
  const { engine, instance, sizes, target, report } = options;
  const { tables } = instance;
  const rows: Row[] = [];
  let stored = 0;
  let first: ReadonlyMap<string, Measured> | undefined;
  for (const size of sizes) {
    const make = await makersOf(target, options);
    const more = Array.from({ length: size - stored });
    await store(engine, tables.users, more.flatMap(make.users));
    await store(engine, tables.actorTokens, more.map(make.pending));
    await storeSessions(options, make, more.length);
    stored = size;
    report(`growth: ${text(size)} of each are stored`);
    rows.push(...(await callsAt(size, options)));
    const found = await measureCpu(options);
    const base = first ?? found;
    first = base;
    for (const [name, { median, low, high }] of found) {
      const by = base.get(name)?.median ?? Number.NaN;
      const what = `${name}: CPU with ${text(size)} stored ÷ with ${text(sizes[0] ?? 0)}`;
      if (found !== base) rows.push(ratioRow(what, { median: median / by, low: low / by, high: high / by }));
    }
  }
  return rows;
}
