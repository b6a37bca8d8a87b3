// The names in the template for SAM are those of the tables and keys in the engines.
import { readFile } from 'node:fs/promises';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engines, startEngines } from '../../local/engines.ts';
import { type Instance, instanceFrom } from '../../shared/base/instance.ts';
import { temporaryDirectory } from './tiny-stack.ts';

const client = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 };

interface Resource {
  readonly Type: string;
  readonly Properties: { readonly Environment?: { readonly Variables: Readonly<Record<string, string>> } };
}

let engines: Engines;
/** The instance that the template describes to the functions. */
let instance: Instance;

beforeAll(async () => {
  const dir = await temporaryDirectory();
  engines = await startEngines({ dir, host: '127.0.0.1', ports: { dynamodb: 0, kms: 0 } });
  const { Resources } = JSON.parse(await readFile(engines.template, 'utf8'));
  const functions = Object.values<Resource>(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  instance = instanceFrom(Object.assign({}, ...functions.map(({ Properties }) => Properties.Environment?.Variables)));
});

afterAll(() => engines.stop());

test('the local KMS has every key that the template for SAM names', async () => {
  const kms = new KMSClient({ ...client, endpoint: engines.endpoints.kms });
  const keyIds = [...instance.ticketKeyIds, ...instance.sessionKeyIds];

  const keys = await Promise.all(keyIds.map((KeyId) => kms.send(new GetPublicKeyCommand({ KeyId }))));

  expect(keyIds).toHaveLength(2);
  for (const { PublicKey } of keys) expect(PublicKey?.length).toBeGreaterThan(0);
});

test('the engine has every table that the template for SAM names', async () => {
  const dynamodb = new DynamoDBClient({ ...client, endpoint: engines.endpoints.dynamodb });
  const names = Object.values(instance.tables);

  const tables = await Promise.all(names.map((TableName) => dynamodb.send(new DescribeTableCommand({ TableName }))));

  expect(tables.map(({ Table }) => Table?.TableName)).toEqual(names);
});
