// Somebody has taken over one function, and may do whatever its role allows, in any table. The roles are those of the synthesized
// template, judged as IAM judges them.
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { type LambdaName, routes } from '../../functions/routes.ts';
import { readAssembly } from '../../local/aws/assembly.ts';
import { authorizer, Unauthorized } from '../../local/aws/iam/authorize.ts';
import { stackFrom } from '../../local/aws/stack.ts';
import { directoryAt } from '../../local/directory.ts';
import { Browser } from '../support/browser.ts';
import { MINUTE, noon, setClock, startAtNoon } from '../support/clock.ts';
import { aPendingActorToken, aUser } from '../support/given.ts';
import { summary } from '../support/refusal.ts';
import { TABLES } from '../support/scan.ts';
import { deleteItem, type StoredItem, type Table } from '../support/stored.ts';
import { operations, type Request } from './operations.ts';
import { aSignedOutStory, aStory, attempts, recordOf, restore, type Story } from './stories.ts';

startAtNoon();

const { baseUrl, dir, environment, guardEndpoint } = inject('stack');
const { functions, keyPolicies, routes: deployed } = stackFrom(await readAssembly(directoryAt(dir).assembly), baseUrl);

/** The function of a Lambda, which runs in front of each of its routes. */
function functionOf(lambda: LambdaName): string {
  const { method, path } = routes.find((route) => route.lambda === lambda) ?? {};
  const found = deployed.find(({ routeKey }) => routeKey === `${method} ${path}`);
  if (!found) throw new Error(`No route leads to ${lambda}.`);
  return found.functionName;
}

const nameOf = (table: Table) => environment[`${table}_TABLE`] ?? '';

const { authorize } = authorizer(functions, keyPolicies, () => undefined);

function isAllowed(lambda: LambdaName, service: 'dynamodb' | 'kms', operation: string, body: object): boolean {
  const authorization = `AWS4-HMAC-SHA256 Credential=${functionOf(lambda)}/20260101/us-east-1/${service}/aws4_request`;
  try {
    authorize({ service, operation, authorization, body: JSON.stringify(body) });
    return true;
  } catch (error) {
    if (error instanceof Unauthorized && error.type === 'AccessDeniedException') return false;
    throw error;
  }
}

/** Everything that changes an item: `PutItem` and `UpdateItem` create one too, and set a `ttl` at which DynamoDB deletes it. */
const WRITES = [
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'PartiQLInsert',
  'PartiQLUpdate',
  'PartiQLDelete',
];

function isWriteAllowed(lambda: LambdaName, operation: string, table: Table): boolean {
  const body =
    operation === 'BatchWriteItem' ? { RequestItems: { [nameOf(table)]: [] } } : { TableName: nameOf(table) };
  return isAllowed(lambda, 'dynamodb', operation, body);
}

function writesOf(lambda: LambdaName): readonly string[] {
  return TABLES.flatMap((table) => {
    const allowed = WRITES.filter((operation) => isWriteAllowed(lambda, operation, table));
    return allowed.length > 0 ? [`${table}: ${allowed.join(', ')}`] : [];
  });
}

const DIGEST = { MessageType: 'DIGEST', SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256' } as const;
const KEYS = { tickets: environment.TICKET_KEY_IDS, 'session tokens': environment.SESSION_KEY_IDS };

function signedBy(lambda: LambdaName): readonly string[] {
  return Object.entries(KEYS).flatMap(([what, KeyId]) =>
    isAllowed(lambda, 'kms', 'Sign', { KeyId, ...DIGEST }) ? [what] : [],
  );
}

interface Power {
  readonly writes: readonly string[];
  readonly signs: readonly string[];
  /** The power of somebody with the role over the record and the sessions, besides the function's own duty. */
  readonly follows: string;
}

const powers: Readonly<Record<LambdaName, Power>> = {
  'create-actor-token': {
    writes: ['ACTOR_TOKENS: PutItem'],
    signs: ['tickets'],
    follows: 'signs tickets for anyone, and overwrites or expires actor tokens',
  },
  'revoke-actor-token': {
    writes: ['ACTOR_TOKENS: UpdateItem'],
    signs: [],
    follows: 'takes back revocations, and spoils or expires actor tokens, which ends their sessions',
  },
  'create-sign-in': {
    writes: ['ACTOR_TOKENS: UpdateItem', 'SESSIONS: PutItem, UpdateItem', 'CLIENTS: PutItem, UpdateItem'],
    signs: ['session tokens'],
    follows:
      'signs session tokens for anyone, gives sessions of signed tickets to other browsers or starts them anew, and changes or expires ' +
      'the whole record; it signs no ticket, so no session that it writes is for another user, actor or duration',
  },
  'revoke-session': {
    writes: ['SESSIONS: UpdateItem'],
    signs: [],
    follows: 'takes back the end of sessions, and spoils or expires sessions',
  },
  'browser-sessions': {
    writes: ['SESSIONS: UpdateItem'],
    signs: ['session tokens'],
    follows: 'signs session tokens for anyone, takes back the end of sessions, and spoils or expires sessions',
  },
  'backend-sessions': {
    writes: ['SESSIONS: UpdateItem'],
    signs: ['session tokens'],
    follows: 'signs session tokens for anyone, takes back the end of sessions, and spoils or expires sessions',
  },
  users: {
    writes: ['SESSIONS: UpdateItem', 'USERS: PutItem, UpdateItem, DeleteItem'],
    signs: [],
    follows:
      'lifts bans, changes what is shown of users, takes back the end of sessions, and spoils or expires sessions',
  },
  blocklist: {
    writes: ['SESSIONS: UpdateItem', 'BLOCKLIST: UpdateItem'],
    signs: [],
    follows: 'lifts blocks and makes them, takes back the end of sessions, and spoils or expires sessions',
  },
  tickets: { writes: [], signs: [], follows: 'changes nothing' },
  fallback: { writes: [], signs: [], follows: 'changes nothing' },
};

const lambdas = Object.keys(powers) as LambdaName[];

test.for(lambdas.map((lambda) => [lambda, powers[lambda].follows] as const))('the role of %s %s', ([lambda]) => {
  const { writes, signs } = powers[lambda];

  expect({ writes: writesOf(lambda), signs: signedBy(lambda) }).toEqual({ writes, signs });
});

describe('with the role of one function', () => {
  const settings = (lambda: LambdaName) => ({
    region: 'us-east-1',
    credentials: { accessKeyId: functionOf(lambda), secretAccessKey: 'local' },
    endpoint: guardEndpoint,
    maxAttempts: 1,
  });

  /** The change of a whole item, as an update: where there is no item, it creates one. */
  function update(table: Table, { id, ...attributes }: StoredItem): UpdateItemCommand {
    const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
    return new UpdateItemCommand({
      TableName: nameOf(table),
      Key: marshall({ id }),
      UpdateExpression: `SET ${entries.map((_, index) => `#${index} = :${index}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(entries.map(([name], index) => [`#${index}`, name])),
      ExpressionAttributeValues: marshall(Object.fromEntries(entries.map(([, value], index) => [`:${index}`, value]))),
    });
  }

  const clients = new Map<LambdaName, DynamoDBClient>();

  function clientOf(lambda: LambdaName): DynamoDBClient {
    const client = clients.get(lambda) ?? new DynamoDBClient(settings(lambda));
    clients.set(lambda, client);
    return client;
  }

  afterAll(() => {
    for (const client of clients.values()) client.destroy();
  });

  const isDenied = (error: unknown) => error instanceof Error && error.name === 'AccessDeniedException';

  /** Stores those of the items that the role of a function may store. */
  async function writeAs(lambda: LambdaName, items: Partial<Record<Table, StoredItem>>): Promise<void> {
    const dynamodb = clientOf(lambda);
    for (const [table, item] of Object.entries(items) as [Table, StoredItem][]) {
      const put = new PutItemCommand({
        TableName: nameOf(table),
        Item: marshall(item, { removeUndefinedValues: true }),
      });
      await dynamodb
        .send(put)
        .catch((error: unknown) => (isDenied(error) ? dynamodb.send(update(table, item)) : Promise.reject(error)))
        .catch((error: unknown) => (isDenied(error) ? undefined : Promise.reject(error)));
    }
  }

  interface Attack {
    readonly request: Request;
    /** Puts back what was stored before. */
    readonly before: () => Promise<unknown>;
    readonly items: Partial<Record<Table, StoredItem>>;
  }

  const attacks: Readonly<Record<string, (mallory: Story, victim: Story) => Promise<Attack>>> = {
    'start a session': async (mallory) => {
      const token = await recordOf('ACTOR_TOKENS', (await aPendingActorToken()).id);
      const { SESSIONS, ACTOR_TOKENS, CLIENTS } = mallory.records;
      const { end_status, ended_at, end_cause, ...session } = SESSIONS;
      const { id: actor_token_id, user_id, actor } = token;
      const id = actor_token_id.replace('act', 'sess');
      return {
        request: { browser: mallory.browser, sessionId: id, userId: user_id },
        before: () => deleteItem('SESSIONS', { id }),
        items: {
          SESSIONS: { ...session, id, actor_token_id, user_id, actor },
          ACTOR_TOKENS: { ...ACTOR_TOKENS, ...token, status: 'accepted', session_id: id },
          CLIENTS: { ...CLIENTS, session_id: id, user_id },
        },
      };
    },
    'change the user of a session': async (_, victim) => {
      const user_id = await aUser();
      const { SESSIONS, ACTOR_TOKENS, CLIENTS } = victim.records;
      return {
        request: { ...victim, userId: user_id },
        before: () => restore(victim),
        items: {
          SESSIONS: { ...SESSIONS, user_id },
          ACTOR_TOKENS: { ...ACTOR_TOKENS, user_id },
          CLIENTS: { ...CLIENTS, user_id },
        },
      };
    },
    'change the actor of a session': async (_, victim) => {
      const actor = '{"sub":"the_ceo"}';
      const { SESSIONS, ACTOR_TOKENS } = victim.records;
      return {
        request: victim,
        before: () => restore(victim),
        items: { SESSIONS: { ...SESSIONS, actor }, ACTOR_TOKENS: { ...ACTOR_TOKENS, actor } },
      };
    },
    'prolong a session past its end': async (_, victim) => {
      const { SESSIONS, ACTOR_TOKENS } = victim.records;
      setClock(noon + 30 * MINUTE);
      const expire_at = noon + 60 * MINUTE;
      return {
        request: victim,
        before: () => restore(victim),
        items: {
          SESSIONS: { ...SESSIONS, expire_at, last_active_at: Date.now() },
          ACTOR_TOKENS: { ...ACTOR_TOKENS, session_max_duration_in_seconds: 3600 },
        },
      };
    },
    'hand a session to another browser': async (mallory, victim) => {
      const { id: client_id, secret_hash: client_secret_hash } = mallory.records.CLIENTS;
      const { SESSIONS, ACTOR_TOKENS } = victim.records;
      return {
        request: { ...victim, browser: mallory.browser },
        before: () => restore(victim),
        items: {
          SESSIONS: { ...SESSIONS, client_id, client_secret_hash },
          ACTOR_TOKENS: { ...ACTOR_TOKENS, client_id, client_secret_hash },
        },
      };
    },
  };

  /** The ways to a session token. one-table.test.ts asks every operation. */
  const minting = operations.filter(({ gives }) => gives.includes('a session token'));

  /** Returns the operations that gave something after the role wrote what it may. */
  async function gains(lambda: LambdaName | undefined, attack: string): Promise<readonly string[]> {
    const [mallory, victim] = [await aSignedOutStory(), await aStory()];
    const prepared = await attacks[attack]?.(mallory, victim);
    if (!lambda || !prepared) throw new Error(`There is no attack ${attack} by ${lambda}.`);
    const { request, before, items } = prepared;
    const tried = await attempts(minting, request, async () => {
      await before();
      await writeAs(lambda, items);
    });
    return tried.filter(({ gave }) => gave !== 'nothing').map(({ operation }) => operation);
  }

  const writers = lambdas.filter((lambda) => powers[lambda].writes.length > 0);
  /** Roles that may write the same can do the same, so the first of them stands for the others. */
  const alike = [...Map.groupBy(writers, (lambda) => powers[lambda].writes.join()).values()];
  const rows = alike.flatMap(([first, ...others]) =>
    Object.keys(attacks).map((attack) => [[first, ...others].join(', '), attack, first] as const),
  );
  const isAccepted = ([, attack, first]: (typeof rows)[number]) =>
    first === 'create-sign-in' && attack === 'hand a session to another browser';

  test.for(rows.filter((row) => !isAccepted(row)))('%s cannot %s', async ([, attack, first]) => {
    expect(await gains(first, attack)).toEqual([]);
  });

  test.for(rows.filter(isAccepted))('accepted: %s can %s', async ([, attack, first]) => {
    expect(await gains(first, attack)).toContain('touch the session');
  });

  test.for(writers)('%s cannot redeem a ticket for another user', async (lambda) => {
    const [own, other] = [await aPendingActorToken(), await aPendingActorToken()];
    const { user_id, actor } = await recordOf('ACTOR_TOKENS', other.id);
    await writeAs(lambda, { ACTOR_TOKENS: { ...(await recordOf('ACTOR_TOKENS', own.id)), user_id, actor } });

    const answer = await new Browser().redeem(own.ticket);

    const isWritten = powers[lambda].writes.some((write) => write.startsWith('ACTOR_TOKENS'));
    expect(summary(answer)).toBe(isWritten ? '400 ticket_invalid_code' : '200');
    if (!isWritten) expect(answer.json.client.sessions[0].user.id).toBe(own.userId);
  });

  test.for(lambdas)('%s does not sign what it may not sign', async (lambda) => {
    const kms = new KMSClient(settings(lambda));
    for (const [what, KeyId] of Object.entries(KEYS)) {
      if (powers[lambda].signs.includes(what)) continue;
      const signing = kms.send(new SignCommand({ KeyId, Message: Buffer.alloc(32), ...DIGEST }));
      await expect(signing).rejects.toHaveProperty('name', 'AccessDeniedException');
    }
  });
});
