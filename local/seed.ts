import { readFile } from 'node:fs/promises';
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { idSchema, newId, type UserId } from '../shared/base/ids.ts';
import type { Instance } from '../shared/base/instance.ts';
import { type EpochMs, epochMs } from '../shared/base/time.ts';
import { newSecretKey, type SecretKey, secretKeyHash, secretKeyScopes } from '../shared/secret-keys/secret-key.ts';
import { secretKeyItem } from '../shared/secret-keys/secret-key-record.ts';
import type { User } from '../shared/users/user.ts';
import { lookupsOf } from '../shared/users/user-lookups.ts';
import { userItem } from '../shared/users/user-record.ts';
import { writePrivateFile } from './aws/private-file.ts';
import type { Directory } from './directory.ts';

/** The items that a first start stores: users to impersonate, and a secret key. */
export interface Seed {
  readonly secretKey: string;
  readonly userIds: readonly string[];
}

interface SeedOptions {
  readonly dynamodb: DynamoDBClient;
  readonly directory: Directory;
  readonly instance: Instance;
  /** Epoch milliseconds. */
  readonly now: number;
}

interface Person {
  readonly firstName: string;
  readonly lastName: string;
  /** The person has set up a second factor, which a ticket bypasses. */
  readonly hasSecondFactor: boolean;
}

const people: readonly Person[] = [
  { firstName: 'Ada', lastName: 'Lovelace', hasSecondFactor: false },
  { firstName: 'Grace', lastName: 'Hopper', hasSecondFactor: true },
  { firstName: 'Mary', lastName: 'Jackson', hasSecondFactor: false },
];

const storedSchema = v.object({
  keyId: idSchema('key'),
  userIds: v.array(idSchema('user')),
});

/** Returns the text of a file, which is created first when it does not exist. */
async function readOrCreate(path: string, create: () => string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text !== undefined) return text.trim();
  const created = create();
  await writePrivateFile(path, `${created}\n`);
  return created;
}

function userOf({ firstName, lastName, hasSecondFactor }: Person, id: UserId, now: EpochMs): User {
  return {
    id,
    externalId: `customer_${firstName.toLowerCase()}`,
    username: null,
    firstName,
    lastName,
    locale: null,
    emailAddresses: [{ id: newId('idn', now), value: `${firstName.toLowerCase()}@example.com` }],
    phoneNumbers: [],
    totpEnabled: hasSecondFactor,
    backupCodeEnabled: hasSecondFactor,
    mfaEnabledAt: undefined,
    publicMetadata: {},
    privateMetadata: {},
    unsafeMetadata: {},
    banned: false,
    bannedAt: undefined,
    unbannedAt: undefined,
    legalAcceptedAt: undefined,
    createdAt: now,
    updatedAt: now,
  };
}

async function storeUsers(dynamodb: DynamoDBClient, table: string, users: readonly User[]): Promise<void> {
  for (const user of users) {
    for (const Item of [userItem(user), ...lookupsOf(user).map((item) => marshall(item))])
      await dynamodb.send(new PutItemCommand({ TableName: table, Item }));
  }
}

/**
 * Stores three users and one secret key, once. Their ids and the key are kept in the directory, so that they are the same after
 * a restart; users who were deleted stay deleted as long as the key is stored.
 */
export async function seed({ dynamodb, directory, instance, now }: SeedOptions): Promise<Seed> {
  const at = epochMs(now);
  const newIds = () => JSON.stringify({ keyId: newId('key', at), userIds: people.map(() => newId('user', at)) });
  const secretKey = await readOrCreate(directory.secretKey, () => newSecretKey('test'));
  const { keyId, userIds } = v.parse(storedSchema, JSON.parse(await readOrCreate(directory.seed, newIds)));
  const hash = secretKeyHash(secretKey);
  // The functions do not accept a key of another generation.
  const { generation, tables } = instance;

  const TableName = tables.secretKeys;
  const Key = marshall({ hash });
  const found = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  if (found.Item?.generation?.N === String(generation)) return { secretKey, userIds };

  const users = people.map((person, position) => userOf(person, userIds[position] ?? newId('user', at), at));
  await storeUsers(dynamodb, tables.users, users);
  // The key is stored last, because it marks the users as stored.
  const key: SecretKey = {
    id: keyId,
    name: 'local',
    scopes: secretKeyScopes,
    createdAt: at,
    expiresAt: undefined,
    generation,
    revokedAt: undefined,
  };
  await dynamodb.send(new PutItemCommand({ TableName, Item: secretKeyItem(hash, key) }));
  return { secretKey, userIds };
}
