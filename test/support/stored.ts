// Reads the tables without the product, and changes them where a test needs a state that only an accident causes.
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { inject } from 'vitest';

export type Table = 'ACTOR_TOKENS' | 'SESSIONS' | 'CLIENTS' | 'USERS' | 'SECRET_KEYS' | 'BLOCKLIST';

const { dynamodbEndpoint, environment } = inject('stack');
const local = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
// For a deployed stage (npm run smoke) there is no endpoint: the client uses the caller's AWS account.
const engine = new DynamoDBClient(dynamodbEndpoint ? { endpoint: dynamodbEndpoint, ...local } : {});

function nameOf(table: Table): string | undefined {
  return environment[`${table}_TABLE`];
}

// biome-ignore lint/suspicious/noExplicitAny: an item of any table; the tests state what is in it.
export type StoredItem = Record<string, any>;

export async function storedItem(table: Table, key: StoredItem): Promise<StoredItem | undefined> {
  const command = new GetItemCommand({ TableName: nameOf(table), Key: marshall(key), ConsistentRead: true });
  const { Item } = await engine.send(command);
  return Item && unmarshall(Item, { wrapNumbers: Number });
}

export async function storeItem(table: Table, item: StoredItem): Promise<void> {
  await engine.send(
    new PutItemCommand({ TableName: nameOf(table), Item: marshall(item, { removeUndefinedValues: true }) }),
  );
}

/** Changes attributes of an item that exists. Those that become undefined are removed. */
export async function changeItem(table: Table, key: StoredItem, attributes: StoredItem): Promise<void> {
  const item = await storedItem(table, key);
  if (!item) throw new Error(`There is no item to change in ${table}.`);
  await storeItem(table, { ...item, ...attributes });
}

export async function deleteItem(table: Table, key: StoredItem): Promise<void> {
  await engine.send(new DeleteItemCommand({ TableName: nameOf(table), Key: marshall(key) }));
}
