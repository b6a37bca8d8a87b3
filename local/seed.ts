import { readFile } from 'node:fs/promises';
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { type Id, isId, newId, type SecretKeyId, type UserId } from '../shared/base/ids.ts';
import { type EpochMs, epochMs } from '../shared/base/time.ts';
import { newSecretKey, secretKeyHash } from '../shared/secret-keys/secret.ts';
import { secretKeyItem } from '../shared/secret-keys/secret-key-record.ts';
import type { User } from '../shared/users/user.ts';
import { externalIdGuardKey, userItem } from '../shared/users/user-record.ts';
import type { Directory } from './directory.ts';
import { writePrivateFile } from './private-file.ts';

/** What a first start puts into the tables, so that there is someone to impersonate and a key to do it with. */
export interface Seed {
  readonly secretKey: string;
  readonly userIds: readonly string[];
}

export interface SeedOptions {
  readonly dynamodb: DynamoDBClient;
  readonly directory: Directory;
  readonly tables: { readonly users: string; readonly secretKeys: string };
  /** The deployment's configured generation; a key of another one is not accepted. */
  readonly generation: number;
  readonly now: number;
}

interface Person {
  readonly firstName: string;
  readonly lastName: string;
  /** Has set up a second factor, which a ticket bypasses. */
  readonly hasSecondFactor: boolean;
}

const people: readonly Person[] = [
  { firstName: 'Ada', lastName: 'Lovelace', hasSecondFactor: false },
  { firstName: 'Grace', lastName: 'Hopper', hasSecondFactor: true },
  { firstName: 'Mary', lastName: 'Jackson', hasSecondFactor: false },
];

const stored = v.object({
  keyId: v.custom<SecretKeyId>((id) => isId('key', id)),
  userIds: v.array(v.custom<UserId>((id) => isId('user', id))),
});

async function storedOr(path: string, draw: () => string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text !== undefined) return text.trim();
  const drawn = draw();
  await writePrivateFile(path, `${drawn}\n`);
  return drawn;
}

function userOf({ firstName, lastName, hasSecondFactor }: Person, id: UserId, emailId: Id<'idn'>, now: EpochMs): User {
  return {
    id,
    externalId: `customer_${firstName.toLowerCase()}`,
    username: null,
    firstName,
    lastName,
    emailAddresses: [{ id: emailId, value: `${firstName.toLowerCase()}@example.com` }],
    phoneNumbers: [],
    totpEnabled: hasSecondFactor,
    backupCodeEnabled: hasSecondFactor,
    publicMetadata: {},
    privateMetadata: {},
    unsafeMetadata: {},
    banned: false,
    bannedAt: undefined,
    unbannedAt: undefined,
    createdAt: now,
    updatedAt: now,
  };
}

/**
 * Puts three users and one secret key into the tables, once: ids and key are kept in the directory, so that a restart gives the
 * same ones, and users who were deleted since stay deleted while the key is there.
 */
export async function seed({ dynamodb, directory, tables, generation, now }: SeedOptions): Promise<Seed> {
  const at = epochMs(now);
  const draw = () => JSON.stringify({ keyId: newId('key', at), userIds: people.map(() => newId('user', at)) });
  const secretKey = await storedOr(directory.secretKey, newSecretKey);
  const { keyId, userIds } = v.parse(stored, JSON.parse(await storedOr(directory.seed, draw)));
  const hash = secretKeyHash(secretKey);

  const Key = marshall({ hash });
  const found = await dynamodb.send(new GetItemCommand({ TableName: tables.secretKeys, Key, ConsistentRead: true }));
  if (found.Item?.generation?.N === String(generation)) return { secretKey, userIds };

  for (const [position, person] of people.entries()) {
    const user = userOf(person, userIds[position] ?? newId('user', at), newId('idn', at), at);
    const guard = { ...externalIdGuardKey(user.externalId ?? ''), user_id: user.id };
    await dynamodb.send(new PutItemCommand({ TableName: tables.users, Item: userItem(user) }));
    await dynamodb.send(new PutItemCommand({ TableName: tables.users, Item: marshall(guard) }));
  }
  // Last, because its presence says that the users were stored.
  const Item = secretKeyItem(hash, { id: keyId, name: 'local', createdAt: at, generation, revokedAt: undefined });
  await dynamodb.send(new PutItemCommand({ TableName: tables.secretKeys, Item }));
  return { secretKey, userIds };
}
